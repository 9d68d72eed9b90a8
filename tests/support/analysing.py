"""Analyses of an installation in this process: asked for by its API, and carried out at once."""

from __future__ import annotations

from uuid import UUID

import anyio.to_thread
import httpx

from pansori import jobs
from pansori.workflows import Services
from support.analysed import replace_measures, sung
from support.analyses import known
from support.recordings import short

PAGE = {"Accept": "text/html"}


async def begun(client: httpx.AsyncClient, name: str = "song.wav", content: bytes | None = None) -> str:
    answer = await client.post("/v1/analyses", files={"file": (name, content or short())})
    assert answer.status_code == 202, answer.text
    assert answer.headers["Location"] == f"/v1/analyses/{answer.json()['id']}"
    return str(answer.json()["id"])


async def done(client: httpx.AsyncClient, services: Services, name: str = "song.wav") -> str:
    analysis = await begun(client, name)
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(analysis))
    return analysis


async def made_whole(client: httpx.AsyncClient, services: Services, name: str) -> str:
    """Of which everything is known, as `support.analyses` has it."""
    analysis = await begun(client, name, sung())
    await anyio.to_thread.run_sync(jobs.run_inline, services.kernel, UUID(analysis))
    replace_measures(services.assets, UUID(analysis), known().analysis)
    return analysis
