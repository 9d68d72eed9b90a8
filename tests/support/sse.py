"""A client for server-sent events, as the HTML standard has them (§9.2.6), on a thread of its own."""

from __future__ import annotations

import contextlib
import json
import queue
import socket
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Event:
    type: str
    data: str
    last_event_id: str

    @property
    def json(self) -> Any:
        return json.loads(self.data)


def parse(lines: Iterable[str]) -> Iterator[Event]:
    """Events from the lines of a stream; a block that no empty line ends is dropped."""
    kind, data, last_id = "", list[str](), ""
    for line in lines:
        if not line:
            if data:
                yield Event(kind or "message", "\n".join(data), last_id)
            kind, data = "", []
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "event":
            kind = value
        elif name == "data":
            data.append(value)
        elif name == "id" and "\0" not in value:
            last_id = value


class EventSource:
    """Reads events into a queue until it is closed or the server ends the stream."""

    def __init__(
        self, url: str, *, last_event_id: str | None = None, token: str | None = None, timeout: float = 120.0
    ) -> None:
        address = urlsplit(url)
        headers = {"Accept": "text/event-stream"}
        if token is not None:
            headers["Authorization"] = f"Bearer {token}"
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self._connection = HTTPConnection(address.hostname or "", address.port, timeout=timeout)
        self._connection.request("GET", address.path, headers=headers)
        self._socket = self._connection.sock
        self._response = self._connection.getresponse()
        self.status = self._response.status
        self.headers = self._response.headers
        self.last_event_id = last_event_id
        self.ended = threading.Event()
        self._events: queue.Queue[Event] = queue.Queue()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def next(self, timeout: float = 120.0) -> Event:
        """The next event; fails when none comes in time."""
        event = self._events.get(timeout=timeout)
        self.last_event_id = event.last_event_id
        return event

    def rest(self, timeout: float = 120.0) -> list[Event]:
        """All events up to the end of the stream, which has to come in time."""
        assert self.ended.wait(timeout), "the stream did not end"
        found = []
        while not self._events.empty():
            found.append(self.next())
        return found

    def close(self) -> None:
        with contextlib.suppress(OSError):  # the server was faster
            self._socket.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._socket.close()
        self._connection.close()

    def __enter__(self) -> EventSource:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _read(self) -> None:
        try:
            for event in parse(line.decode().rstrip("\r\n") for line in self._response):
                self._events.put(event)
        except (HTTPException, OSError, ValueError):
            """The connection was cut, by us or by the server; what was read before counts."""
        finally:
            self._response.close()
            self.ended.set()
