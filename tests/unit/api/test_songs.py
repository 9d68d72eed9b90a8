"""Memoria's settings and streams, in this process and without workers: what is asked for stays queued."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message

from support.sse import parse

pytestmark = pytest.mark.anyio
SONG = {"genre_txt": "신나는 K-POP", "lyrics_txt": "여름이 왔네"}
Make = Callable[..., FastAPI]


def client_of(app: FastAPI) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://localhost")


class Stream:
    """`/events` of an application, read while it is written."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app
        self.sent = b""

    @property
    def songs(self) -> list[dict[str, Any]]:
        """What each update said of the songs."""
        return [event.json["jobs"] for event in parse(self.sent.decode().split("\n"))]

    async def until(self, is_there: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not is_there():
                await asyncio.sleep(0.01)

    async def __aenter__(self) -> Stream:
        headers = [(b"host", b"localhost")]
        scope = {"type": "http", "method": "GET", "path": "/events", "query_string": b"", "headers": headers}
        self._task = asyncio.create_task(self._app({**scope, "scheme": "http"}, self._receive, self._send))
        await self.until(lambda: bool(self.songs))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._app.state.server.close()
        await self._task

    async def _receive(self) -> Message:
        await asyncio.Event().wait()
        return {}

    async def _send(self, message: Message) -> None:
        self.sent += message.get("body", b"")


async def queued(client: httpx.AsyncClient, number: int) -> None:
    async with asyncio.timeout(10):
        while (await client.get("/status")).json()["queue_size"] < number:
            await asyncio.sleep(0.01)


async def test_as_many_may_wait_on_the_line_as_the_setting_says(make: Make) -> None:
    app = make(memoria_concurrency=2)
    async with client_of(app) as client:
        waiting = [asyncio.create_task(client.post("/generate-music-sync/", json=SONG)) for _ in range(2)]
        await queued(client, 2)
        refused = await client.post("/generate-music-sync/", json=SONG)
        assert refused.status_code == 429
        app.state.server.close()
        answers = [await one for one in waiting]
    assert [(answer.status_code, answer.headers["Retry-After"]) for answer in answers] == [(503, "10")] * 2


async def test_a_stream_with_nothing_to_say_sends_comments(make: Make) -> None:
    app = make()
    app.state.server.keep_alive = 0.0
    async with client_of(app) as client, Stream(app) as stream:
        await client.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz"}})  # not this contract's
        await stream.until(lambda: stream.sent.endswith(b"\n\n: keep-alive\n\n"))
    assert stream.songs == [{}]


@pytest.mark.parametrize(("window", "stays"), [(0.0, False), (86_400.0, True)])
async def test_a_finished_song_stays_as_long_as_the_setting_says(make: Make, window: float, stays: bool) -> None:
    app = make(memoria_events_window=window)
    async with client_of(app) as client:
        song = (await client.post("/generate-music-async/", json=SONG)).json()["job_id"]
        async with Stream(app) as stream:
            assert stream.songs[0][song]["status"] == "queued"
            await client.delete(f"/job-status/{song}")  # its end is told in any case
            await stream.until(lambda: stream.songs[-1].get(song, {}).get("error") == "cancelled")
            other = (await client.post("/generate-music-async/", json=SONG)).json()["job_id"]
            await stream.until(lambda: other in stream.songs[-1])
    assert (song in stream.songs[-1]) is stays
