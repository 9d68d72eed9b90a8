"""Scripts, actors and tokens as clients of the service keep them, in this process and without workers."""

from __future__ import annotations

import string
from typing import Any

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.library.voices import ScriptLine, plain
from support.voice_library import KINDS, LINES, NOWHERE, make, places

pytestmark = pytest.mark.anyio


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
