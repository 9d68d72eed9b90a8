"""`pansori serve --tls-cert`: HTTPS without a proxy, for browsers give microphones to nobody else."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from support.certificates import Certificates, issued
from support.command import Inside
from support.server import Server, running
from support.talking import talking


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return issued(tmp_path_factory.mktemp("certificates"), "127.0.0.1")


@pytest.fixture
def server(files: Certificates, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(files.ca))
    arguments = ("--tls-cert", str(files.cert), "--tls-key", str(files.key), "--workers", "0")
    with running(tmp_path, arguments=arguments, until_ready=False, scheme="https") as started:
        yield started


def test_pages_streams_and_files_come_by_https(server: Server, files: Certificates) -> None:
    assert server.get("/docs").status_code == 200
    stored = server.post("/v1/assets", files={"file": ("a.txt", b"x" * 300_000)}).json()
    assert server.get(f"/v1/assets/{stored['id']}/content").content == b"x" * 300_000
    assert server.url in server.log
    with talking(server.url, ssl=ssl.create_default_context(cafile=files.ca)) as talker:
        assert talker.start()["type"] == "ready"
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url.replace("https", "http"), timeout=60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tls-cert", "nothing.pem"), "No such file"),
        (("--tls-cert", "{files.cert}"), "certificate cannot be used"),
        (("--tls-cert", "{files.cert}", "--tls-key", "{files.ca}"), "certificate cannot be used"),
        (("--tls-key", "{files.key}"), "no certificate"),
    ],
)
def test_a_certificate_that_is_none_is_refused(
    arguments: tuple[str, ...], said: str, files: Certificates, tmp_path: Path
) -> None:
    command = Inside(tmp_path, {"PANSORI_DATA_DIR": str(tmp_path / "data")})
    told = command.run("serve", "--port", "0", *(one.format(files=files) for one in arguments))
    assert told.returncode == 6
    [line] = told.stderr.splitlines()
    assert said in line
    assert "PANSORI_TLS_CERT" in line
