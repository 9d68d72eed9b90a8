"""Work for one who may leave: it ends with the client, and with the server."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable
from typing import Final, TypeVar

from fastapi import Request
from starlette.exceptions import HTTPException
from starlette.types import Message

from pansori.api.deps import Server
from pansori.domain.errors import Cancelled, Text

T = TypeVar("T")
LEFT: Final = Text("Nobody waits for it.", "기다리는 사람이 없어요.")
CLOSING: Final = {"Retry-After": "5"}


class Attending:
    """Of one request, whose body MUST have been read."""

    def __init__(self, server: Server, request: Request) -> None:
        self._server = server
        self._request = request
        self._left = threading.Event()

    @property
    def left(self) -> bool:
        """The client, or whoever waited for it."""
        return self._left.is_set()

    def look(self) -> None:
        """From whatever thread. Raises `Cancelled`."""
        if self._left.is_set() or self._server.closing:
            raise Cancelled(LEFT)

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
            self._left.set()
        return message

    def leave(self) -> None:
        self._left.set()

    async def _watch(self) -> None:
        while not self._left.is_set():
            await self.receive()
