"""How much a request may carry."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pansori.api.language import language_of
from pansori.api.problems import BodyTooLarge, failure, tell
from pansori.domain.units import Bytes


@dataclass(frozen=True)
class LargeBody:
    """Requests whose bodies are no JSON that is read whole. `path`: a regular expression for all of it. `most` None:
    whoever reads the body counts its bytes."""

    method: str
    path: str
    most: Bytes | None = None

    def fits(self, scope: Scope) -> bool:
        return scope["method"] == self.method and re.fullmatch(self.path, scope["path"]) is not None


async def whole_body(request: Request, most: Bytes) -> bytes:
    """Of an address that takes larger ones as well, or tells of them in its contract's shape. Raises `BodyTooLarge`."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise BodyTooLarge(most)
    return bytes(body)


class BodyLimit:
    """Refuses a body that says that it is larger than `most`, and stops reading one that turns out to be. `larger`:
    requests that have a limit of their own."""

    def __init__(self, app: ASGIApp, most: Bytes, larger: Sequence[LargeBody] = ()) -> None:
        self.app = app
        self._most = most
        self._larger = tuple(larger)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        most = self._limit(scope) if scope["type"] == "http" else None
        if most is None:
            await self.app(scope, receive, send)
            return
        said = Headers(scope=scope).get("content-length", "0")
        if said.isascii() and said.isdigit() and int(said[:20]) > most:
            request = Request(scope)
            refused = failure(BodyTooLarge(most), language_of(request))
            await tell(request, refused)(scope, receive, send)
            return
        read = 0

        async def receive_some() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > most:
                raise BodyTooLarge(most)
            return message

        await self.app(scope, receive_some, send)

    def _limit(self, scope: Scope) -> Bytes | None:
        large = next((one for one in self._larger if one.fits(scope)), None)
        return self._most if large is None else large.most
