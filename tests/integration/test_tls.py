"""`pansori serve --tls-cert`: HTTPS without a proxy, for browsers give microphones to nobody else."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import trustme

from support.command import Inside
from support.server import Server, running
from support.talking import talking


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def files(authority: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """`cert.pem`, `key.pem`, both in `both.pem`, and `ca.pem` by which they are trusted."""
    folder = tmp_path_factory.mktemp("certificates")
    issued = authority.issue_cert("127.0.0.1")
    issued.cert_chain_pems[0].write_to_path(str(folder / "cert.pem"))
    issued.private_key_pem.write_to_path(str(folder / "key.pem"))
    issued.private_key_and_cert_chain_pem.write_to_path(str(folder / "both.pem"))
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return folder


@pytest.fixture
def server(files: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(files / "ca.pem"))
    arguments = ("--tls-cert", str(files / "cert.pem"), "--tls-key", str(files / "key.pem"), "--workers", "0")
    with running(tmp_path, arguments=arguments, until_ready=False, scheme="https") as started:
        yield started


def test_pages_streams_and_files_come_by_https(server: Server, files: Path) -> None:
    assert server.get("/docs").status_code == 200
    stored = server.post("/v1/assets", files={"file": ("a.txt", b"x" * 300_000)}).json()
    assert server.get(f"/v1/assets/{stored['id']}/content").content == b"x" * 300_000
    assert server.url in server.log
    with talking(server.url, ssl=ssl.create_default_context(cafile=files / "ca.pem")) as talker:
        assert talker.start()["type"] == "ready"
    with pytest.raises(requests.ConnectionError):
        requests.get(server.url.replace("https", "http"), timeout=60)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--tls-cert", "nothing.pem"), "No such file"),
        (("--tls-cert", "{files}/cert.pem"), "certificate cannot be used"),
        (("--tls-cert", "{files}/cert.pem", "--tls-key", "{files}/ca.pem"), "certificate cannot be used"),
        (("--tls-key", "{files}/key.pem"), "no certificate"),
    ],
)
def test_a_certificate_that_is_none_is_refused(
    arguments: tuple[str, ...], said: str, files: Path, tmp_path: Path
) -> None:
    command = Inside(tmp_path, {"PANSORI_DATA_DIR": str(tmp_path / "data")})
    told = command.run("serve", "--port", "0", *(one.format(files=files) for one in arguments))
    assert told.returncode == 6
    [line] = told.stderr.splitlines()
    assert said in line
    assert "PANSORI_TLS_CERT" in line
