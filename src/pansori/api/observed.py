"""Every request, seen from outside: counted, timed, traced, and told of in the log.

Addresses are told as their route has them, `/v1/jobs/{job_id}`: what people put into them, and signatures, stay where
they are.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pansori import telemetry
from pansori.api.meters import Meters
from pansori.api.routing import METHODS
from pansori.api.sendfile import EXTENSION
from pansori.settings import Settings

log = logging.getLogger("pansori.access")

KNOWN = frozenset({*METHODS, "OPTIONS"})
OTHER = "OTHER"  #: any other method: who sends it invents what he likes
NOWHERE = "none"  #: the route of what leads nowhere
LEFT = 499  #: who asked went before there was an answer; nginx's number for it
SERVER_ERROR = 500
PROBES = frozenset({"/health", "/metrics", "/ready"})  #: what machines ask every few seconds is traced only on request
EVENTS = "text/event-stream"


def logs_requests(settings: Settings) -> bool:
    if settings.access_log is not None:
        return settings.access_log
    return settings.log_format == "json" or settings.log_level == "debug"


@dataclass
class _Answer:
    status: int = LEFT
    first_byte: float | None = None
    """Seconds from the request to it."""
    size: int = 0
    """Bytes of the body."""
    is_stream: bool = False
    """Of server-sent events."""


class Observed:
    """Stands around everything but what gives a request its id."""

    def __init__(self, app: ASGIApp, *, logged: bool = False) -> None:
        """`logged`: tell the log of each request."""
        self.app = app
        self._logged = logged

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        meters: Meters = scope["app"].state.server.meters
        answer, begun = _Answer(), time.perf_counter()
        method = scope["method"] if scope["method"] in KNOWN else OTHER

        async def send_seen(message: Message) -> None:
            kind = message["type"]
            if kind == "http.response.start":
                answer.status = message["status"]
                answer.first_byte = time.perf_counter() - begun
                if method != "HEAD" and Headers(raw=message["headers"]).get("content-type", "").startswith(EVENTS):
                    answer.is_stream = True
                    meters.streams.inc()
            elif kind == "http.response.body":
                answer.size += len(message.get("body", b""))
            elif kind == EXTENSION:
                answer.size += message["count"]
            await send(message)

        told, parent = _attributes(scope, method), Headers(scope=scope).get("traceparent")
        traced = parent is not None or scope["path"] not in PROBES
        with (
            meters.in_flight.track_inprogress(),
            telemetry.span(method, "server", told, parent=parent, recorded=traced) as span,
        ):
            try:
                await self.app(scope, receive, send_seen)
            finally:
                if answer.is_stream:
                    meters.streams.dec()
                route = route_of(scope)
                span.rename(f"{method} {route}" if route != NOWHERE else method)
                span.set("http.route", route)
                span.set("http.response.status_code", answer.status)
                if answer.status >= SERVER_ERROR:
                    span.fail(str(answer.status))
                self._count(meters, scope, method, route, answer, time.perf_counter() - begun)

    def _count(self, meters: Meters, scope: Scope, method: str, route: str, answer: _Answer, seconds: float) -> None:
        meters.answered(method, route, answer.status, answer.first_byte)
        if not self._logged:
            return
        client = (scope.get("client") or ("",))[0]
        fields = {
            "method": method,
            "route": route,
            "status": answer.status,
            "duration_ms": round(seconds * 1000, 1),
            "bytes": answer.size,
            "client": client,
        }
        line = "%s %s %d %.1f ms %d bytes %s"
        values = (method, route, answer.status, seconds * 1000, answer.size, client)
        log.info(line, *values, extra={telemetry.FIELDS: fields})


def route_of(scope: Scope) -> str:
    """The template of the address that a request has come to, after it was answered."""
    path: str | None = getattr(scope.get("route"), "path", None)
    if path is not None:
        return path
    mounted: str = scope.get("root_path", "")
    return f"{mounted}/{{path}}" if mounted else NOWHERE


def _attributes(scope: Scope, method: str) -> dict[str, Any]:
    """As OpenTelemetry's conventions for HTTP servers name them."""
    server = scope.get("server") or (None, None)
    return {
        "http.request.method": method,
        "url.scheme": scope.get("scheme"),
        "server.address": server[0],
        "server.port": server[1],
        "pansori.request_id": scope.get("state", {}).get("request_id"),
    }
