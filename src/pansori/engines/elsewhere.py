"""Other servers that engines ask: those whose address the operator set, and no others.

What goes wrong is told apart: nobody listens there, or breaks off (`Unreachable`); it takes too long, all in all,
however slowly it drips (`FetchTimedOut`); it answers that it cannot or will not (`FetchFailed`, with its status and its
own words); it answers more than is read (`ResponseTooLarge`), or nonsense, such as a page in place of JSON
(`GarbledAnswer`). No proxy is used, and the key goes to the address that was set and nowhere else.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import uuid4

from pansori.domain.errors import EngineUnavailable, FetchFailed, GarbledAnswer, NetworkError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes, Seconds
from pansori.engines.base import READY, Status
from pansori.lexicon.particles import attach
from pansori.net import Bounds, Client, Response, Url, parse_json, parse_url, said_of
from pansori.settings import Settings

PATIENCE: Final = Seconds(30.0)  #: with which a whole answer is waited for, where nothing else is said
LARGEST: Final = Bytes(64 * 1024 * 1024)  #: of an answer; an hour of speech as FLAC
TOLD: Final = Bytes(16 * 1024 * 1024)  #: of an answer in JSON
COMPLAINT: Final = Bytes(65_536)  #: of an answer that is no success, as much as is looked at
JSON: Final = "application/json"
EVENTS: Final = "text/event-stream"
REFUSED_KEY: Final = frozenset({401, 403})


@dataclass(frozen=True)
class Body:
    """What is sent."""

    content: bytes = field(repr=False)
    media_type: str

    @classmethod
    def json(cls, told: Any) -> Body:
        return cls(json.dumps(told, ensure_ascii=False).encode(), JSON)

    @classmethod
    def form(cls, fields: Iterable[tuple[str, str]], files: Iterable[File] = ()) -> Body:
        """As forms with files are sent (RFC 7578). A name may come more than once."""
        boundary = uuid4().hex
        parts = [(f'name="{_quoted(name)}"', "", value.encode()) for name, value in fields]
        parts += [
            (f'name="{_quoted(file.part)}"; filename="{_quoted(file.name)}"', file.media_type, file.content)
            for file in files
        ]
        pieces = []
        for names, media_type, content in parts:
            kind = f"Content-Type: {media_type}\r\n" if media_type else ""
            head = f"--{boundary}\r\nContent-Disposition: form-data; {names}\r\n{kind}\r\n"
            pieces += [head.encode(), content, b"\r\n"]
        pieces.append(f"--{boundary}--\r\n".encode())
        return cls(b"".join(pieces), f"multipart/form-data; boundary={boundary}")


@dataclass(frozen=True)
class File:
    """One of a form, in its field `part`."""

    part: str
    name: str
    content: bytes = field(repr=False)
    media_type: str


def _nothing() -> None:
    """Nobody calls the request off."""


class Elsewhere:
    """A server that is asked. Cheap to make: every request has a connection of its own.

    `setting` is what the operator set to `address`, `key_setting` to `key`, so that errors name what to look at.
    `address` may have a path, which all others go on from. Raises `EngineUnavailable` for what is no address, and for
    what no key can be.
    """

    def __init__(self, settings: Settings, address: str, setting: str, *, key: str = "", key_setting: str = "") -> None:
        self._setting, self._key_setting = setting, key_setting
        self.url = _url(address, setting)
        self._secrets = _secrets(key.strip(), key_setting)
        self._client = Client.of(settings, trusted=(self.url,))

    @contextmanager
    def ask(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        accept: str = "*/*",
        within: Seconds = PATIENCE,
        size: Bytes = LARGEST,
        look: Callable[[], None] = _nothing,
    ) -> Iterator[Response]:
        """A successful answer, whose body is still to be read. `within`: how long everything may take, reading too;
        `look` is called several times a second, and what it raises ends the request. Raises a `NetworkError`, also
        while the body is read."""
        headers = {"Accept": accept, **({"Content-Type": body.media_type} if body else {})}
        with (
            self._told_here(),
            self._client.open(
                method,
                self.url.join(path),
                headers=headers,
                secrets=self._secrets,
                body=body.content if body else b"",
                bounds=Bounds(total=within, size=size, read=within),
                look=look,
            ) as response,
        ):
            response = replace(response, chunks=_looked(response.chunks, look))
            if not response.ok:
                raise self._refusal(response)
            yield response

    def told(
        self,
        method: str,
        path: str,
        body: Body | None = None,
        *,
        within: Seconds = PATIENCE,
        look: Callable[[], None] = _nothing,
    ) -> JsonDict:
        """The object in JSON that it answers with. Raises a `NetworkError`."""
        with self.ask(method, path, body, accept=JSON, within=within, size=TOLD, look=look) as response:
            return self.read_object(response)

    def read_object(self, response: Response) -> JsonDict:
        """The body as an object in JSON. Raises `GarbledAnswer` for anything else."""
        content = response.read()
        try:
            told = parse_json(content)
        except ValueError as error:
            raise self.garbled(response.media_type or "?", "JSON") from error
        if not isinstance(told, dict):
            raise self.garbled(f"{type(told).__name__}", "JSON")
        return told

    def garbled(self, came: str, wanted: str) -> GarbledAnswer:
        """That something else came than what was to come, in a word or two each."""
        return GarbledAnswer(
            Text(
                f"{self.url.authority} answered with {came} in place of {wanted}.",
                f"{self.url.authority}: {attach(wanted, '을/를')} 기다렸는데 {attach(came, '이/가')} 왔어요.",
            ),
            cure=self._look_at_setting,
        )

    @property
    def _look_at_setting(self) -> Text:
        return Text(
            f"See whether {self._setting} is right, and whether that server is well.",
            f"{attach(self._setting, '이/가')} 맞는지, 그 서버가 잘 돌아가는지 확인하세요.",
        )

    @contextmanager
    def _told_here(self) -> Iterator[None]:
        """Let what the network says name the setting that led there."""
        try:
            yield
        except (FetchFailed, GarbledAnswer):
            raise
        except NetworkError as error:
            raise type(error)(error.message, cure=self._look_at_setting) from error

    def _refusal(self, response: Response) -> FetchFailed:
        said, status = words_of(response), response.status
        colon = f": {said}" if said else "."
        cure = self._look_at_setting
        if status in REFUSED_KEY and self._key_setting:
            cure = Text(
                f"See whether {self._key_setting} is right.", f"{attach(self._key_setting, '이/가')} 맞는지 확인하세요."
            )
        return FetchFailed(
            Text(
                f"{self.url.authority} answered with status {status}{colon}",
                f"{self.url.authority}: 상태 코드 {attach(str(status), '으로/로')} 답했어요{colon}",
            ),
            status=status,
            cure=cure,
        )


def events(response: Response) -> Iterator[str]:
    """The data of each event of a stream (WHATWG HTML, 9.2), as it comes. One that breaks off is left out."""
    data: list[str] = []
    for line in _lines(response.chunks):
        name, _, value = line.partition(":")
        if not line and data:
            yield "\n".join(data)
            data = []
        elif name == "data":
            data.append(value.removeprefix(" "))


def set_or_not(address: str, setting: str) -> Status:
    """Ready where the operator set an address: without one, nothing leaves this machine."""
    if address:
        return READY
    return Status(
        state="missing",
        reason="no server is set",
        cure=f"Set {setting} to the address of one.",
        reason_ko="정해 둔 서버가 없어요",
        cure_ko=f"{attach(setting, '을/를')} 서버 주소로 설정하세요.",
    )


def words_of(response: Response) -> str:
    """What a server says of its failure, where that is in one of the usual places, in words that are safe to repeat."""
    content = b""
    with suppress(NetworkError):  # what came of it has to do
        for chunk in response.chunks:
            content += chunk
            if len(content) >= COMPLAINT:
                break
    return said_of(content, response.media_type)


def _looked(chunks: Iterator[bytes], look: Callable[[], None]) -> Iterator[bytes]:
    """The client looks while it waits; where something always comes, nobody would."""
    for chunk in chunks:
        look()
        yield chunk


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """Pieces of an unfinished line are kept apart: joining them each time takes for ever with long ones."""
    pieces: list[bytes] = []
    for chunk in chunks:
        *ended, rest = chunk.split(b"\n")
        for line in ended:
            yield b"".join((*pieces, line)).rstrip(b"\r").decode(errors="replace")
            pieces = []
        pieces.append(rest)


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _url(address: str, setting: str) -> Url:
    try:
        return parse_url(address.strip().rstrip("/") + "/", any_port=True)
    except NetworkError as error:
        raise EngineUnavailable(
            error.message,
            cure=Text(f"Set {setting} to an http or https address.", f"{setting}에 http나 https 주소를 적어 주세요."),
        ) from error


def _secrets(key: str, setting: str) -> Mapping[str, str]:
    if not key.isascii() or not (key or "-").isprintable():  # it would not even travel in a header
        raise EngineUnavailable(
            Text(f"{setting} is not a key.", f"{setting}에 든 값은 키가 아니에요."),
            cure=Text(f"Set {setting} anew.", f"{attach(setting, '을/를')} 다시 설정하세요."),
        )
    return {"Authorization": f"Bearer {key}"} if key else {}
