"""How much a request may carry."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pansori.api.language import language_of
from pansori.api.problems import BodyTooLarge, failure, tell
from pansori.domain.units import Bytes


class BodyLimit:
    """Refuses a body that says that it is larger than `most`, and stops reading one that turns out to be."""

    def __init__(self, app: ASGIApp, most: Bytes) -> None:
        self.app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if said.isascii() and said.isdigit() and int(said[:20]) > self._most:
            request = Request(scope)
            refused = failure(BodyTooLarge(self._most), language_of(request))
            await tell(request, refused)(scope, receive, send)
            return
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise BodyTooLarge(self._most)
            return message

        await self.app(scope, receive_some, send)
