"""Uploads by others' clients to a real server, which is killed in the middle."""

from __future__ import annotations

import hashlib
import itertools
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import select
from tusclient.client import TusClient

from pansori.bootstrap import assemble
from pansori.db.tables import Asset
from pansori.domain.units import Seconds
from pansori.settings import load
from support.media import tone, wave_file
from support.memory import Memory
from support.server import Server, running
from support.uploads import MEBIBYTE, PIECE, TUS
from support.waiting import eventually

SIZE = 12 * MEBIBYTE + 7
ENORMOUS = 96 * MEBIBYTE


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sound.flac"
    path.write_bytes(b"fLaC" + os.urandom(SIZE - 4))
    return path


def client_of(server: Server) -> TusClient:
    return TusClient(f"{server.url}/v1/uploads/tus")


def asset_of(server: Server, url: str) -> Any:
    return server.get(url.removeprefix(server.url).replace("/tus", "")).json()["asset"]


def test_an_interrupted_client_goes_on(idle_server: Server, file: Path) -> None:
    with file.open("rb") as stream:
        client = client_of(idle_server)
        named = {"filename": "sound.flac"}
        first = client.uploader(file_stream=stream, chunk_size=MEBIBYTE, metadata=named, upload_checksum=True)
        first.upload(stop_at=5 * MEBIBYTE)
        url = first.url
        assert url is not None
        assert asset_of(idle_server, url) is None
        second = client.uploader(file_stream=stream, chunk_size=4 * MEBIBYTE, url=url)
        assert second.offset == 5 * MEBIBYTE
        second.upload()
    told = asset_of(idle_server, url)
    assert told["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (told["name"], told["media_type"]) == ("sound.flac", "audio/flac")


def test_what_came_in_pieces_is_analysed(shared_server: Server, tmp_path: Path) -> None:
    with wave_file(tmp_path / "a.wav", tone(0.5)).open("rb") as stream:
        uploader = client_of(shared_server).uploader(file_stream=stream, chunk_size=10_000)
        uploader.upload()
    asset = asset_of(shared_server, str(uploader.url))
    task = {"asset_id": asset["id"], "engine": "debug"}
    job = shared_server.post("/v1/jobs", json={"kind": "analysis", "task": task}, headers={"Prefer": "wait=120"}).json()
    assert job["state"] == "succeeded", job
    assert job["task"]["sha256"] == asset["sha256"]


@pytest.mark.parametrize("by", ["form", "tus"])
def test_a_large_file_takes_little_memory(idle_server: Server, tmp_path: Path, by: str) -> None:
    with (tmp_path / "sound.bin").open("wb") as file:
        file.truncate(ENORMOUS)
    assert idle_server.process is not None
    memory = Memory(idle_server.process.pid)
    with (tmp_path / "sound.bin").open("rb") as file:
        if by == "form":
            head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
            body = itertools.chain([head], iter(lambda: file.read(MEBIBYTE), b""), [b"\r\n--b--\r\n"])
            kind = {"Content-Type": "multipart/form-data; boundary=b"}
            told = idle_server.post("/v1/assets", data=body, headers=kind).json()
        else:
            uploader = client_of(idle_server).uploader(file_stream=file, chunk_size=ENORMOUS)
            uploader.upload()
            told = asset_of(idle_server, str(uploader.url))
    assert told["size"] == ENORMOUS
    assert memory.taken() < ENORMOUS / 3
    (stored,) = (idle_server.folder / "data/assets").rglob(f"{told['id']}.*")
    stored.unlink()  # it would take room until the tests are over


class Sending:
    """A request whose body stops before its end, until the server is gone."""

    def __init__(self, method: str, url: str, headers: dict[str, str], body: bytes) -> None:
        self.over = threading.Event()
        self._body = body
        self._thread = threading.Thread(target=self._send, args=(method, url, headers))
        self._thread.start()

    def _pieces(self) -> Iterator[bytes]:
        yield self._body
        self.over.wait()

    def _send(self, method: str, url: str, headers: dict[str, str]) -> None:
        try:
            requests.request(method, url, headers=headers, data=self._pieces(), timeout=120)
        except requests.RequestException:
            return  # which was meant

    def end(self) -> None:
        self.over.set()
        self._thread.join()


def test_a_server_killed_in_the_middle(tmp_path: Path) -> None:
    """The resumable upload goes on where it was safely stored; of the form nothing is left after a while."""
    data = b"fLaC" + os.urandom(52 * MEBIBYTE)
    (tmp_path / "sound.flac").write_bytes(data)
    settings = load(data_dir=tmp_path / "data")
    with running(tmp_path, {"PANSORI_WORKERS": "0"}, until_ready=False) as server:
        made = server.post("/v1/uploads/tus", headers={**TUS, "Upload-Length": str(len(data))})
        url = server.url + made.headers["Location"]

        def offset() -> int:
            return int(requests.head(url, headers=TUS, timeout=60).headers["Upload-Offset"])

        form = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n' + data
        kind = {"Content-Type": "multipart/form-data; boundary=b"}
        tus = Sending("PATCH", url, {**PIECE, "Upload-Offset": "0"}, data[:-10])
        sent = Sending("POST", f"{server.url}/v1/assets", kind, form)
        eventually(lambda: offset() >= 32 * MEBIBYTE, timeout=120)
        eventually(lambda: len(list((tmp_path / "data/assets/.incoming").iterdir())) == 2)
        server.kill_all()
        for one in (tus, sent):
            one.end()
        server.start(until_ready=False)
        with (tmp_path / "sound.flac").open("rb") as stream:
            resumed = client_of(server).uploader(file_stream=stream, url=url, retries=60, retry_delay=1)
            assert 32 * MEBIBYTE <= resumed.offset < len(data)
            resumed.upload()
        told = asset_of(server, url)
        assert told["sha256"] == hashlib.sha256(data).hexdigest()
        assert hashlib.sha256(server.get(told["content"]).content).hexdigest() == told["sha256"]
    services = assemble(settings)
    assert services.assets.collect(Seconds(0.0)) == 1
    (left,) = (tmp_path / "data/assets/.incoming").iterdir()
    os.utime(left, (0, 0))
    assert services.assets.sweep() == 1
    with services.database.read() as session:
        assert [str(one) for one in session.scalars(select(Asset.id))] == [told["id"]]
    assert len(list(services.store.keys())) == 1
    services.close()
