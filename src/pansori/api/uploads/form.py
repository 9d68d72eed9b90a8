"""A file in a form (`multipart/form-data`, RFC 7578), stored while it comes.

Starlette would first keep the whole of it in a temporary file. Here its bytes go to the store as they arrive, in
bounded memory, and nothing is kept of what is refused or broken off.

A route that takes one stands in `LARGE_BODIES` of `pansori.api.app`, has `openapi_extra=file_body("file")`, and calls
`receive_file`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final, Generic, Protocol, TypeVar
from uuid import UUID

from fastapi import Request
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pansori.api.deps import Server
from pansori.api.uploads._pump import drain, pump
from pansori.domain.errors import InvalidRequest, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes
from pansori.media import AssetInfo, file_too_large

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

OVERHEAD: Final = Bytes(1024 * 1024)  #: of a form, beside its file
LONGEST_VALUE: Final = Bytes(64 * 1024)  #: of a field that is no file
MOST_FIELDS: Final = 50
LONGEST_NAME: Final = 100  #: characters of a field's name that are repeated
ESCAPES: Final = {
    "%22": '"',
    "%0D": "",
    "%0A": "",
}  #: in names that browsers write (HTML Standard, "Multipart form data")


FileT = TypeVar("FileT")
FileT_co = TypeVar("FileT_co", covariant=True)


class Incoming(Protocol[FileT_co]):
    """A file that comes. Who leaves it without `finish` has kept nothing."""

    @property
    def size(self) -> Bytes: ...

    def write(self, data: bytes | memoryview) -> None: ...

    def finish(self) -> FileT_co: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


Take = Callable[[str, int | None], Incoming[FileT]]
"""Begins to keep a file of that name, and of at most so many bytes where that was said."""


@dataclass(frozen=True)
class ReceivedForm:
    """A form with one file, which is stored and ready. `fields`: the others, by name."""

    file: AssetInfo
    fields: Mapping[str, str]


async def receive_file(request: Request, server: Server, owner: UUID, field: str = "file") -> AssetInfo:
    """The form's one file, stored and ready, as the account's. Its duration is not known yet.

    Raises `InvalidRequest` naming the field where it is not there, not alone, empty, or the body is no form;
    `MediaTooLarge` over `PANSORI_MAX_UPLOAD`, `QuotaExceeded`, `StorageFull`, `StorageError`. Nothing is kept then, nor
    where the client leaves.
    """
    return (await receive_form(request, server, owner, field)).file


async def receive_form(request: Request, server: Server, owner: UUID, field: str = "file") -> ReceivedForm:
    """The same, with the form's other fields."""
    take, limit = _stored(server, owner), server.services.settings.max_upload
    file, fields = await receive(request, server, take, field, limit=limit)
    assert file is not None, "a form without one is refused"
    return ReceivedForm(file, dict(fields))


async def receive_some(
    request: Request, server: Server, owner: UUID, field: str = "file"
) -> tuple[AssetInfo | None, Mapping[str, str]]:
    """The same for a form that may have no file."""
    take, limit = _stored(server, owner), server.services.settings.max_upload
    file, fields = await receive(request, server, take, field, limit=limit, needed=False)
    return file, dict(fields)


def _stored(server: Server, owner: UUID) -> Take[AssetInfo]:
    limit = server.services.settings.max_upload
    return lambda name, expected: server.services.assets.receive(owner, name, limit=limit, expected=expected)


async def receive(
    request: Request, server: Server, take: Take[FileT], field: str, *, limit: Bytes, needed: bool = True
) -> tuple[FileT | None, Sequence[tuple[str, str]]]:
    """The form's one file as `take` keeps it, of at most `limit` bytes, and its other fields, each as often as it came.
    `needed`: a form without a file is refused. Raises as `receive_file` does."""
    form = _Form(take, limit, field, _boundary(request, field), _length(request))
    try:
        try:
            form.check_size()
            await pump(server, request, form.read)
            return await server.receive(partial(form.finish, needed=needed))
        except PansoriError:
            await drain(request)
            raise
        except ClientDisconnect:
            raise HTTPException(400) from None  # which nobody reads
        finally:
            await run_in_threadpool(form.close)
    except FormParserError as error:
        await drain(request)
        raise _refused(field, BROKEN) from error


def file_body(field: str = "file", **fields: str) -> JsonDict:
    """What the document says of such a body. `fields`: the others, and what they are."""
    properties: JsonDict = {field: {"type": "string", "format": "binary", "description": "The file."}}
    properties |= {name: {"type": "string", "description": told} for name, told in fields.items()}
    schema = {"type": "object", "required": [field], "properties": properties}
    return {"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": schema}}}}


@dataclass
class _Part:
    """The part of the body that is being read."""

    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    name: str = ""
    value: bytearray | None = None  #: of a field; None: it is the file, or its headers are not over yet


