"""Scripts, actors and tokens as clients of the service keep them, in this process and without workers."""

from __future__ import annotations

import string
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.api import create_app
from pansori.bootstrap import build
from pansori.library.voices import RESERVED, ScriptLine, plain
from pansori.settings import load
from pansori.workflows import Services, store_recording
from support.media import tone, wave_file

pytestmark = pytest.mark.anyio
KINDS = {"/scripts": {"title": "산새"}, "/actors": {"name": "소월"}, "/tokens": {"name": "첫 마디"}}
LINES = [{"text": "산새도 오리나무"}, {"text": "위에서 운다", "role": "새"}, {"text": "산새는 왜 우노"}]
NOWHERE = str(uuid4())


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path_factory.mktemp("voices"), workers=0))
    yield made
    made.close()


@pytest.fixture
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made


async def make(client: httpx.AsyncClient, path: str, **fields: Any) -> dict[str, Any]:
    answer = await client.post(path, json={**KINDS[path], **fields})
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def places(answer: httpx.Response) -> list[str]:
    """Where the request is wrong."""
    assert answer.status_code == 422, answer.text
    return [".".join(map(str, one["loc"][1:])) for one in answer.json()["detail"]]


# -- what all of them have ------------


@pytest.mark.parametrize("path", KINDS)
async def test_one_is_made_read_changed_replaced_and_deleted(client: httpx.AsyncClient, path: str) -> None:
    made = await client.post(path, json={**KINDS[path], "language": "KO-kr"})
    where, [named] = made.headers["Location"], KINDS[path]
    assert where == f"{path}/{made.json()['id']}"
    assert made.json()["language"] == "ko-KR"
    assert made.json()["created_at"].endswith("Z")
    assert (await client.get(where)).json() == made.json()
    changed = (await client.patch(where, json={named: "다른 이름"})).json()
    assert (changed[named], changed["language"]) == ("다른 이름", "ko-KR")
    replaced = (await client.put(where, json={named: "셋째 이름"})).json()
    assert (replaced[named], replaced["language"]) == ("셋째 이름", "")
    assert replaced["created_at"] == made.json()["created_at"]
    assert (await client.delete(where)).json() == {"deleted": made.json()["id"], "tokens": []}
    for method in ("GET", "PATCH", "DELETE"):
        gone = await client.request(method, where, json={} if method == "PATCH" else None)
        assert (gone.status_code, type(gone.json()["detail"])) == (404, str)


@pytest.mark.parametrize("path", KINDS)
async def test_a_change_says_what_it_was_made_from(client: httpx.AsyncClient, path: str) -> None:
    [named] = KINDS[path]
    where = f"{path}/{(await make(client, path))['id']}"
    before = (await client.get(where)).headers["ETag"]
    first = await client.patch(where, json={named: "먼저"}, headers={"If-Match": before})
    assert first.headers["ETag"] == (await client.get(where)).headers["ETag"] != before
    for method, body in (("PATCH", {named: "나중"}), ("PUT", {named: "나중"}), ("DELETE", None)):
        late = await client.request(method, where, json=body, headers={"If-Match": f'"x", {before}'})
        assert late.status_code == 412
    assert (await client.get(where)).json()[named] == "먼저"
    assert (await client.delete(where, headers={"If-Match": first.headers["ETag"]})).status_code == 200


