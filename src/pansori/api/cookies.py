"""The session cookie: set by whoever answers a request, written with the answer's headers whatever that answer is."""

from __future__ import annotations

from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pansori.settings import Settings

NAME = "pansori_session"
_SET = "session_cookie"  #: where in the request's state the header's value waits


def session_cookie(request: Request) -> str | None:
    """The token that the browser keeps for this server."""
    return request.cookies.get(NAME) or None


def remember(request: Request, token: str, settings: Settings) -> None:
    """Let the browser keep the token as long as its login lives, out of reach of scripts and of other sites' forms."""
    secure = request.url.scheme == "https" or urlsplit(settings.public_url).scheme == "https"
    setattr(request.state, _SET, _header(token, int(settings.session_ttl), secure=secure))


def forget(request: Request) -> None:
    """Let the browser delete the token."""
    setattr(request.state, _SET, _header("", 0, secure=False))


class Cookies:
    """Adds to the answer what `remember` or `forget` left with the request."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            value = scope.get("state", {}).get(_SET)
            if value is not None and message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.append("Set-Cookie", value)
                headers.setdefault("Cache-Control", "no-store")  # a cache would hand the cookie to others
            await send(message)

        await self.app(scope, receive, send_with_cookie)


def _header(token: str, age: int, *, secure: bool) -> str:
    cookie: SimpleCookie = SimpleCookie({NAME: token})
    morsel = cookie[NAME]
    morsel["path"] = "/"
    morsel["max-age"] = age
    morsel["httponly"] = True
    morsel["samesite"] = "Lax"
    if secure:
        morsel["secure"] = True
    return morsel.OutputString()
