"""Server-sent events as the HTML standard has them (§9.2.6), and how streams live and end here."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator

from fastapi.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from pansori.api.deps import Server
from pansori.domain.units import Seconds

KEEP_ALIVE = b": keep-alive\n\n"
LOOK_EVERY = Seconds(2.0)  #: wake-ups are hints that may be lost, so everybody looks this often anyway


class EventStream(StreamingResponse):
    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[bytes]) -> None:
        # nginx and its like would collect events before they hand them on
        super().__init__(content, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":  # its headers are all that a stream without end can be asked for
            await Response(None, self.status_code, self.headers)(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


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
