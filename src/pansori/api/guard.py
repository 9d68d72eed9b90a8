"""Keeps foreign web pages from using a server that trusts whoever can reach it.

A page may make its visitor's browser send requests here. Two checks stop that: the `Host` of a server that listens on
a loopback address is one of ours (a page that rebinds its own name to 127.0.0.1 sends its own), and a request that
changes something comes from a page of ours, or from one that the settings allow, or from no page at all.
"""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from pansori.api.language import language_of
from pansori.api.problems import Failure, problem, tell, tell_plainly
from pansori.domain.errors import Text

LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
NO_PAGE = frozenset({"", "none", "same-origin"})  #: values of `Sec-Fetch-Site` that no foreign page causes
FOREIGN = "foreign_origin"  #: the code of that error
STRANGE_HOST = Text(
    "This server is not known by that name; set PANSORI_PUBLIC_URL to be called so.",
    "이 서버의 이름이 아니에요. 그 이름으로 부르려면 PANSORI_PUBLIC_URL을 설정하세요.",
)
FOREIGN_PAGE = Text(
    "A page of another origin may not do this; PANSORI_ALLOW_ORIGINS names those that may.",
    "다른 출처의 페이지에서는 할 수 없어요. 허용하려면 PANSORI_ALLOW_ORIGINS에 적으세요.",
)


class Guard:
    """`hosts`: names this server answers to. Empty: any."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], origins: Collection[str]) -> None:
        self.app = app
        self._hosts = frozenset(hosts)
        self._origins = frozenset(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        refused = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refused is None:
            await self.app(scope, receive, send)
            return
        code, text = refused
        if scope["type"] != "http":
            await problem(Failure(403, code, text.en))(scope, receive, send)
            return
        request = Request(scope)
        failed = Failure(403, code, text.in_language(language_of(request)))
        # by a name that is not ours a page would get neither its styles nor its scripts
        answer = (tell if code == FOREIGN else tell_plainly)(request, failed)
        await answer(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[str, Text] | None:
        headers = Headers(scope=scope)
        if self._hosts and host_name(headers.get("host", "")) not in self._hosts:
            return "unknown_host", STRANGE_HOST
        changing = scope.get("method", "POST") not in SAFE_METHODS
        if changing and is_foreign(headers, scope["scheme"], self._origins):
            return FOREIGN, FOREIGN_PAGE
        return None


def is_foreign(headers: Headers, scheme: str, origins: Collection[str]) -> bool:
    """Whether a request comes from a page that is neither of this server nor of one of `origins`."""
    origin = headers.get("origin")
    if "*" in origins or origin in origins:
        return False
    if origin is not None:
        scheme = {"ws": "http", "wss": "https"}.get(scheme, scheme)  # what the page came by
        return origin != f"{scheme}://{headers.get('host', '')}"
    return headers.get("sec-fetch-site", "") not in NO_PAGE


def host_name(host: str) -> str:
    """The name in a `Host` header, without port and brackets; empty where it is malformed."""
    try:
        return (urlsplit(f"//{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches what listens on `host`."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
