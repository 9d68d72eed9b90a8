"""A server of somebody else's, which does what a test tells it to: gives files, and answers what is sent to it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from support.waiting import eventually


@dataclass(frozen=True)
class Call:
    """A request that came. `headers`: by lower-case name."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b'{"status": "processing"}'
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)
    after: threading.Event | None = None
    """Nothing is answered before that."""


class Listener:
    """`usual` answers every POST for which `answers` has none any more. `files`: what GET gives, by path."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.answers: list[Answer] = []
        self.usual = Answer()
        self.files: dict[str, bytes] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()

    def reset(self, usual: Answer | None = None) -> None:
        self.calls.clear()
        self.answers.clear()
        self.usual = usual or Answer()

    def called(self, times: int = 1) -> Call:
        """The last of so many requests, as soon as it is there."""
        eventually(lambda: len(self.calls) >= times)
        return self.calls[times - 1]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _handler(listener: Listener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            content = listener.files.get(self.path)
            self._send(Answer(404, b"") if content is None else Answer(200, content, "application/octet-stream"))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = listener.answers.pop(0) if listener.answers else listener.usual
            listener.calls.append(Call(self.path, headers, body))
            if answer.after is not None:
                answer.after.wait(60)
            self._send(answer)

        def _send(self, answer: Answer) -> None:
            with suppress(OSError):  # whoever asked has gone
                self.send_response(answer.status)
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", answer.media_type)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

        def log_message(self, *_: Any) -> None: ...

    return Handler


@contextmanager
def listening() -> Iterator[Listener]:
    listener = Listener()
    try:
        yield listener
    finally:
        listener.close()
