"""Answers that are sent while they are made, piece by piece on a thread, and end with whoever reads them."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import AsyncExitStack
from typing import Final

from anyio import CancelScope
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive, Scope, Send

from pansori.api.contracts.openai_audio._attending import Attending
from pansori.domain.errors import Cancelled, PansoriError

log = logging.getLogger(__name__)

STREAMED: Final = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  #: nginx and its like would collect it
EVENTS: Final = "text/event-stream"


class Pieces:
    """What a generator makes, on a thread for each step. `held`: what is given back when all is over."""

    def __init__(self, attending: Attending, made: Generator[bytes], held: AsyncExitStack) -> None:
        self.attending = attending
        self._made = made
        self._held = held

    async def begin(self) -> bytes | None:
        """The first piece. Raises whatever making it raises; all is over then."""
        try:
            return await self.attending.wait(self.next())
        except BaseException:
            await self.close()
            raise

    async def next(self) -> bytes | None:
        return await self.attending.work(next, self._made, None)

    async def close(self) -> None:
        self.attending.leave()
        with CancelScope(shield=True):
            try:
                await run_in_threadpool(self._made.close)
            finally:
                await self._held.aclose()


class Streamed(StreamingResponse):
    """`first`: the piece that is there already. `tell`: how an error is told within the answer. None: by breaking off,
    since a file has no place for words."""

    def __init__(
        self,
        pieces: Pieces,
        first: bytes | None,
        headers: Mapping[str, str],
        media_type: str,
        *,
        tell: Callable[[Exception], bytes] | None = None,
    ) -> None:
        self._pieces = pieces
        self._first = first
        self._tell = tell
        super().__init__(self._all(), headers={**STREAMED, **headers}, media_type=media_type)

    async def _all(self) -> AsyncGenerator[bytes]:
        piece = self._first
        try:
            while piece is not None:
                yield piece
                piece = await self._pieces.next()
        except Cancelled:
            if not self._pieces.attending.left:
                raise  # the server ends, and nobody is to take this for the end of the file
        except Exception as error:
            if self._tell is None:
                raise
            yield self._tell(error)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        attending = self._pieces.attending

        async def send_in_time(message: Message) -> None:
            await attending.send(message, send)

        try:
            await super().__call__(scope, attending.receive, send_in_time)
        except PansoriError as error:  # what was sent is no whole file: the connection ends before the answer does
            log.warning("an answer broke off: %s", error)
        finally:
            await self._pieces.close()
