"""What uploads keep to, whatever store is behind them. Inherit it and say which."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from pansori.db.tables import Upload
from pansori.domain.units import Seconds
from pansori.settings import load
from support.uploads import MEBIBYTE, PIECE, TUS, House, UploadServer, serving_uploads

pytestmark = pytest.mark.anyio
LARGE = 9 * MEBIBYTE + 5  #: more than a part in an S3 store
PARTED = 17 * MEBIBYTE + 5  #: more than a part that clients send


def sum_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def sound(size: int) -> bytes:
    return b"fLaC" + os.urandom(size - 4)


class UploadSuite(ABC):
    @pytest.fixture(scope="class")
    @classmethod
    @abstractmethod
    def place(cls, request: pytest.FixtureRequest) -> Any:
        """Settings that say where files are."""

    @pytest.fixture(scope="class")
    @classmethod
    def servers(
        cls, tmp_path_factory: pytest.TempPathFactory, place: dict[str, Any]
    ) -> Iterator[tuple[UploadServer, UploadServer]]:
        """Two of one installation."""
        folder = tmp_path_factory.mktemp("uploads")
        settings = load(**{"data_dir": folder, "workers": 0, "max_upload": 24 * MEBIBYTE, **place})
        with serving_uploads(settings) as one, serving_uploads(settings) as two:
            yield one, two

    @pytest.fixture
    async def house(self, servers: tuple[UploadServer, UploadServer]) -> AsyncIterator[House]:
        async with servers[0].open() as house:
            yield house
        servers[0].clear()

    @pytest.fixture
    async def other(self, house: House, servers: tuple[UploadServer, UploadServer]) -> AsyncIterator[House]:
        """Another server of the same installation."""
        async with servers[1].open() as other:
            yield other

    # -- in a form ------------

    @pytest.mark.parametrize("size", [5, MEBIBYTE + 1, LARGE])
    async def test_a_file_in_a_form(self, house: House, size: int) -> None:
        data = sound(size)
        answer = await house.client.post("/v1/assets", files={"file": ("한글 노래.flac", data)}, data={"note": "x"})
        assert answer.status_code == 201, answer.text
        told = answer.json()
        assert (told["size"], told["sha256"], told["media_type"]) == (size, sum_of(data), "audio/flac")
        assert told["name"] == "한글 노래.flac"
        assert (await house.client.get(told["content"])).content == data
        assert len(house.keys()) == len(house.rows()) == 1

    @pytest.mark.parametrize("sent", [100, LARGE])
    async def test_a_client_that_leaves_leaves_nothing(self, house: House, sent: int) -> None:
        head = b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.wav"\r\n\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=b", "Content-Length": str(20 * MEBIBYTE)}
        await house.leave("POST", "/v1/assets", headers, [head, *pieces(os.urandom(sent))])
        assert not house.keys()
        assert not house.rows()

    # -- by tus ------------

    @pytest.mark.parametrize("piece", [5 * MEBIBYTE, LARGE])
    async def test_piece_after_piece(self, house: House, piece: int) -> None:
        data = sound(LARGE)
        path = await house.begin(LARGE)
        answer = None
        for at in range(0, LARGE, piece):
            assert await house.offset(path) == at
            answer = await house.patch(path, at, data[at : at + piece])
            assert answer.status_code == 204, answer.text
            assert answer.headers["Upload-Offset"] == str(min(at + piece, LARGE))
        assert answer is not None
        told = (await house.client.get(answer.headers["Content-Location"])).json()
        assert (told["size"], told["sha256"], told["media_type"]) == (LARGE, sum_of(data), "audio/flac")
        assert told["name"] == "소리.wav"
        assert (await house.client.get(told["content"])).content == data
        assert (await house.client.get(path.replace("/tus", ""))).json()["asset"] == told
        assert len(house.keys()) == 1

    async def test_servers_take_turns(self, house: House, other: House) -> None:
        """Neither has seen all of the file, so its SHA-256 is read from the store."""
        data = sound(LARGE)
        path = await house.begin(LARGE)
        for number, at in enumerate(range(0, LARGE, 3 * MEBIBYTE)):
            answer = await (house, other)[number % 2].patch(path, at, data[at : at + 3 * MEBIBYTE])
            assert answer.status_code == 204, answer.text
        told = (await house.client.get(path.replace("/tus", ""))).json()["asset"]
        assert told["sha256"] == sum_of(data)
        assert b"".join(house.services.store.read(house.keys()[0])) == data

    @pytest.mark.parametrize("cut", [3, 8 * MEBIBYTE + 11])
    async def test_what_came_before_the_client_left_counts(self, house: House, other: House, cut: int) -> None:
        data = sound(LARGE)
        path = await house.begin(LARGE)
        await house.leave("PATCH", path, {**PIECE, "Upload-Offset": "0"}, pieces(data[:cut]))
        assert await other.offset(path) == cut
        assert (await other.patch(path, cut, data[cut:])).status_code == 204
        assert b"".join(house.services.store.read(house.keys()[0])) == data
        assert [row.sha256 for row in house.rows()] == [sum_of(data)]

    @pytest.mark.parametrize("size", [0, 100])
    async def test_small_files(self, house: House, size: int) -> None:
        data = b"x" * size
        path = await house.begin(size)
        if size:
            assert (await house.patch(path, 0, data)).status_code == 204
        told = (await house.client.get(path.replace("/tus", ""))).json()
        assert (told["state"], told["asset"]["size"], told["asset"]["sha256"]) == ("complete", size, sum_of(data))

    async def test_a_length_said_later(self, house: House) -> None:
        data = sound(10 * MEBIBYTE)
        path = await house.begin(None)
        assert (await house.patch(path, 0, data[:9_000_000])).status_code == 204
        looked = await house.client.head(path, headers=TUS)
        assert (looked.headers["Upload-Defer-Length"], "Upload-Length" in looked.headers) == ("1", False)
        answer = await house.patch(path, 9_000_000, data[9_000_000:], **{"Upload-Length": str(len(data))})
        assert answer.status_code == 204
        assert b"".join(house.services.store.read(house.keys()[0])) == data

    @pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
    async def test_checksums(self, house: House, algorithm: str) -> None:
        data = sound(9 * MEBIBYTE)
        path = await house.begin(len(data))
        digest = hashlib.new(algorithm, data[:100]).digest()
        said = {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}
        assert (await house.patch(path, 0, b"?" * 100, **said)).status_code == 460
        assert await house.offset(path) == 0
        assert (await house.patch(path, 0, data[:100], **said)).status_code == 204
        digest = hashlib.new(algorithm, data[100:]).digest()
        said = {"Upload-Checksum": f"{algorithm} {base64.b64encode(digest).decode()}"}
        wrong = bytes(len(data) - 100)
        assert (await house.patch(path, 100, wrong, **said)).status_code == 460
        assert await house.offset(path) == 100
        assert (await house.patch(path, 100, data[100:], **said)).status_code == 204
        assert b"".join(house.services.store.read(house.keys()[0])) == data

    async def test_an_upload_ended_leaves_nothing(self, house: House) -> None:
        path = await house.begin(LARGE)
        await house.patch(path, 0, sound(9 * MEBIBYTE))
        assert (await house.client.delete(path, headers=TUS)).status_code == 204
        assert (await house.client.head(path, headers=TUS)).status_code == 404
        assert not house.keys()
        assert not house.rows()
        assert not house.uploads()

    async def test_an_upload_that_nobody_goes_on_with_expires(self, house: House) -> None:
        kept, left = await house.begin(LARGE), await house.begin(LARGE)
        for path in (kept, left):
            assert (await house.patch(path, 0, sound(MEBIBYTE))).status_code == 204
        house.services.uploads.expire()
        house.services.assets.collect()
        assert len(house.uploads()) == 2
        with house.services.database.write() as session:
            past = house.services.database.now(session) - timedelta(seconds=1)
            session.execute(update(Upload).where(Upload.id == UUID(left.rpartition("/")[2])).values(expires_at=past))
        house.services.uploads.expire()
        assert (await house.client.head(left, headers=TUS)).status_code == 404
        assert await house.offset(kept) == MEBIBYTE
        assert len(house.rows()) == len(house.uploads()) == 1

    async def test_with_an_account_goes_what_it_has_begun(self, house: House) -> None:
        path = await house.begin(LARGE)
        assert (await house.patch(path, 0, sound(MEBIBYTE))).status_code == 204
        house.services.uploads.end_all(house.rows()[0].owner)
        assert not house.keys()
        assert not house.rows()
        assert not house.uploads()

    async def test_a_server_that_died_before_the_end(self, house: House, other: House) -> None:
        """Between the last byte and the file there is a moment: whoever looks next finishes it."""
        data = sound(9 * MEBIBYTE)
        await house.begin(len(data))
        uploads = house.services.uploads
        upload = house.uploads()[0]
        with uploads.appending(None, upload.id, 0) as appending:
            appending.write(data)
            appending.keep()
        assert house.uploads()[0].state == "open"
        other.services.uploads.expire()
        assert house.uploads()[0].state == "complete"
        assert b"".join(house.services.store.read(house.keys()[0])) == data

    async def test_a_sweep_keeps_what_still_comes(self, house: House) -> None:
        data = sound(LARGE)
        path = await house.begin(LARGE)
        assert (await house.patch(path, 0, data[: 9 * MEBIBYTE])).status_code == 204
        key = house.rows()[0].key
        assert house.services.store.sweep_unfinished(Seconds(-60.0), keep=[key]) == 0
        house.services.assets.sweep()
        assert not list(house.services.assets.strays(Seconds(-60.0)))
        assert (await house.patch(path, 9 * MEBIBYTE, data[9 * MEBIBYTE :])).status_code == 204
        assert b"".join(house.services.store.read(key)) == data

    # -- in parts ------------

    async def test_parts_in_any_order(self, house: House) -> None:
        data = sound(PARTED)
        begun = await house.client.post("/v1/uploads", json={"name": "a.flac", "size": PARTED})
        assert begun.status_code == 201, begun.text
        told = begun.json()
        assert [(part["from"], part["to"]) for part in told["parts"]] == [(0, 16 * MEBIBYTE), (16 * MEBIBYTE, PARTED)]
        place = begun.headers["Location"]
        early = await house.client.post(f"{place}/complete")
        assert (early.status_code, early.json()["field"]) == (409, "parts")
        tags = [
            {"number": part["number"], "etag": await self.put(house, part["url"], data[part["from"] : part["to"]])}
            for part in reversed(told["parts"])
        ]
        wrong = [{**tags[0], "etag": "0" * 32}, tags[1]]
        assert (await house.client.post(f"{place}/complete", json={"parts": wrong})).status_code == 422
        done = await house.client.post(f"{place}/complete", json={"parts": tags})
        assert done.status_code == 200, done.text
        asset = done.json()
        assert (asset["size"], asset["sha256"], asset["name"]) == (PARTED, sum_of(data), "a.flac")
        assert (await house.client.get(asset["content"])).content == data
        assert (await house.client.post(f"{place}/complete", json={"parts": tags})).json() == asset
        assert (await house.client.get(place)).json()["asset"] == asset

    async def test_parts_given_up(self, house: House) -> None:
        begun = (await house.client.post("/v1/uploads", json={"name": "a.flac", "size": PARTED})).json()
        await self.put(house, begun["parts"][1]["url"], bytes(PARTED - 16 * MEBIBYTE))
        assert (await house.client.get(f"/v1/uploads/{begun['id']}")).json()["stored"] == [2]
        assert [one["id"] for one in (await house.client.get("/v1/uploads")).json()["uploads"]] == [begun["id"]]
        assert (await house.client.delete(f"/v1/uploads/{begun['id']}")).status_code == 204
        assert (await house.client.get(f"/v1/uploads/{begun['id']}")).status_code == 404
        assert not house.keys()
        assert not house.rows()

    @abstractmethod
    async def put(self, house: House, url: str, data: bytes) -> str:
        """PUT a part to its address, and return its ETag."""


def pieces(data: bytes) -> Iterator[bytes]:
    """As a server gets them."""
    for at in range(0, len(data), 65_536):
        yield data[at : at + 65_536]


def path_of(url: str) -> str:
    """Of an address at our own server."""
    return re.sub(r"^https?://[^/]+", "", url)