@pytest.mark.parametrize("path", KINDS)
async def test_lists_come_newest_first_in_pages_and_are_searched(client: httpx.AsyncClient, path: str) -> None:
    [named], word = KINDS[path], f"찾기{path[1:]}"
    made = [
        (
            await make(
                client,
                path,
                **{named: f"{word} {number}", "notes": "Straße"} if path != "/tokens" else {named: f"{word} {number}"},
            )
        )["id"]
        for number in range(5)
    ]
    listed, cursor = [], ""
    while cursor is not None:
        page = (
            await client.get(path, params={"q": word.upper(), "limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        assert page["total"] == 5
        listed += [one["id"] for one in page[path[1:]]]
        cursor = page["next_cursor"]
    assert listed == made[::-1]
    assert (await client.get(path, params={"q": f"{word} nowhere"})).json() == {
        path[1:]: [],
        "next_cursor": None,
        "total": 0,
    }
    assert (await client.get(path, params={"q": "\0"})).json()["total"] == 0
    for wrong in ("x", "W10", "bnVsbA", "WyIyMDI2LTAxLTAxVDAwOjAwOjAwKzAwOjAwIiwgIlx1ZDgwMCJd"):
        assert places(await client.get(path, params={"cursor": wrong})) == ["cursor"]
    assert (await client.get(path, params={"limit": 0})).status_code == 422


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"nmae": "x", "titel": "x"}, ["nmae", "titel"]),
        ({"language": "한국어"}, ["language"]),
        ({"language": "ko-KR-very-long-private"}, ["language"]),
        ({"language": None}, ["language"]),
    ],
)
async def test_what_cannot_be_is_refused_by_its_place(
    client: httpx.AsyncClient, path: str, fields: dict[str, Any], at: list[str]
) -> None:
    assert places(await client.post(path, json={**KINDS[path], **fields})) == at
    where = f"{path}/{(await make(client, path))['id']}"
    assert places(await client.patch(where, json=fields)) == at
    assert places(await client.put(where, json={**KINDS[path], **fields})) == at


@pytest.mark.parametrize("path", KINDS)
async def test_names_are_cleaned_and_bounded(client: httpx.AsyncClient, path: str) -> None:
    [named] = KINDS[path]
    assert (await make(client, path, **{named: "  a\u202eb\r\n\tc\x07 "}))[named] == "ab c"
    for name in ("x" * 201, "a\0b", 5):
        assert places(await client.post(path, json={named: name})) == [named]
    korean = await client.post(path, json={named: "a\0b"}, headers={"Accept-Language": "ko"})
    assert "NUL 문자" in korean.json()["detail"][0]["msg"]
    if path != "/tokens":
        for empty in ("", " \u200b\u202e "):
            assert places(await client.post(path, json={named: empty})) == [named]


async def test_an_unknown_field_names_the_nearest(client: httpx.AsyncClient) -> None:
    told = (await client.post("/scripts", json={"title": "x", "langauge": "ko"})).json()["detail"]
    assert "Did you mean language by langauge?" in told[0]["msg"]


# -- scripts ------------


async def test_lines_are_kept_in_their_order_with_whose_they_are(client: httpx.AsyncClient) -> None:
    actor = await make(client, "/actors")
    lines = [{**LINES[0], "actor_id": actor["id"]}, *LINES[1:]]
    script = await make(client, "/scripts", lines=lines, notes="하나\r\n둘")
    assert script["lines"] == [{"role": "", "actor_id": None, **line} for line in lines]
    assert script["notes"] == "하나\n둘"
    kept = (await client.patch(f"/scripts/{script['id']}", json={"title": "다시"})).json()
    assert kept["lines"] == script["lines"]


@pytest.mark.parametrize(
    ("line", "at"),
    [
        ({"text": ""}, "text"),
        ({"text": "x" * 2001}, "text"),
        ({}, "text"),
        ({"text": "x", "role": "a: b"}, "role"),
        ({"text": "x", "actor_id": NOWHERE}, "actor_id"),
        ({"text": "x", "actor_id": "nobody"}, "actor_id"),
        ({"text": "x", "actor": "x"}, "actor"),
    ],
)
async def test_a_line_that_cannot_be_is_named(client: httpx.AsyncClient, line: dict[str, Any], at: str) -> None:
    assert places(await client.post("/scripts", json={"title": "x", "lines": [LINES[0], line]})) == [f"lines.1.{at}"]


async def test_a_script_has_so_many_lines_at_most(client: httpx.AsyncClient) -> None:
    lines = [{"text": "x"}] * 2001
    assert places(await client.post("/scripts", json={"title": "x", "lines": lines})) == ["lines"]
    refused = await client.post("/scripts/import?title=x", content="x\n" * 2001)
    assert places(refused) == ["text"]


