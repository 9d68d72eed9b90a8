"""Talking to a Gradio app: what it is made of, joining its queue, reading what the queue says.

The protocol is that of Gradio's own clients since version 4 (`sse_v1` to `sse_v3`): `POST queue/join`, then the events
of the session as a stream from `queue/data`, until the event says `process_completed`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from pansori.domain.errors import FetchTimedOut, NetworkError, SpaceFailed, Text
from pansori.domain.units import Bytes, Seconds
from pansori.engines.compose.space import faults
from pansori.engines.compose.space.model import App, Endpoint, number_of, read_app, read_json
from pansori.net import Bounds, Client, Response, Url

DESCRIPTION = Bytes(16 * 1024 * 1024)  #: largest `/config` or `/info`
MESSAGES = Bytes(64 * 1024 * 1024)  #: all that a queue may say, with sound inside as a `data:` URL
ANSWER_WITHIN = Seconds(30.0)  #: for anything but the music itself
FAREWELL_WITHIN = Seconds(3.0)  #: for saying that nobody waits any more
JSON = "application/json"

Opening = AbstractContextManager[Response]


@dataclass(frozen=True)
class News:
    """How far the Space is. `fraction`: of its own work, None where it does not tell; `position`: in its queue, from 1,
    None once it works."""

    fraction: float | None = None
    position: int | None = None
    message: str = ""


@dataclass
class Session:
    """One job's conversation with one app. `secrets`: headers for its own origin; `look` is called while one waits."""

    client: Client
    base: Url
    secrets: Mapping[str, str]
    deadline: float
    """On the monotonic clock."""
    look: Callable[[], None]
    key: str = field(default_factory=lambda: uuid4().hex)
    cookies: dict[str, str] = field(default_factory=dict)

    def app(self) -> App:
        """Raises a `SpaceError`, or a `NetworkError`."""
        try:
            config = self._told("config")
        except SpaceFailed:
            self._look_at_page()
            raise
        prefix = config.get("api_prefix") if isinstance(config, Mapping) else None
        try:
            info = self._told(f"{prefix.strip('/')}/info" if isinstance(prefix, str) and prefix else "info")
        except SpaceFailed:
            info = None  # an app may keep its API's description to itself, and still have one
        return read_app(config, info)

    def call(self, app: App, endpoint: Endpoint, data: list[Any], tell: Callable[[News], None]) -> list[Any]:
        """What the endpoint gives back, one value for each of its outputs.

        When it is called off, or fails here, the Space is told that nobody waits any more; never one that has finished.
        Raises a `SpaceError`, a `NetworkError`, and what `look` raises.
        """
        if not app.protocol.startswith("sse_v"):
            raise faults.too_old(app.version)
        joined = {"data": data, "event_data": None, "fn_index": endpoint.index, "trigger_id": None}
        answer = self._posted(app, "queue/join", {**joined, "session_hash": self.key})
        event = answer.get("event_id") if isinstance(answer, Mapping) else None
        if not isinstance(event, str):
            raise faults.strange()
        try:
            return self._awaited(app, event, tell)
        except SpaceFailed:
            raise  # it has finished
        except BaseException:
            self._leave(app, endpoint, event)
            raise

    def headers_for(self, url: Url) -> Mapping[str, str]:
        """What identifies us, for the Space's own origin alone."""
        return self._private() if url.origin == self.base.origin else {}

    def _awaited(self, app: App, event: str, tell: Callable[[News], None]) -> list[Any]:
        url = self._at(app, f"queue/data?session_hash={self.key}")
        with self._open("GET", url, self._left(), MESSAGES) as response:
            self._remember(response)
            faults.check(response)
            for message in _messages(response):
                self.look()
                if message.get("event_id") not in (None, event):
                    continue
                if (output := _understood(message, tell)) is not None:
                    return output
        raise faults.broken_off()

    def _leave(self, app: App, endpoint: Endpoint, event: str) -> None:
        body = {"session_hash": self.key, "fn_index": endpoint.index, "event_id": event}
        bounds = Bounds(total=FAREWELL_WITHIN, size=DESCRIPTION)
        with suppress(NetworkError):
            kind, url = {"Content-Type": JSON}, self._at(app, "cancel")
            with self.client.open(
                "POST", url, headers=kind, secrets=self.headers_for(url), body=_json(body), bounds=bounds
            ) as response:
                response.read()

    def _look_at_page(self) -> None:
        """What has no `/config` may say on its page why. Raises `SpaceSignInOnly`, `SpaceLoading`."""
        with suppress(NetworkError, SpaceFailed), self._open("GET", self.base, ANSWER_WITHIN, DESCRIPTION) as response:
            faults.check(response)
            raise faults.page(response.media_type, response.read())

    def _told(self, path: str) -> Any:
        with self._open("GET", self._join(path), ANSWER_WITHIN, DESCRIPTION) as response:
            self._remember(response)
            faults.check(response)
            return _parsed(response)

    def _posted(self, app: App, path: str, body: Any) -> Any:
        with self._open("POST", self._at(app, path), ANSWER_WITHIN, DESCRIPTION, _json(body)) as response:
            self._remember(response)
            faults.check(response)
            return _parsed(response)

    def _open(self, method: str, url: Url, within: Seconds, size: Bytes, body: bytes = b"") -> Opening:
        within = Seconds(min(within, self._left()))
        return self.client.open(
            method,
            url,
            headers={"Accept": "*/*", **({"Content-Type": JSON} if body else {})},
            secrets=self.headers_for(url),
            body=body,
            bounds=Bounds(total=within, size=size, read=within),
            look=self.look,
        )

    def _left(self) -> Seconds:
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise FetchTimedOut(Text("No time is left.", "남은 시간이 없어요."))
        return Seconds(left)

    def _private(self) -> dict[str, str]:
        kept = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return {**self.secrets, **({"Cookie": kept} if kept else {})}

    def _remember(self, response: Response) -> None:
        """Cookies tell a load balancer which of several servers knows this session."""
        if response.url.origin == self.base.origin:
            self.cookies.update(response.cookies)

    def _at(self, app: App, path: str) -> Url:
        return self._join(f"{app.prefix}/{path}" if app.prefix else path)

    def _join(self, path: str) -> Url:
        return self.base.join(path)


