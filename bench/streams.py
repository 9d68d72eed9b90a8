"""A thousand open `/events` streams on one server: memory a stream, and how late the last of them hears of a change."""

from __future__ import annotations

import asyncio
import resource
import time
from datetime import datetime

import httpx

from bench.report import Figure, median, percentile
from bench.servers import Server, resident_kilobytes, serving

STREAMS = 1_000
JOBS = 10


def run() -> list[Figure]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, 8_192)), hard))
    with serving(PANSORI_WORKERS="1") as server:
        return asyncio.run(measure(server))


async def measure(server: Server) -> list[Figure]:
    before = resident_kilobytes(server.pid)
    listeners = [Listener() for _ in range(STREAMS)]
    for listener in listeners:
        await listener.connect(server.url)
    each = (resident_kilobytes(server.pid) - before) / STREAMS
    async with httpx.AsyncClient(base_url=server.url, timeout=60) as client:
        jobs = [await song(client) for _ in range(JOBS)]
        created = {job: datetime.fromisoformat((await status(client, job))["created_at"] + "Z") for job in jobs}
    delays = [
        listener.first_heard_of(job) - when.timestamp() for listener in listeners for job, when in created.items()
    ]
    for listener in listeners:
        listener.close()
    return [
        Figure(f"memory a stream, {STREAMS:,} open", each, "kB"),
        Figure("change → client, median", median(delays) * 1e3, "ms"),
        Figure("change → client, p99", percentile(delays, 0.99) * 1e3, "ms"),
    ]


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