async def test_an_actor_who_goes_leaves_lines_and_tokens(client: httpx.AsyncClient) -> None:
    going, staying = await make(client, "/actors", language="ko"), await make(client, "/actors")
    lines = [{"text": "하나", "actor_id": going["id"]}, {"text": "둘", "actor_id": staying["id"]}]
    script = await make(client, "/scripts", lines=lines)
    token = await make(client, "/tokens", actor_id=going["id"])
    assert token["spoken_language"] == "ko"
    gone = (await client.delete(f"/actors/{going['id']}")).json()
    assert gone["tokens"] == [token["id"]]
    assert (await client.get(f"/tokens/{token['id']}")).json()["actor_id"] is None
    left = (await client.get(f"/scripts/{script['id']}")).json()["lines"]
    assert [line["actor_id"] for line in left] == [None, staying["id"]]


async def test_fields_of_a_voice_are_changed_one_by_one(client: httpx.AsyncClient) -> None:
    actor = await make(client, "/actors", voice={"kind": "female", "age": 30, "accent": "서울"})
    where = f"/actors/{actor['id']}"
    changed = (await client.patch(where, json={"voice": {"age": None}})).json()
    assert changed["voice"] == {"kind": "female", "age": None, "accent": "서울", "description": ""}
    for voice, at in (
        ({"kind": "robot"}, "kind"),
        ({"age": -1}, "age"),
        ({"age": True}, "age"),
        ({"tone": ""}, "tone"),
    ):
        assert places(await client.patch(where, json={"voice": voice})) == [f"voice.{at}"]


# -- scripts as plain text ------------


async def test_a_script_comes_and_goes_as_plain_text(client: httpx.AsyncClient) -> None:
    text = "하니: 산새가 운다\n\n12:30에 만나요\n 둘 ：  그래 \n: 주의: 조심하세요\n"
    made = await client.post("/scripts/import", params={"title": "산새 1/2", "language": "ko"}, content=text.encode())
    told = [(line["role"], line["text"]) for line in made.json()["lines"]]
    assert told == [("하니", "산새가 운다"), ("", "12:30에 만나요"), ("둘", "그래"), ("", "주의: 조심하세요")]
    back = await client.get(f"{made.headers['Location']}/text")
    assert back.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "filename*=UTF-8''%EC%82%B0%EC%83%88%201_2.txt" in back.headers["Content-Disposition"]
    assert back.text == "하니: 산새가 운다\n12:30에 만나요\n둘: 그래\n: 주의: 조심하세요\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp949"])
async def test_text_files_of_every_age_are_read(client: httpx.AsyncClient, encoding: str) -> None:
    made = await client.post("/scripts/import?title=x", content="똠방각하\r\n둘".encode(encoding))
    assert [line["text"] for line in made.json()["lines"]] == ["똠방각하", "둘"]


async def test_what_is_no_text_is_refused(client: httpx.AsyncClient) -> None:
    assert places(await client.post("/scripts/import?title=x", content=b"RIFF\x00\x00\xff\xfe")) == ["text"]
    assert places(await client.post("/scripts/import?title=x", content=b"x" * 2001)) == ["text"]
    assert places(await client.post("/scripts/import?title=", content=b"x")) == ["title"]
    assert places(await client.post("/scripts/import", content=b"x")) == ["title"]


ROLES = st.text(string.ascii_letters + "가나다 .-'", max_size=40)
WORDS = st.text(string.ascii_letters + "가나다:： .,?!", min_size=1, max_size=60)


@settings(max_examples=60)
@given(st.lists(st.tuples(ROLES, WORDS), max_size=6))
def test_plain_text_holds_every_line(parts: list[tuple[str, str]]) -> None:
    lines = [ScriptLine(role=role, text=text) for role, text in parts if text.strip()]
    assert plain.parse(plain.write(lines)) == lines


# -- tokens ------------


