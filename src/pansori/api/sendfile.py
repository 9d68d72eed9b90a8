"""Bytes of a file straight from the disk's cache to the connection (sendfile(2)), past this process.

ASGI has no message for it. `Sendfile`, the outermost layer, offers one of our own wherever it finds uvicorn's HTTP/1
connection beneath it; everywhere else nothing is offered, and files are read and sent in pieces.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import h11
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import RequestResponseCycle

from pansori.domain.errors import NotFound, Text

log = logging.getLogger(__name__)

EXTENSION: Final = "pansori.sendfile"  #: name of the extension, and type of its one message: `file`, `start`, `count`


class Sendfile:
    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        cycle = getattr(send, "__self__", None)
        if not isinstance(cycle, RequestResponseCycle):
            await self.app(scope, receive, send)
            return

        async def send_files_too(message: Message) -> None:
            if message["type"] == EXTENSION:
                await _pass(cycle, message["file"], message["start"], message["count"])
            else:
                await send(message)

        offered = {**scope.get("extensions", {}), EXTENSION: {}}
        await self.app({**scope, "extensions": offered}, receive, send_files_too)


class FileSpan(Response):
    """Bytes `start` up to, not including, `end` of a file that does not change. `headers` tell their number."""

    def __init__(
        self, path: Path, start: int, end: int, status_code: int, headers: dict[str, str], media_type: str
    ) -> None:
        super().__init__(None, status_code, headers, media_type)
        self._path, self._start, self._end = path, start, end

    @staticmethod
    def offered(request: Request) -> bool:
        return EXTENSION in request.scope.get("extensions", {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Raises `NotFound` where the file has gone meanwhile; once it is open, it may go."""
        try:
            file = self._path.open("rb", buffering=0)
        except FileNotFoundError:
            raise NotFound(Text("There is no such file.", "그런 파일은 없어요.")) from None
        with file:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            await send({"type": EXTENSION, "file": file, "start": self._start, "count": self._end - self._start})
            await send({"type": "http.response.body", "body": b"", "more_body": False})


@dataclass(frozen=True)
class _Passed:
    """Stands for bytes that h11 has to count and not to see."""

    count: int

    def __len__(self) -> int:
        return self.count


async def _pass(cycle: RequestResponseCycle, file: IO[bytes], start: int, count: int) -> None:
    """Send that part of the file. A client that leaves ends it; so does a file that is too short, with the connection,
    for its headers have promised more."""
    if cycle.disconnected or not count:
        return
    cycle.conn.send_with_data_passthrough(h11.Data(data=_Passed(count)))  # type: ignore[arg-type]  # as h11 documents it
    try:
        sent = await asyncio.get_running_loop().sendfile(cycle.transport, file, start, count)
    except (ConnectionError, RuntimeError) as error:  # the latter where the connection is being closed
        if not (cycle.disconnected or cycle.transport.is_closing() or isinstance(error, ConnectionError)):
            raise
        return
    if sent < count:
        log.error("a stored file has %d of its %d bytes from %d on", sent, count, start)
        cycle.transport.abort()
