"""What is refused of files that come: said why and how to mend it, and nothing of it kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sqlalchemy import update

from pansori.db.tables import Upload
from pansori.media import Quotas
from pansori.settings import load
from support.upload_suite import path_of, pieces
from support.uploads import MEBIBYTE, PIECE, TUS, House, UploadServer, serving_uploads

pytestmark = pytest.mark.anyio
LIMIT = 2 * MEBIBYTE


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UploadServer]:
    settings = load(data_dir=tmp_path_factory.mktemp("uploads"), workers=0, max_upload=LIMIT)
    with serving_uploads(settings) as server:
        yield server


@pytest.fixture
async def house(server: UploadServer) -> AsyncIterator[House]:
    async with server.open() as house:
        yield house
        assert not list((house.services.settings.data_dir / "assets/.incoming").iterdir())
    server.clear()


@pytest.fixture
def quota(server: UploadServer) -> Iterator[None]:
    """There is room for a mebibyte."""
    before = server.services.assets.quotas
    server.services.assets.quotas = Quotas(account=MEBIBYTE)
    yield
    server.services.assets.quotas = before


# -- forms ------------


def form(*parts: tuple[str, bytes], boundary: str = "b", end: str = "--") -> bytes:
    """A body: of each part its Content-Disposition, and what is in it."""
    told = b"".join(
        f"--{boundary}\r\nContent-Disposition: {said}\r\n\r\n".encode() + data + b"\r\n" for said, data in parts
    )
    return told + f"--{boundary}{end}\r\n".encode()


FILE = 'form-data; name="file"; filename="a.wav"'
OTHER = 'form-data; name="audio"; filename="a.wav"'
FORM = "multipart/form-data; boundary=b"
SEVERAL_FIELDS = [(f'form-data; name="f{number}"', b"x") for number in range(60)]


@pytest.mark.parametrize(
    ("kind", "body", "said"),
    [
        ("application/json", b"{}", "multipart/form-data"),
        ("", b"", "multipart/form-data"),
        ("multipart/form-data", form((FILE, b"x")), "boundary"),
        (FORM, form((OTHER, b"x")), "audio"),
        (FORM, form(('form-data; name="note"', b"x")), "note"),
        (FORM, form(('form-data; name="file"', b"x")), "not words"),
        (FORM, form(end="--"), "no file"),
        (FORM, form((FILE, b"")), "empty"),
        (FORM, form((FILE, b"x"), (FILE, b"y")), "one file"),
        (FORM, form((FILE, b"x"), (OTHER, b"y")), "audio"),
        (FORM, form((FILE, b"x"), boundary="another"), "no form"),
        (FORM, form((FILE, b"x" * 100_000))[:50_000], "broken off"),
        (FORM, form((FILE, b"x"), end=""), "broken off"),
        (FORM, b"\0" * 1000, "no form"),
        (FORM, form(*SEVERAL_FIELDS, (FILE, b"x")), "more in it"),
        (FORM, form((f'form-data; name="{"n" * 9000}"', b"x")), "no form"),
    ],
)
async def test_forms_that_are_none(house: House, kind: str, body: bytes, said: str) -> None:
    answer = await house.client.post("/v1/assets", content=body, headers={"Content-Type": kind})
    assert answer.status_code == 422, answer.text
    told = answer.json()
    assert said in told["detail"], told
    assert told["field"] == "file"
    assert "curl -F" in told["cure"]
    assert not house.rows()


async def test_a_field_that_is_too_long_is_named(house: House) -> None:
    body = form(('form-data; name="note"', b"x" * 70_000), (FILE, b"x"))
    answer = await house.client.post("/v1/assets", content=body, headers={"Content-Type": FORM})
    told = answer.json()
    assert (answer.status_code, told["field"]) == (422, "note")
    assert "65,536 bytes" in told["detail"]
    assert "cure" not in told  # no file would mend it
    assert not house.rows()


@pytest.mark.parametrize("says_size", [True, False])
async def test_a_file_that_is_too_large(house: House, says_size: bool) -> None:
    body = form((FILE, bytes(LIMIT + 1)))
    content: Any = body if says_size else stream(body)
    answer = await house.client.post("/v1/assets", content=content, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (413, "media_too_large")
    assert "2,097,152" in answer.json()["detail"]
    assert "PANSORI_MAX_UPLOAD" in answer.json()["cure"]
    assert not house.rows()
    exact = await house.client.post("/v1/assets", content=form((FILE, bytes(LIMIT))), headers={"Content-Type": FORM})
    assert exact.status_code == 201


@pytest.mark.parametrize("says_size", [True, False])
async def test_a_file_that_does_not_fit_the_quota(house: House, quota: None, says_size: bool) -> None:
    body = form((FILE, bytes(MEBIBYTE + 1)))
    content: Any = body if says_size else stream(body)
    answer = await house.client.post("/v1/assets", content=content, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["code"]) == (507, "quota_exceeded")
    assert not house.rows()


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("../../etc/passwd.wav", "passwd.wav"),
        ("C:\\sounds\\노래.wav", "노래.wav"),
        ("a%22b.wav", "a_b.wav"),
        ("", "file"),
        ("\u202egpj.wav", "gpj.wav"),
    ],
)
async def test_names_are_made_safe(house: House, said: str, kept: str) -> None:
    said = said.replace("\\", "\\\\")
    body = form((f'form-data; name="file"; filename="{said}"', b"x"))
    answer = await house.client.post("/v1/assets", content=body, headers={"Content-Type": FORM})
    assert (answer.status_code, answer.json()["name"]) == (201, kept)


# -- tus ------------


async def test_what_is_spoken_is_discovered(house: House) -> None:
    answer = await house.client.options("/v1/uploads/tus")
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.headers["Tus-Max-Size"] == str(LIMIT)
    assert "creation-with-upload" in answer.headers["Tus-Extension"]
    assert "concatenation" not in answer.headers["Tus-Extension"]
    assert "sha1" in answer.headers["Tus-Checksum-Algorithm"].split(",")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 400),
        ({"Upload-Length": "-1"}, 400),
        ({"Upload-Length": "many"}, 400),
        ({"Upload-Length": "9" * 30}, 400),
        ({"Upload-Length": str(LIMIT + 1)}, 413),
        ({"Upload-Length": "1", "Upload-Metadata": "filename !!!"}, 400),
        ({"Upload-Length": "1", "Upload-Concat": "partial"}, 400),
        ({"Upload-Length": "1", "Tus-Resumable": "0.2.2"}, 412),
    ],
)
async def test_beginnings_that_are_refused(house: House, headers: dict[str, str], status: int) -> None:
    answer = await house.client.post("/v1/uploads/tus", headers={**TUS, **headers})
    assert answer.status_code == status, answer.text
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert answer.json()["detail"]
    if status == 412:
        assert answer.headers["Tus-Version"] == "1.0.0"
    assert not house.rows()


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Upload-Offset": "1"}, 409),
        ({"Upload-Offset": ""}, 400),
        ({"Upload-Offset": "x"}, 400),
        ({"Content-Type": "application/octet-stream"}, 415),
        ({"Tus-Resumable": "2.0.0"}, 412),
        ({"Upload-Checksum": "crc32 AAAA"}, 400),
        ({"Upload-Checksum": "sha1 ?"}, 400),
        ({"Upload-Checksum": "sha1 AAAA"}, 460),
        ({"Upload-Length": "5"}, 400),
    ],
)
async def test_pieces_that_are_refused(house: House, headers: dict[str, str], status: int) -> None:
    path = await house.begin(10)
    answer = await house.client.patch(path, content=b"abc", headers={**PIECE, "Upload-Offset": "0", **headers})
    assert answer.status_code == status, answer.text
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    assert await house.offset(path) == 0
    assert (await house.patch(path, 0, b"0123456789")).status_code == 204
    assert (await house.patch(path, 10, b"x")).status_code == 409


async def test_more_than_was_said(house: House) -> None:
    path = await house.begin(10)
    assert (await house.patch(path, 0, b"x" * 11)).status_code == 400
    assert await house.offset(path) == 0
    later = await house.begin(None)
    assert (await house.patch(later, 0, bytes(LIMIT + 1))).status_code == 413
    answer = await house.patch(later, await house.offset(later), b"", **{"Upload-Length": str(LIMIT + 1)})
    assert answer.status_code == 413
    await house.client.delete(later, headers=TUS)


async def test_the_first_bytes_may_come_along(house: House) -> None:
    headers = {**PIECE, "Upload-Length": "10"}
    answer = await house.client.post("/v1/uploads/tus", content=b"01234", headers=headers)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "5")
    answer = await house.patch(answer.headers["Location"], 5, b"56789")
    assert (await house.client.get(f"{answer.headers['Content-Location']}/content")).content == b"0123456789"
    assert "GMT" in answer.headers["Upload-Expires"]


async def test_a_client_that_has_no_other_methods(house: House) -> None:
    path = await house.begin(3)
    headers = {**PIECE, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert (await house.client.post(path, content=b"abc", headers=headers)).status_code == 204
    other = await house.client.post(path, headers={**TUS, "X-HTTP-Method-Override": "PURGE"})
    assert other.status_code == 405


async def test_what_was_said_is_told_again(house: House) -> None:
    path = await house.begin(10, name="소리.wav")
    looked = await house.client.head(path)
    assert looked.headers["Upload-Metadata"].startswith("filename ")
    assert looked.headers["Upload-Length"] == "10"
    assert looked.headers["Cache-Control"] == "no-store"
    assert (await house.client.get(path.replace("/tus", ""))).json()["name"] == "소리.wav"


@pytest.mark.parametrize("path", ["/v1/uploads/tus/x", "/v1/uploads/tus/00000000-0000-4000-8000-000000000001"])
async def test_no_such_upload(house: House, path: str) -> None:
    for method in ("HEAD", "PATCH", "DELETE"):
        assert (await house.client.request(method, path, headers=PIECE)).status_code == 404


async def test_the_quota_counts_from_the_beginning(house: House, quota: None) -> None:
    path = await house.begin(MEBIBYTE)
    full = await house.client.post("/v1/uploads/tus", headers={**TUS, "Upload-Length": "1"})
    assert (full.status_code, full.json()["code"]) == (507, "quota_exceeded")
    assert (await house.client.delete(path, headers=TUS)).status_code == 204
    later = await house.begin(None)
    assert (await house.patch(later, 0, bytes(MEBIBYTE + 1))).status_code == 507
    await house.client.delete(later, headers=TUS)


async def test_one_writes_at_a_time(house: House) -> None:
    """A second one is told to come back, and gets its turn when the first has fallen silent."""
    path = await house.begin(10)
    began, going_on = asyncio.Event(), asyncio.Event()

    async def slowly() -> AsyncIterator[bytes]:
        yield b"01234"
        began.set()
        await going_on.wait()
        yield b"56789"

    headers = {**PIECE, "Upload-Offset": "0"}
    first = asyncio.create_task(house.client.patch(path, content=slowly(), headers=headers))
    await began.wait()
    second = await house.patch(path, 0, b"0123456789")
    assert (second.status_code, second.json()["code"]) == (423, "upload_held")
    assert int(second.headers["Retry-After"]) > 0
    assert (await house.client.delete(path, headers=TUS)).status_code == 423
    async with asyncio.timeout(60):
        given_up = await first  # though it would go on, were it let
    going_on.set()
    assert given_up.status_code == 423
    assert await house.offset(path) == 5
    assert (await house.patch(path, 5, b"56789")).status_code == 204


@pytest.fixture
def impatient(server: UploadServer) -> Iterator[None]:
    """The server waits for nobody."""
    state = server.app.state.server
    before, state.patience = state.patience, 0.2
    yield
    state.patience = before


async def test_a_client_that_falls_silent(house: House, impatient: None) -> None:
    """Of a form nothing stays; of an upload what has come."""

    async def silent(*pieces: bytes) -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece
        await asyncio.Event().wait()

    head = form((FILE, b"x"), end="")
    answer = await house.client.post("/v1/assets", content=silent(head), headers={"Content-Type": FORM})
    assert (answer.status_code, house.rows()) == (408, [])
    path = await house.begin(10)
    headers = {**PIECE, "Upload-Offset": "0"}
    answer = await house.client.patch(path, content=silent(b"01234"), headers=headers)
    assert answer.status_code == 408
    assert await house.offset(path) == 5
    assert (await house.client.delete(path, headers=TUS)).status_code == 204


# -- parts ------------


async def test_parts_need_their_own_addresses(house: House) -> None:
    begun = (await house.client.post("/v1/uploads", json={"name": "a", "size": 10})).json()
    url = path_of(begun["parts"][0]["url"])
    query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
    bare = url.partition("?")[0]
    for wrong in (
        {**query, "signature": "x" * 43},
        {**query, "expires": str(int(query["expires"]) + 1)},
        {"signature": query["signature"]},
    ):
        assert (await house.client.put(f"{bare}?{urlencode(wrong)}", content=b"0123456789")).status_code == 403
    other = (await house.client.post("/v1/uploads", json={"name": "b", "size": 10})).json()
    moved = path_of(other["parts"][0]["url"]).partition("?")[0] + "?" + urlsplit(url).query
    assert (await house.client.put(moved, content=b"0123456789")).status_code == 403
    for body in (b"012345678", b"01234567890"):
        answer = await house.client.put(url, content=body)
        assert (answer.status_code, answer.json()["field"]) == (422, "part")
    assert (await house.client.put(f"{bare[:-1]}2", content=b"x")).status_code == 422
    for one in (begun, other):
        await house.client.delete(f"/v1/uploads/{one['id']}")


async def test_addresses_of_parts_expire(house: House) -> None:
    begun = (await house.client.post("/v1/uploads", json={"name": "a", "size": 10})).json()
    with house.services.database.write() as session:
        past = house.services.database.now(session) - timedelta(seconds=1)
        session.execute(update(Upload).values(expires_at=past))
    told = (await house.client.get(f"/v1/uploads/{begun['id']}")).json()
    answer = await house.client.put(path_of(told["parts"][0]["url"]), content=b"0123456789")
    assert (answer.status_code, answer.json()["code"]) == (410, "link_expired")
    house.services.uploads.expire()


async def test_one_upload_that_cannot_be_ended_holds_up_no_other(house: House) -> None:
    """All its bytes came, and then the store has lost them."""
    uploads, store = house.services.uploads, house.services.store
    await house.begin(1_000_000)
    await house.begin(1_000_000)
    lost, over = house.uploads()
    with uploads.appending(None, lost.id, 0) as appending:
        appending.write(bytes(1_000_000))
        appending.keep()
    store.abandon(next(row.key for row in house.rows() if row.id == lost.asset_id), appending.parts.upload)
    with house.services.database.write() as session:
        past = house.services.database.now(session) - timedelta(seconds=1)
        session.execute(update(Upload).where(Upload.id == over.id).values(expires_at=past))
    uploads.expire()
    assert [one.id for one in house.uploads()] == [lost.id]
    uploads.terminate(lost.owner, lost.id)
    assert not house.uploads()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "", "size": 1}, "name"),
        ({"name": "a", "size": 0}, "size"),
        ({"name": "a"}, "size"),
        ({"name": "a", "size": 1, "via": "pigeon"}, "via"),
        ({"name": "a", "size": 1, "sise": 1}, "sise"),
    ],
)
async def test_uploads_in_parts_that_are_refused(house: House, body: dict[str, Any], field: str) -> None:
    answer = await house.client.post("/v1/uploads", json=body)
    assert (answer.status_code, answer.json()["field"]) == (422, field)


async def test_an_upload_that_is_too_large(house: House) -> None:
    answer = await house.client.post("/v1/uploads", json={"name": "a", "size": LIMIT + 1})
    assert (answer.status_code, answer.json()["code"]) == (413, "media_too_large")


async def test_who_completes_what(house: House) -> None:
    path = await house.begin(10)
    place = path.replace("/tus", "")
    assert (await house.client.post(f"{place}/complete")).status_code == 409
    assert (await house.client.put(f"{place}/parts/1", content=b"x")).status_code == 404


async def stream(body: bytes) -> AsyncIterator[bytes]:
    for piece in pieces(body):
        yield piece
