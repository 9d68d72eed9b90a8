"""A web server on loopback whose answers a test writes itself, down to the bytes."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Exchange"], None]
"""Writes the whole answer. What it raises because the client went away ends the exchange."""


class Exchange(BaseHTTPRequestHandler):
    """One request and the means to answer it."""

    protocol_version = "HTTP/1.1"
    origin: Origin
    body: bytes = b""

    def answer(self, status: int = 200, body: bytes = b"", media_type: str = "text/plain", **headers: str) -> None:
        """A whole answer. Underscores in names of headers stand for hyphens."""
        self.start(status, **{"Content_Type": media_type, "Content_Length": str(len(body)), **headers})
        self.wfile.write(body)

    def start(self, status: int = 200, **headers: str) -> None:
        """Status line and headers; the body is up to whoever asks."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.flush()

    def _exchange(self) -> None:
        self.close_connection = True
        self.body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path = self.path.partition("?")[0]
        self.origin.requests.append(Request(self.command, self.path, dict(self.headers.items()), self.body))
        found = self.origin.routes.get(path)
        try:
            if found is None:
                self.answer(404)
            else:
                found(self)
        except (ConnectionError, TimeoutError):
            self.origin.gone.set()

    do_GET = do_POST = _exchange  # noqa: N815 - as http.server calls them

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - as http.server calls it
        """Tests read `Origin.requests` instead."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Origin:
    """`gone` is set when a client went away before its answer was whole; `ending` when the server is to end."""

    url: str = ""
    port: int = 0
    routes: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    gone: threading.Event = field(default_factory=threading.Event)
    ending: threading.Event = field(default_factory=threading.Event)


@contextmanager
def serving(routes: dict[str, Answer] | None = None) -> Iterator[Origin]:
    """An origin of the test's own; further routes may be added while it serves."""
    origin = Origin(routes=routes or {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Exchange,), {"origin": origin}))
    origin.port = server.server_address[1]
    origin.url = f"http://127.0.0.1:{origin.port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield origin
    finally:
        origin.ending.set()
        server.shutdown()
        server.server_close()
        thread.join()


def redirecting(location: str, status: int = 302) -> Answer:
    return lambda exchange: exchange.answer(status, Location=location)