async def test_a_token_is_a_part_of_a_script_or_has_words_of_its_own(client: httpx.AsyncClient) -> None:
    script = await make(client, "/scripts", lines=LINES, language="ko")
    of = {"script_id": script["id"]}
    whole = await make(client, "/tokens", **of)
    assert (whole["said"].count("\n"), whole["spoken_language"]) == (2, "ko")
    part = await make(client, "/tokens", **of, first_line=1, last_line=1)
    assert part["said"] == "위에서 운다"
    own = await make(client, "/tokens", **of, text="혼잣말", language="en")
    assert (own["said"], own["spoken_language"]) == ("혼잣말", "en")
    listed = (await client.get("/tokens", params=of)).json()
    assert [one["id"] for one in listed["tokens"]] == [own["id"], part["id"], whole["id"]]
    await client.patch(f"/scripts/{script['id']}", json={"lines": LINES[:1]})
    assert (await client.get(f"/tokens/{part['id']}")).json()["said"] == ""
    await client.patch(f"/scripts/{script['id']}", json={"lines": LINES})
    gone = (await client.delete(f"/scripts/{script['id']}")).json()
    assert sorted(gone["tokens"]) == sorted([whole["id"], part["id"], own["id"]])
    left = (await client.get(f"/tokens/{part['id']}")).json()
    assert (left["script_id"], left["first_line"], left["said"]) == (None, None, "위에서 운다")
    assert left["spoken_language"] == "ko"


async def test_what_a_token_refers_to_has_to_be_there(client: httpx.AsyncClient) -> None:
    script = (await make(client, "/scripts", lines=LINES))["id"]
    for fields, at in (
        ({"script_id": NOWHERE}, "script_id"),
        ({"actor_id": NOWHERE}, "actor_id"),
        ({"first_line": 0}, "first_line"),
        ({"script_id": script, "first_line": 3}, "first_line"),
        ({"script_id": script, "last_line": 3}, "last_line"),
        ({"script_id": script, "first_line": 2, "last_line": 1}, "last_line"),
        ({"script_id": script, "first_line": -1}, "first_line"),
        ({"script_id": script, "first_line": True}, "first_line"),
        ({"script_id": script, "first_line": "1"}, "first_line"),
    ):
        assert places(await client.post("/tokens", json=fields)) == [at], fields
        assert places(await client.put(f"/tokens/{uuid4().hex}", json=fields)) == [at], fields
    token = await make(client, "/tokens", script_id=script, first_line=1)
    assert places(await client.patch(f"/tokens/{token['id']}", json={"last_line": 0})) == ["last_line"]
    assert places(await client.patch(f"/tokens/{token['id']}", json={"script_id": None})) == ["first_line"]


async def test_ids_of_tokens_are_chosen_by_who_makes_them(client: httpx.AsyncClient) -> None:
    assert (await make(client, "/tokens", id="a.1~b-C_2"))["id"] == "a.1~b-C_2"
    again = await client.post("/tokens", json={"id": "a.1~b-C_2"})
    assert again.status_code == 409
    put = await client.put("/tokens/lesson-1", json={"name": "하나"})
    assert (put.status_code, put.headers["Location"]) == (201, "/tokens/lesson-1")
    assert (await client.put("/tokens/lesson-1", json={"name": "둘"})).status_code == 200
    assert (await client.get("/tokens/lesson-1")).json()["name"] == "둘"
    for wrong in (*RESERVED, "", ".a", "a/b", "한글", "x" * 65, "a\n"):
        assert places(await client.post("/tokens", json={"id": wrong})) == ["id"], wrong
    for wrong in (*RESERVED, "-a", "%ED%95%9C", "x" * 65):
        assert places(await client.put(f"/tokens/{wrong}", json={})) == ["id"], wrong
    assert (await client.get("/tokens/%00")).status_code == 404


# -- the clip that is imitated ------------


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return wave_file(tmp_path_factory.mktemp("clips") / "산새.wav", tone(1.0, rate=8000, channels=1), 8000)


async def send(client: httpx.AsyncClient, token: str, content: bytes, name: str = "clip.wav") -> httpx.Response:
    return await client.put(f"/tokens/{token}/reference", files={"file": (name, content)})


