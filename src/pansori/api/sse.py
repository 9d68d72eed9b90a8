"""Server-sent events as the HTML standard has them (§9.2.6), and how streams live and end here."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable

from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from pansori.api.deps import Server
from pansori.db import AWAY
from pansori.domain.units import Seconds

KEEP_ALIVE = b": keep-alive\n\n"
CHECK_EVERY = Seconds(3.0)  #: whether whoever reads a stream is still logged in, be it silent or not
LOOK_EVERY = Seconds(2.0)  #: wake-ups are hints that may be lost, so everybody looks this often anyway


class EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        # nginx and its like would collect events before they hand them on
        self._events = content
        super().__init__(content, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":  # its headers are all that a stream without end can be asked for
            await Response(None, self.status_code, self.headers)(scope, receive, send)
            return
        is_still_in = scope.get("state", {}).get("is_still_in")
        if is_still_in is not None:
            self.body_iterator = _while_in(self._events, is_still_in)
        await super().__call__(scope, receive, send)


async def _while_in(events: AsyncIterator[bytes], is_still_in: Callable[[], bool]) -> AsyncIterator[bytes]:
    """The events until the login ends by which they were asked for. While the database is away it is not known to."""
    looked, upcoming = time.monotonic(), asyncio.ensure_future(_next(events))
    try:
        while True:
            await asyncio.wait({upcoming}, timeout=max(0.0, looked + CHECK_EVERY - time.monotonic()))
            if time.monotonic() - looked >= CHECK_EVERY:
                looked = time.monotonic()
                with contextlib.suppress(*AWAY):
                    if not await run_in_threadpool(is_still_in):
                        return
            if not upcoming.done():
                continue
            if (one := upcoming.result()) is None:
                return
            yield one
            upcoming = asyncio.ensure_future(_next(events))
    finally:
        upcoming.cancel()


async def _next(events: AsyncIterator[bytes]) -> bytes | None:
    return await anext(events, None)


def event(data: str, *, name: str | None = None, number: int | None = None) -> bytes:
    """One event. A line break in `data` begins another `data:` line, which the reader joins again."""
    fields = [f"id: {number}"] if number is not None else []
    fields += [f"event: {name}"] if name is not None else []
    fields += [f"data: {line}" for line in data.split("\n")]
    return ("\n".join(fields) + "\n\n").encode()


def resume_after(header: str | None, newest: int) -> int:
    """`Last-Event-ID` as a number; 0, the beginning, where there is none or it is none of the `newest` ones of ours."""
    given = int(header) if header is not None and header.isascii() and header.isdigit() and len(header) < 19 else 0
    return given if given <= newest else 0


class Waiter:
    """Sleeps of one stream, from one look at the database to the next."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._feed = server.services.kernel.feed
        self._seen = self._feed.value
        self._sent = time.monotonic()

    @property
    def seen(self) -> int:
        """The feed's value before the look that comes next. Whatever is committed later wakes the next sleep."""
        return self._seen

    def sent(self) -> None:
        """Something went out, so no keep-alive is due for a while."""
        self._sent = time.monotonic()

    async def sleep(self) -> bool:
        """Until it is time to look again. False: the server is about to end, and so should the stream."""
        if not self._server.closing:
            self._seen = await self._feed.changed(self._seen, LOOK_EVERY)
        return not self._server.closing

    def keep_alive_due(self) -> bool:
        return time.monotonic() - self._sent >= self._server.keep_alive
