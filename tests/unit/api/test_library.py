"""TextTune in this process and without workers: shared links, and what each account sees of the library."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI

from pansori.api.reading import signer, thing
from support.shelf import Shelf

pytestmark = pytest.mark.anyio
Make = Callable[..., FastAPI]


def shelf_of(app: FastAPI, tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, assets=app.state.server.services.assets)


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


def relative(url: str) -> str:
    address = urlsplit(url)
    return f"{address.path}?{address.query}"


# -- links ------------


@pytest.mark.parametrize("mode", ["open", "accounts"])
async def test_whoever_has_the_link_may_listen(make: Make, tmp_path: Path, mode: str) -> None:
    app = make(mode=mode)
    shelf = shelf_of(app, tmp_path)
    async with client_of(app) as owner, client_of(app) as guest:
        await owner.post("/v1/generations", json={"prompt": "jazz"})  # who asks has an account then
        account = UUID((await owner.get("/v1/me")).json()["id"])
        track = shelf.make("노래", owner=account)
        shared = (await owner.post(f"/v1/tracks/{track}/share", json={"expires_in": 3600})).json()
        assert shared.keys() == {"url", "stream_url", "download_url", "expires_at"}
        assert urlsplit(shared["url"]).path == f"/app/shared/{track}"
        stream = relative(shared["stream_url"])
        for method in ("GET", "HEAD"):
            assert (await guest.request(method, stream)).status_code == 200
        part = await guest.get(stream, headers={"Range": "bytes=1-4"})
        assert (part.status_code, len(part.content)) == (206, 4)
        assert (await guest.get(relative(shared["download_url"]))).status_code == 200
        facts = (await guest.get(f"/v1/tracks/{track}?{urlsplit(stream).query}")).json()
        assert (facts["title"], relative(facts["stream_url"])) == ("노래", stream)
        assert (await guest.get(facts["artifacts"]["master"])).status_code == 200
        assert (await guest.get(f"/v1/stream/{track}")).status_code == (401 if mode == "accounts" else 200)
        await owner.delete(f"/v1/library/{track}")
        assert (await guest.get(stream)).status_code == 404


@pytest.mark.parametrize("mode", ["open", "accounts"])
async def test_links_expire_and_cannot_be_made_up(make: Make, tmp_path: Path, mode: str) -> None:
    app = make(mode=mode)
    shelf = shelf_of(app, tmp_path)
    track, other = shelf.make(), shelf.make()
    now = datetime.now(UTC)
    valid = signer(app.state.server).query(thing(track), now + timedelta(hours=1))
    expired = signer(app.state.server).query(thing(track), now - timedelta(seconds=1))
    async with client_of(app) as client:
        for route in ("stream", "tracks", "download"):
            assert (await client.get(f"/v1/{route}/{track}?{valid}")).status_code == 200
            gone = await client.get(f"/v1/{route}/{track}?{expired}")
            assert (gone.status_code, gone.json().keys()) == (410, {"detail"})
            for forged in (
                f"{other}?{valid}",
                f"{track}?{valid}x",
                f"{track}?{valid.replace('expires=', 'expires=1')}",
            ):
                assert (await client.get(f"/v1/{route}/{forged}")).status_code == 403
        assert (await client.get(f"/v1/stream/x?{valid}")).status_code == 404
        # a link is for reading alone
        refused = await client.delete(f"/v1/library/{track}?{valid}")
        assert refused.status_code == (401 if mode == "accounts" else 200)


async def test_links_are_called_by_the_public_address(make: Make, tmp_path: Path) -> None:
    app = make(public_url="https://songs.example/")
    track = shelf_of(app, tmp_path).make()
    async with client_of(app) as client:
        shared = (await client.post(f"/v1/tracks/{track}/share", json={})).json()
    assert shared["url"].startswith(f"https://songs.example/app/shared/{track}?expires=")


@pytest.mark.parametrize("expires_in", [0, -1, 59, 31_536_001, "soon", None])
async def test_links_live_for_a_while_that_makes_sense(make: Make, tmp_path: Path, expires_in: object) -> None:
    app = make()
    track = shelf_of(app, tmp_path).make()
    async with client_of(app) as client:
        answer = await client.post(f"/v1/tracks/{track}/share", json={"expires_in": expires_in})
    assert (answer.status_code, answer.json()["field"]) == (422, "expires_in")


# -- accounts ------------


async def test_each_guest_has_a_library_of_ones_own(make: Make, tmp_path: Path) -> None:
    app = make(mode="accounts")
    async with client_of(app) as one, client_of(app) as two, client_of(app) as nobody:
        asked = (await one.post("/v1/generations", json={"prompt": "jazz"})).json()["id"]
        assert "pansori_session" in one.cookies
        assert (await one.get(f"/v1/generations/{asked}")).json()["status"] == "queued"
        assert (await two.get("/v1/library")).json() == {"items": [], "next": None, "total": 0}
        assert (await two.get(f"/v1/generations/{asked}")).status_code == 404
        refused = await nobody.get(f"/v1/generations/{asked}")
        assert (refused.status_code, refused.json().keys()) == (401, {"detail"})
        template = (await one.post("/v1/templates", json={"name": "x", "prompt": "x"})).json()["id"]
        assert (await two.get(f"/v1/templates/{template}")).status_code == 404
        assert (await two.delete(f"/v1/library/{asked}")).status_code == 404
        assert (await one.delete(f"/v1/library/{asked}")).status_code == 200


async def test_a_track_can_be_renamed_and_liked(make: Make, tmp_path: Path) -> None:
    app = make()
    track = shelf_of(app, tmp_path).make()
    async with client_of(app) as client:
        changed = await client.patch(f"/v1/tracks/{track}", json={"title": " 새 이름 ", "favourite": True})
        assert (changed.json()["title"], changed.json()["favourite"]) == ("새 이름", True)
        same = await client.patch(f"/v1/tracks/{track}", json={})
        assert same.json() == changed.json()
        for body, field in (({"title": ""}, "title"), ({"favourite": "perhaps"}, "favourite"), ({"owner": 1}, "owner")):
            refused = await client.patch(f"/v1/tracks/{track}", json=body)
            assert (refused.status_code, refused.json()["field"]) == (422, field)
