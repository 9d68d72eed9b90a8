"""Stored files over a real connection: whole, in parts, to clients that leave, and where something is wrong."""

from __future__ import annotations

import hashlib
import http.client
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import pytest
import requests

from pansori.accounts import local_account
from pansori.bootstrap import build
from pansori.settings import Settings
from support.server import Server, running
from support.waiting import eventually

SIZE = 24 * 1024 * 1024 + 5  #: more than sockets take at once
CORNERS = ((0, 1), (0, 65_536), (1, 2), (SIZE - 1, SIZE), (SIZE // 2, SIZE), (1000, SIZE - 1000))


@dataclass(frozen=True)
class Stored:
    path: str
    file: Path
    data: bytes


class Keeper:
    """Puts files into a server's store."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.server = server
        self._source = folder / "source"
        self._services = build(Settings.model_validate({"data_dir": server.folder / "data"}))
        with self._services.database.write() as session:
            self._owner = local_account(session)

    def store(self, size: int = SIZE) -> Stored:
        data = os.urandom(size)
        self._source.write_bytes(data)
        assets = self._services.assets
        asset = assets.write(self._owner, "file.bin", self._source)
        with self._services.database.write() as session:
            assets.commit(session, [asset])
            info = assets.info(session, asset)
        file = assets.local_path(info)
        assert file is not None
        return Stored(f"/v1/assets/{asset}/content", file, data)

    def forget(self, stored: Stored) -> None:
        with self._services.database.write() as session:
            self._services.assets.retire(session, [UUID(stored.path.split("/")[3])])
        self._services.assets.collect()

    def close(self) -> None:
        self._services.close()


@pytest.fixture(scope="module")
def keeper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Keeper]:
    settings = {"PANSORI_WORKERS": "0"}
    with running(tmp_path_factory.mktemp("files"), settings, until_ready=False) as server:
        made = Keeper(server, tmp_path_factory.mktemp("source"))
        yield made
        made.close()


@pytest.fixture(scope="module")
def stored(keeper: Keeper) -> Stored:
    return keeper.store()


@contextmanager
def connection(keeper: Keeper) -> Iterator[http.client.HTTPConnection]:
    opened = http.client.HTTPConnection("127.0.0.1", keeper.server.port, timeout=120)
    try:
        yield opened
    finally:
        opened.close()


def test_the_whole_file_comes(keeper: Keeper, stored: Stored) -> None:
    got = keeper.server.get(stored.path)
    assert got.status_code == 200
    assert hashlib.sha256(got.content).hexdigest() == got.headers["ETag"].strip('"')
    assert got.content == stored.data


def test_one_connection_serves_many_parts(keeper: Keeper, stored: Stored) -> None:
    with connection(keeper) as client:
        for start, end in CORNERS:
            client.request("GET", stored.path, headers={"Range": f"bytes={start}-{end - 1}"})
            answer = client.getresponse()
            assert answer.status == 206
            assert answer.read() == stored.data[start:end]
        client.request("HEAD", stored.path)
        head = client.getresponse()
        assert (head.status, head.read(), int(head.headers["Content-Length"])) == (200, b"", SIZE)
        client.request("GET", "/ready")
        assert client.getresponse().status in (200, 503)


def test_an_empty_file(keeper: Keeper) -> None:
    empty = keeper.store(0)
    with connection(keeper) as client:
        for _ in range(2):
            client.request("GET", empty.path)
            answer = client.getresponse()
            assert (answer.status, answer.read(), answer.headers["Content-Length"]) == (200, b"", "0")


def test_requests_that_come_at_once_are_answered_in_turn(keeper: Keeper, stored: Stored) -> None:
    asked = f"GET {stored.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=0-999999\r\n\r\n".encode()
    last = f"GET {stored.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nRange: bytes=5-9\r\nConnection: close\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", keeper.server.port), timeout=120) as client:
        client.sendall(asked + asked + last)
        received = b"".join(iter(lambda: client.recv(65_536), b""))
    assert received.count(b"HTTP/1.1 206") == 3
    assert received.count(stored.data[:1_000_000]) == 2
    assert received.endswith(stored.data[5:10])


def test_a_client_that_leaves_troubles_nobody(keeper: Keeper, stored: Stored) -> None:
    for _ in range(5):
        with requests.get(keeper.server.url + stored.path, stream=True, timeout=120) as got:
            assert next(got.iter_content(1000)) == stored.data[:1000]
    assert keeper.server.get(stored.path).content == stored.data
    assert "Traceback" not in keeper.server.log


def test_a_file_that_is_deleted_meanwhile_is_read_to_its_end(keeper: Keeper) -> None:
    gone = keeper.store()
    with requests.get(keeper.server.url + gone.path, stream=True, timeout=120) as got:
        pieces = got.iter_content(65_536)
        first = next(pieces)
        keeper.forget(gone)
        assert not gone.file.exists()
        assert first + b"".join(pieces) == gone.data
    assert keeper.server.get(gone.path).status_code == 404


def test_a_file_that_is_too_short_ends_the_connection(keeper: Keeper) -> None:
    """Its headers have promised more, so the client has to learn that it has not got it all."""
    short = keeper.store()
    with short.file.open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        keeper.server.get(short.path)
    eventually(lambda: "1000000 of its" in keeper.server.log)


def test_a_file_that_is_missing_is_not_found(keeper: Keeper) -> None:
    lost = keeper.store(10)
    lost.file.unlink()
    assert keeper.server.get(lost.path).status_code == 404
