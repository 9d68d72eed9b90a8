"""Work for one who may leave: it ends with the client, and with the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Final, ParamSpec, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message, Send

from pansori.api.deps import Server
from pansori.api.places import LEFT, Place
from pansori.domain.errors import Cancelled

T = TypeVar("T")
P = ParamSpec("P")
CLOSING: Final = {"Retry-After": "5"}


class Attending:
    """To one request, from its place. Its body MUST have been read before anything is waited for."""

    def __init__(self, server: Server, request: Request, place: Place) -> None:
        self._server = server
        self._request = request
        self._place = place
        self._left = threading.Event()

    @property
    def left(self) -> bool:
        """The client, or whoever waited for it."""
        return self._left.is_set()

    def look(self) -> None:
        """From whatever thread. Raises `Cancelled`."""
        if self._left.is_set() or self._server.closing:
            raise Cancelled(LEFT)

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A call on a thread, in its turn. Raises `Cancelled` where the client has left by then."""
        return await self._place.work(function, *args, **kwargs)

    async def wait(self, work: Awaitable[T]) -> T:
        """What comes of the work, which looks. Raises what it raises; 503 where the server is about to end."""
        watching = asyncio.create_task(self._watch())
        try:
            return await work
        except Cancelled:
            raise HTTPException(503 if self._server.closing else 400, headers=CLOSING) from None
        finally:
            watching.cancel()

    async def receive(self) -> Message:
        """For a response that listens itself."""
        message = await self._request.receive()
        if message["type"] == "http.disconnect":
            self.leave()
        return message

    async def send(self, message: Message, send: Send) -> None:
        """Raises `Cancelled` where the client takes nothing for so long as `Server.idle`: it has left then."""
        try:
            async with asyncio.timeout(self._server.idle):
                await send(message)
        except TimeoutError:
            self.leave()
            raise Cancelled(LEFT) from None

    def leave(self) -> None:
        self._left.set()
        self._place.leave()

    async def _watch(self) -> None:
        while not self._left.is_set():
            await self.receive()
