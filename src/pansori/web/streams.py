"""Parts of pages that are kept true: HTML as server-sent events, for htmx's `hx-sse:connect`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from starlette.concurrency import run_in_threadpool

from pansori.api.deps import Server
from pansori.api.sse import KEEP_ALIVE, Waiter, event
from pansori.db import AWAY
from pansori.domain.errors import NotFound
from pansori.domain.units import Seconds

AT_MOST_EVERY = Seconds(1.0)  #: what is announced faster than that nobody can follow
FINISHED = "finished"  #: the event that ends a stream for good


@dataclass(frozen=True)
class Look:
    """What a part of a page looks like now."""

    html: str
    number: int | None = None
    """Of the newest event that it knows of: what `Last-Event-ID` will say."""
    end: str | None = None
    """Nothing will change any more; this goes with the last event."""


async def kept_true(server: Server, look: Callable[[], Look]) -> AsyncIterator[bytes]:
    """What `look`, which is called in a thread, gives: at once, and whenever it has changed, at most once a second. A
    database that is away has nothing to tell of now."""
    waiter, shown, sent_at = Waiter(server), "", 0.0
    while True:
        seen = await run_in_threadpool(_try, look)
        if seen is not None and seen.html not in ("", shown):
            yield event(seen.html, number=seen.number)
            shown, sent_at = seen.html, time.monotonic()
            waiter.sent()
        if seen is not None and seen.end is not None:
            yield event(seen.end, name=FINISHED, number=seen.number)
            return
        if not await waiter.sleep():
            return
        await asyncio.sleep(max(0.0, sent_at + AT_MOST_EVERY - time.monotonic()))
        if waiter.keep_alive_due():
            yield KEEP_ALIVE
            waiter.sent()


def _try(look: Callable[[], Look]) -> Look | None:
    try:
        return look()
    except AWAY:
        return None
    except NotFound:
        return Look("", end="")  # it was deleted meanwhile
