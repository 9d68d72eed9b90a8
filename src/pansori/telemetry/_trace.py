"""Traces: which request caused what, in whichever process, as W3C Trace Context has it.

A context that a client sends is handed on from request to job to step to the operator's other servers, whatever is
installed. Spans are recorded and sent only where OpenTelemetry's own variables ask for it; only then is its SDK loaded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Literal, Protocol

from pansori.telemetry._exporter import Span, tracer_of_process

HEADER = re.compile(r"(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
Kind = Literal["internal", "server", "client", "producer", "consumer"]
Attribute = str | int | float | bool
Attributes = Mapping[str, Attribute | None]

_context: ContextVar[str | None] = ContextVar("traceparent", default=None)
_span: ContextVar[SpanLike | None] = ContextVar("span", default=None)


class SpanLike(Protocol):
    """What may be told of a span while it lasts."""

    def rename(self, name: str) -> None:
        """Where the name is known at the end only."""

    def set(self, name: str, value: Attribute) -> None:
        """An attribute, by OpenTelemetry's name for it."""

    def fail(self, reason: str) -> None:
        """What the span stands for went wrong; `reason` is a stable code, or the name of an exception."""


class _Unseen:
    """A span that nobody records."""

    def rename(self, name: str) -> None:
        pass

    def set(self, name: str, value: Attribute) -> None:
        pass

    def fail(self, reason: str) -> None:
        pass


UNSEEN = _Unseen()


def traceparent() -> str | None:
    """The header that tells another server what its work belongs to. None: nobody traces this."""
    return _context.get()


def trace_id() -> str | None:
    """What all spans and log lines of one trace have in common."""
    context = _context.get()
    return None if context is None else context[3:35]


@contextmanager
def span(
    name: str,
    kind: Kind = "internal",
    attributes: Attributes | None = None,
    *,
    parent: str | None = None,
    recorded: bool = True,
) -> Iterator[SpanLike]:
    """What happens in the block, as part of whatever is traced around it. Exceptions mark it as failed.

    `parent`: the context that another process has handed on, in place of the one around. What is not of that form is
    ignored, and so are attributes that are None. `recorded` False: only the context is handed on.
    """
    before = parent if parent is not None and HEADER.fullmatch(parent) else _context.get()
    tracer = tracer_of_process() if recorded else None
    begun: Span | None = None
    if tracer is not None:
        told = {key: value for key, value in (attributes or {}).items() if value is not None}
        begun = tracer.begin(name, kind, told, before)
    outside = _context.get(), _span.get()
    _context.set(before if begun is None else begun.traceparent)
    _span.set(UNSEEN if begun is None else begun)
    try:
        yield begun or UNSEEN
    except BaseException as error:
        if begun is not None:
            begun.fail(type(error).__name__)
        raise
    finally:
        _context.set(outside[0])
        _span.set(outside[1])
        if begun is not None:
            begun.end()


def fail_span(reason: str) -> None:
    """`SpanLike.fail` of the innermost span, where there is one."""
    innermost = _span.get()
    if innermost is not None:
        innermost.fail(reason)