class _Form(Generic[FileT]):
    """Reads one body, block by block, on whatever thread."""

    def __init__(self, take: Take[FileT], limit: Bytes, field: str, boundary: bytes, length: int | None) -> None:
        self._take, self._limit, self._field, self._length = take, limit, field, length
        self._fields: list[tuple[str, str]] = []
        self._others: list[str] = []  # names of files that were not asked for
        self._part = _Part()
        self._header = [bytearray(), bytearray()]  # name and value of the one that is being read
        self._file: Incoming[FileT] | None = None
        self._is_file = self._is_named = self._is_over = False
        told: MultipartCallbacks = {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
            "on_end": self._over,
        }
        self._parser = MultipartParser(boundary, told)

    def check_size(self) -> None:
        """Before anything is read. Raises `MediaTooLarge`."""
        if self._length is not None and self._length > self._limit + OVERHEAD:
            raise file_too_large(self._limit)

    def read(self, block: bytes) -> None:
        self._parser.write(block)

    def finish(self, *, needed: bool) -> tuple[FileT | None, Sequence[tuple[str, str]]]:
        """`needed`: a form without a file is refused."""
        self._parser.finalize()
        if not self._is_over:
            raise _refused(self._field, BROKEN_OFF)
        if self._file is None:
            if needed or self._others:
                raise _missing(self._field, [*self._others, *(name for name, _ in self._fields)])
            return None, self._fields
        if not self._file.size and not (needed or self._is_named):
            return None, self._fields  # how browsers send a field in which no file was chosen
        if not self._file.size:
            raise _refused(self._field, EMPTY)
        return self._file.finish(), self._fields

    def close(self) -> None:
        if self._file is not None:
            self._file.__exit__(None, None, None)

    # -- what the parser tells ------------

    def _begin(self) -> None:
        self._part, self._is_file = _Part(), False
        if len(self._fields) + len(self._others) > MOST_FIELDS:
            raise _refused(self._field, TOO_MUCH)

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header[0] += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._header[1] += data[start:end]

    def _header_end(self) -> None:
        self._part.headers.append((bytes(self._header[0]).lower(), bytes(self._header[1])))
        self._header = [bytearray(), bytearray()]

    def _headers_finished(self) -> None:
        _, said = parse_options_header(dict(self._part.headers).get(b"content-disposition", b""))
        self._part.name = name = _decoded(said.get(b"name", b""))
        if b"filename" not in said:
            if name == self._field:
                raise _refused(self._field, NO_FILE)
            self._part.value = bytearray()
        elif name != self._field:
            self._others.append(name)
            raise _missing(self._field, self._others)
        elif self._file is not None:
            raise _refused(self._field, SEVERAL)
        else:
            self._is_file, self._is_named = True, bool(said[b"filename"])
            self._file = self._take(_file_name(said[b"filename"]), self._expected())

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            assert self._file is not None
            self._file.write(memoryview(data)[start:end])
        elif self._part.value is not None:
            self._part.value += data[start:end]
            if len(self._part.value) > LONGEST_VALUE:
                raise _too_long(self._part.name[:LONGEST_NAME])

    def _end(self) -> None:
        if self._part.value is not None:
            self._fields.append((self._part.name, _decoded(bytes(self._part.value))))

    def _over(self) -> None:
        self._is_over = True

    def _expected(self) -> int | None:
        return None if self._length is None else min(self._length, self._limit)


BROKEN = Text("The body is no form: its parts cannot be told apart.", "본문이 폼이 아니에요. 부분을 나눌 수 없어요.")
BROKEN_OFF = Text("The form is broken off before its last boundary.", "폼이 마지막 경계 앞에서 끊겼어요.")
NOT_A_FORM = Text("The body has to be a form (multipart/form-data).", "본문은 폼(multipart/form-data)이어야 해요.")
NO_BOUNDARY = Text("The form does not name its boundary.", "폼에 경계(boundary)가 적혀 있지 않아요.")
NO_FILE = Text("This has to be a file, and not words.", "글이 아니라 파일이어야 해요.")
SEVERAL = Text("There may be one file only.", "파일은 하나만 보낼 수 있어요.")
EMPTY = Text("The file is empty.", "빈 파일이에요.")
TOO_MUCH = Text("The form has more in it than is taken here.", "폼에 담긴 내용이 너무 많아요.")
BOUNDARY = re.compile(rb"[\x20-\x7e]{1,70}")  # RFC 2046 §5.1.1


def _refused(field: str, why: Text) -> InvalidRequest:
    return InvalidRequest(Text(f"{field}: {why.en}", f"{field}: {why.ko}"), field=field, cure=_cure(field))


def _too_long(field: str) -> InvalidRequest:
    """Of a field that is no file."""
    return InvalidRequest(
        Text(
            f"{field}: A field of a form may have {LONGEST_VALUE:,} bytes at most.",
            f"{field}: 폼의 항목 하나는 {LONGEST_VALUE:,}바이트까지만 받아요.",
        ),
        field=field,
    )


def _missing(field: str, others: list[str]) -> InvalidRequest:
    named = ", ".join(other[:LONGEST_NAME] for other in others[:5] if other)
    if not named:
        return _refused(field, Text("The form has no file.", "폼에 파일이 없어요."))
    return _refused(
        field,
        Text(f"The form has no such file. It has: {named}.", f"그런 파일이 폼에 없어요. 폼에 있는 항목: {named}."),
    )


def _cure(field: str) -> Text:
    return Text(f"As in: curl -F {field}=@sound.wav", f"이렇게 보내 보세요: curl -F {field}=@sound.wav")


def _boundary(request: Request, field: str) -> bytes:
    kind, said = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise _refused(field, NOT_A_FORM)
    boundary = said.get(b"boundary", b"")
    if not BOUNDARY.fullmatch(boundary):
        raise _refused(field, NO_BOUNDARY)
    return boundary


def _length(request: Request) -> int | None:
    """Of the whole body, where that is said."""
    said = request.headers.get("content-length", "")
    return int(said[:20]) if said.isascii() and said.isdigit() else None


def _decoded(data: bytes) -> str:
    return data.decode(errors="replace")


def _file_name(said: bytes) -> str:
    """Without the folders that some clients name."""
    name = _decoded(said)
    for escape, meant in ESCAPES.items():
        name = name.replace(escape, meant).replace(escape.lower(), meant)
    return re.split(r"[/\\]", name)[-1]
