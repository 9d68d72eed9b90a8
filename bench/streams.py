"""A thousand open `/events` streams on one server: memory a stream, and how late the last of them hears of a change.

The peer, in the same run, is the same web server with streams that nothing is looked up for.
"""

from __future__ import annotations

import asyncio
import resource
import time
from collections.abc import Awaitable, Callable
from datetime import datetime

import httpx

from bench.report import Figure, against, median, percentile
from bench.servers import Server, bare_server, resident_kilobytes, serving

STREAMS = 1_000
JOBS = 10


def run() -> list[Figure]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8_192)), hard))
    with bare_server() as server:
        bare = asyncio.run(measure(server, tell))
    with serving(PANSORI_WORKERS="1") as server:
        ours = asyncio.run(measure(server, make_songs))
    whats = (f"memory a stream, {STREAMS:,} open", "change → client, median", "change → client, p99")
    figures = []
    for what, unit, value, peer_value in zip(whats, ("kB", "ms", "ms"), ours, bare, strict=True):
        figures += [Figure(f"bare: {what}", peer_value, unit), against(what, value, unit, "bare", peer_value)]
    return figures


Change = Callable[[httpx.AsyncClient], Awaitable[dict[str, float]]]
"""Makes changes that streams tell of: what each is known by → when it was made."""


async def measure(server: Server, change: Change) -> tuple[float, float, float]:
    """kB a stream, and milliseconds from a change to a client: median and p99."""
    before = resident_kilobytes(server.pid)
    listeners = [Listener() for _ in range(STREAMS)]
    for listener in listeners:
        await listener.connect(server.url)
    each = (resident_kilobytes(server.pid) - before) / STREAMS
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        made = await change(client)
    delays = [listener.first_heard_of(name) - when for listener in listeners for name, when in made.items()]
    for listener in listeners:
        listener.close()
    return each, median(delays) * 1e3, percentile(delays, 0.99) * 1e3


async def make_songs(client: httpx.AsyncClient) -> dict[str, float]:
    jobs = [await song(client) for _ in range(JOBS)]
    return {job: datetime.fromisoformat((await status(client, job))["created_at"] + "Z").timestamp() for job in jobs}


async def tell(client: httpx.AsyncClient) -> dict[str, float]:
    made = {}
    for number in range(JOBS):
        name = f"change-{number}-"
        made[name] = time.time()
        await client.post("/tell", content=name)
        await asyncio.sleep(0.5)  # the slowest listener is to hear it before the next
    return made


async def status(client: httpx.AsyncClient, job: str) -> dict[str, str]:
    answer: dict[str, str] = (await client.get(f"/job-status/{job}")).json()
    return answer


async def song(client: httpx.AsyncClient) -> str:
    """One song, from request to completed."""
    body = {"genre_txt": "재즈", "lyrics_txt": "둥둥 북이 운다"}
    job: str = (await client.post("/generate-music-async/", json=body)).json()["job_id"]
    while (await status(client, job))["status"] not in {"completed", "failed"}:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)  # the slowest listener is to hear the last change as well
    return job


class Listener:
    """One client of `/events`, which only notes when what came; it is read afterwards."""

    def __init__(self) -> None:
        self.heard: list[tuple[float, bytes]] = []

    async def connect(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port), limit=2**22)
        self._writer.write(f"GET /events HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
        head = await self._reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head, head
        self._listening = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while block := await self._reader.read(2**16):
            self.heard.append((time.time(), block))

    def first_heard_of(self, job: str) -> float:
        return next(when for when, block in self.heard if job.encode() in block)

    def close(self) -> None:
        self._listening.cancel()
        self._writer.close()