async def test_a_token_takes_a_clip_that_is_sent(client: httpx.AsyncClient, clip: Path) -> None:
    token = await make(client, "/tokens")
    assert token["reference"] is None
    answer = await send(client, token["id"], clip.read_bytes(), "산새.wav")
    assert answer.status_code == 200, answer.text
    reference = answer.json()["reference"]
    assert (reference["name"], reference["media_type"], reference["duration"]) == ("산새.wav", "audio/wav", 1.0)
    assert (await client.get(reference["url"])).content == clip.read_bytes()
    replaced = (await client.put(f"/tokens/{token['id']}", json={"name": "x"})).json()
    assert replaced["reference"] == reference
    again = (await send(client, token["id"], clip.read_bytes())).json()["reference"]
    assert again["asset_id"] != reference["asset_id"]
    assert (await client.get(reference["url"])).status_code == 404, "nobody needs the one before"
    assert (await client.delete(f"/tokens/{token['id']}/reference")).json()["reference"] is None
    assert (await client.get(again["url"])).status_code == 404
    assert (await client.delete(f"/tokens/{token['id']}/reference")).status_code == 404


async def test_a_clip_that_was_sent_goes_with_its_token(client: httpx.AsyncClient, clip: Path) -> None:
    token = await make(client, "/tokens")
    reference = (await send(client, token["id"], clip.read_bytes())).json()["reference"]
    await client.delete(f"/tokens/{token['id']}")
    assert (await client.get(reference["url"])).status_code == 404


async def test_a_file_that_is_stored_already_is_named_and_stays(
    client: httpx.AsyncClient, services: Services, clip: Path
) -> None:
    owner = services.accounts.local().known("read").id
    stored = store_recording(services, clip, name="stored.wav", owner=owner)
    token = await make(client, "/tokens")
    where = f"/tokens/{token['id']}/reference"
    named = await client.put(where, json={"asset_id": str(stored.id)})
    assert named.json()["reference"]["asset_id"] == str(stored.id)
    await client.delete(f"/tokens/{token['id']}")
    assert (await client.get(f"/v1/assets/{stored.id}")).status_code == 200
    other = f"/tokens/{(await make(client, '/tokens'))['id']}/reference"
    for body, at in (({"asset_id": NOWHERE}, "asset_id"), ({"asset": "x"}, "asset_id"), ({"asset_id": 5}, "asset_id")):
        assert at in places(await client.put(other, json=body))
    headers = {"Content-Type": "application/json"}
    assert (await client.put(other, content=b" " * 20_000, headers=headers)).status_code == 413


async def test_what_cannot_be_imitated_is_refused_and_not_kept(
    client: httpx.AsyncClient, services: Services, clip: Path, tmp_path: Path
) -> None:
    token = (await make(client, "/tokens"))["id"]
    before = sorted(services.store.keys())
    long = wave_file(tmp_path / "long.wav", np.zeros((1, 130 * 100), np.float32), 100)
    assert places(await send(client, token, b"not a sound", "words.wav")) == ["file"]
    assert (await send(client, token, long.read_bytes())).status_code == 413
    assert places(await client.put(f"/tokens/{token}/reference", content=b"x")) == ["file"]
    assert (await send(client, uuid4().hex, clip.read_bytes())).status_code == 404
    assert sorted(services.store.keys()) == before
    assert (await client.get(f"/tokens/{token}")).json()["reference"] is None


async def test_a_clip_stays_when_the_analysis_of_it_goes(
    client: httpx.AsyncClient, services: Services, clip: Path
) -> None:
    token = await make(client, "/tokens")
    reference = (await send(client, token["id"], clip.read_bytes())).json()["reference"]
    job = (await client.post("/v1/jobs", json={"kind": "analysis", "task": {"asset_id": reference["asset_id"]}})).json()
    assert (await client.delete(f"/v1/analyses/{job['id']}")).status_code == 204
    services.assets.collect()
    assert (await client.get(reference["url"])).status_code == 200
    assert UUID(reference["asset_id"])
