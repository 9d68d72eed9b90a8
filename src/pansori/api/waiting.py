"""Requests that stay open until their job is finished."""

from __future__ import annotations

import asyncio
from uuid import UUID

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.deps import Server
from pansori.api.sse import LOOK_EVERY
from pansori.db import AWAY
from pansori.domain.jobs import JobView
from pansori.domain.units import Seconds


class ClientGone(Exception):
    """Whoever asked has hung up; nobody reads the answer."""


async def until_finished(server: Server, job_id: UUID, request: Request, timeout: Seconds | None = None) -> JobView:
    """The job as it is when it is finished, when `timeout` seconds have passed, or when the server is about to end.

    The request's body MUST have been read. Raises `ClientGone`, and SQLAlchemy's errors if the database is away then.
    """
    loop = asyncio.get_running_loop()
    deadline = None if timeout is None else loop.time() + timeout
    feed = server.services.kernel.feed
    hung_up = asyncio.create_task(_disconnect(request))
    try:
        while True:
            seen = feed.value
            left = LOOK_EVERY if deadline is None else min(LOOK_EVERY, deadline - loop.time())
            is_over = server.closing or left <= 0
            try:
                job = await run_in_threadpool(look, server, job_id)
                if job.state.finished or is_over:
                    return job
            except AWAY:
                if is_over:
                    raise
            changed = asyncio.create_task(feed.changed(seen, left))
            await asyncio.wait((changed, hung_up), return_when=asyncio.FIRST_COMPLETED)
            changed.cancel()
            if hung_up.done():
                raise ClientGone
    finally:
        hung_up.cancel()


def look(server: Server, job_id: UUID) -> JobView:
    with server.services.database.read() as session:
        return jobs.get(session, job_id)


async def _disconnect(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        """More of a body that is complete: nothing to do."""
