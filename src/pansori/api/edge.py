"""What every request and every answer gets, whatever is asked: an id, safety headers, and a decent end."""

from __future__ import annotations

import logging
import re
from uuid import uuid4

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pansori import telemetry
from pansori.api.language import language_of
from pansori.api.problems import failure, tell
from pansori.db import AWAY, reason

log = logging.getLogger(__name__)

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
POLICY = "Content-Security-Policy"
SAFETY = {
    POLICY: (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


class Edge:
    """The outermost layer: an id for the request, safety headers for the answer."""

    def __init__(self, app: ASGIApp, *, files_from: str = "") -> None:
        """`files_from`: the other origin that clients are sent to for files; pages may load from there too."""
        self.app = app
        self._files_from = files_from

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if REQUEST_ID.fullmatch(given) else uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = request_id
                for name, value in SAFETY.items():
                    headers.setdefault(name, value)
                if self._files_from:
                    headers[POLICY] = self._opened(headers[POLICY])
            await send(message)

        with telemetry.about(request_id=request_id):
            await self.app(scope, receive, send_safely)

    def _opened(self, policy: str) -> str:
        for kind in ("media-src", "connect-src"):
            policy = policy.replace(f"{kind} 'self'", f"{kind} 'self' {self._files_from}")
        return policy


class Faults:
    """Gives what no route has handled a decent end. Stands inside of CORS, so that a page that may read answers may
    read this one too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self.app(scope, receive, send_noted)
        except Exception as error:
            request_id = scope["state"]["request_id"]
            if isinstance(error, AWAY):  # which everybody who asks now would find in the log
                log.warning("request %s failed: %s", request_id, reason(error))
            else:
                # %r: an address may carry line breaks, which would begin lines of the log
                log.exception("request %s failed: %s %r", request_id, scope["method"], scope["path"])
            if not started:
                request = Request(scope)
                await tell(request, failure(error, language_of(request)))(scope, receive, send)