def _understood(message: Mapping[str, Any], tell: Callable[[News], None]) -> list[Any] | None:
    """The outputs, once they are there; before that, news of them."""
    kind = message.get("msg")
    if kind == "process_completed":
        return _completed(message)
    if kind == "unexpected_error":
        raise faults.own_error(message.get("message"))
    if kind == "estimation":
        rank = message.get("rank")
        tell(News(position=rank + 1 if isinstance(rank, int) else None, message=""))
    elif kind in ("progress", "process_starts", "process_generating"):
        tell(_progress(message.get("progress_data")))
    return None


def _completed(message: Mapping[str, Any]) -> list[Any]:
    output = message.get("output")
    output = output if isinstance(output, Mapping) else {}
    if message.get("success") is False or "error" in output:
        raise faults.own_error(output.get("error"), output.get("title"))
    data = output.get("data")
    if not isinstance(data, list):
        raise faults.broken_off() if not output else faults.strange()
    return data


def _progress(units: Any) -> News:
    """Gradio nests progress bars; the outermost comes first."""
    first = units[0] if isinstance(units, list) and units and isinstance(units[0], Mapping) else {}
    said = first.get("desc")
    fraction, index, length = (number_of(first.get(name)) for name in ("progress", "index", "length"))
    if fraction is None and index is not None and length:
        fraction = index / length
    return News(
        fraction=None if fraction is None else min(max(fraction, 0.0), 1.0),
        message=said if isinstance(said, str) else "",
    )


def _messages(response: Response) -> Iterator[Mapping[str, Any]]:
    """The JSON objects of an event stream (WHATWG HTML 9.2), which Gradio sends as one `data:` line each."""
    for line in _lines(response.chunks):
        if line.startswith(b"data:"):
            try:
                message = read_json(line[5:])
            except ValueError as error:
                raise faults.strange() from error
            if isinstance(message, Mapping):
                yield message


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of an unfinished line are kept apart: joining them each time takes for ever with long ones."""
    pieces: list[bytes] = []
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            yield b"".join((*pieces, line)).rstrip(b"\r")
            pieces = []
        pieces.append(rest)


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def _parsed(response: Response) -> Any:
    content = response.read()
    try:
        return read_json(content)
    except ValueError as error:
        raise faults.page(response.media_type, content) from error
