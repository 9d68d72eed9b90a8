"""Which part of a stored file a request gets: conditional requests and ranges by RFC 9110, as pure functions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Literal

from pansori.domain.units import Bytes

Status = Literal[200, 206, 304, 412, 416]

ENTITY_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e\x80-\xff]*)"')
RANGES = re.compile(r"bytes=(.*)", re.IGNORECASE | re.DOTALL)
RANGE = re.compile(r"(?:([0-9]+)-([0-9]*)|-([0-9]+))")
LONGEST_HEADER = 4096  #: characters; a longer Range is ignored, as 14.2 allows


@dataclass(frozen=True)
class Representation:
    """What a GET without conditions would answer with. It never changes once stored, so both validators are strong."""

    size: Bytes
    sha256: str
    modified: datetime  #: aware

    @property
    def etag(self) -> str:
        return f'"{self.sha256}"'

    @property
    def last_modified(self) -> datetime:
        """In whole seconds, which is all that HTTP's dates can say."""
        return self.modified.astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class Delivery:
    """The answer: its status, the bytes `start` up to, not including, `end`, and its headers.

    304, 412 and 416 have no bytes of the file. `Content-Length` is that of a GET's body, for HEAD too; it is absent
    where the caller writes the body (412 and 416).
    """

    status: Status
    start: int = 0
    end: int = 0
    headers: dict[str, str] = field(default_factory=dict)


def deliver(method: str, headers: Mapping[str, str], file: Representation) -> Delivery:
    """Answer a GET or HEAD. `headers`: those of the request, under lower-case names (or names of any case in a
    mapping that does not care). One that came on several lines is one value, its lines joined by commas (5.3)."""
    validators = {"ETag": file.etag, "Last-Modified": format_datetime(file.last_modified, usegmt=True)}
    refused = precondition(headers, file)
    if refused == 304:
        return Delivery(304, headers=validators)
    if refused == 412:
        return Delivery(412)
    spans = None
    if method == "GET" and "range" in headers and if_range(headers.get("if-range"), file):
        spans = parse_range(headers["range"], file.size)
    if spans == []:
        return Delivery(416, headers={"Content-Range": f"bytes */{file.size}", "Accept-Ranges": "bytes"})
    validators["Accept-Ranges"] = "bytes"
    if spans is None or len(spans) > 1:  # several at once may be answered with the whole (14.2)
        return Delivery(200, 0, file.size, {**validators, "Content-Length": str(file.size)})
    start, end = spans[0]
    part = {"Content-Range": f"bytes {start}-{end - 1}/{file.size}", "Content-Length": str(end - start)}
    return Delivery(206, start, end, {**validators, **part})


def precondition(headers: Mapping[str, str], file: Representation) -> Literal[304, 412] | None:
    """The status that ends a GET or HEAD before its Range is looked at, in the order of 13.2.2."""
    if (wanted := headers.get("if-match")) is not None:
        if not _matches(wanted, file.etag, weakly=False):  # 13.1.1
            return 412
    elif (date := http_date(headers.get("if-unmodified-since"))) and file.last_modified > date:  # 13.1.4
        return 412
    if (known := headers.get("if-none-match")) is not None:
        return 304 if _matches(known, file.etag, weakly=True) else None  # 13.1.2
    date = http_date(headers.get("if-modified-since"))  # 13.1.3
    return 304 if date and file.last_modified <= date else None


def if_range(validator: str | None, file: Representation) -> bool:
    """Whether Range counts (13.1.5): the validator is absent, the same entity tag, or exactly the same date."""
    if validator is None:
        return True
    if ENTITY_TAG.fullmatch(validator.strip()):
        return validator.strip() == file.etag
    return http_date(validator) == file.last_modified


def parse_range(value: str, size: int) -> list[tuple[int, int]] | None:
    """The spans (start, end exclusive) that can be satisfied, in the order asked for (14.1.1, 14.1.2).

    None: the header is to be ignored, since its unit is unknown, it is not well formed, or it asks for the end of
    nothing, which no Content-Range can say. Empty: it is right, and none of it is there (416).
    """
    ranges = RANGES.fullmatch(value.strip(" \t"))
    if ranges is None or len(value) > LONGEST_HEADER:
        return None
    spans, valid = [], False
    for part in ranges[1].split(","):
        if not (part := part.strip(" \t")):
            continue  # empty elements of lists are allowed (5.6.1.2)
        span = _span(part, size)
        if span is None:
            return None
        valid = True
        if span[0] < span[1]:
            spans.append(span)
        elif size == 0 and part.startswith("-") and int(part[1:]):
            return None
    return spans if valid else None


def _span(part: str, size: int) -> tuple[int, int] | None:
    """None: not a range. An empty span: one that the file cannot satisfy."""
    found = RANGE.fullmatch(part)
    if found is None:
        return None
    first, last, suffix = found.groups()
    if suffix is not None:
        return max(0, size - int(suffix)), size
    if last and int(last) < int(first):
        return None
    return int(first), min(size, int(last) + 1 if last else size)


def http_date(value: str | None) -> datetime | None:
    """UTC. None where there is no date that 5.6.7 knows, or more than one; such a field is ignored (13.1.3)."""
    if value is None or value.count(",") > 1:
        return None
    try:
        date = parsedate_to_datetime(value)
        return date.astimezone(UTC) if date.tzinfo else date.replace(tzinfo=UTC)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _matches(wanted: str, etag: str, *, weakly: bool) -> bool:
    """Whether `*` or a list of entity tags names `etag`, which is strong (8.8.3.2)."""
    if wanted.strip() == "*":
        return True
    tags = ENTITY_TAG.finditer(wanted)
    return any(f'"{tag[2]}"' == etag and (weakly or not tag[1]) for tag in tags)
