"""Tokens: what is said, in which language, by whom; and the clips that are imitated."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID, uuid4

import httpx
import numpy as np
import pytest

from pansori.library.voices import RESERVED
from pansori.workflows import Services, store_recording
from support.media import tone, wave_file
from support.voice_library import LINES, NOWHERE, make, places

pytestmark = pytest.mark.anyio


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


async def test_the_language_is_told_by_who_is_nearest_to_the_words(client: httpx.AsyncClient) -> None:
    actor = (await make(client, "/actors", language="ko"))["id"]
    english = (await make(client, "/scripts", lines=[{"text": "The birds sing"}], language="en-GB"))["id"]
    untold = (await make(client, "/scripts", lines=[{"text": "The birds sing"}]))["id"]
    for fields, language in (
        ({"script_id": english}, "en-GB"),
        ({"script_id": untold}, ""),
        ({"text": "The birds sing"}, ""),
        ({"text": "산새도 운다"}, "ko"),
        ({"text": "123"}, "ko"),
        ({"text": "The birds sing", "language": "ko"}, "ko"),
    ):
        token = await make(client, "/tokens", actor_id=actor, **fields)
        assert token["spoken_language"] == language, fields


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
