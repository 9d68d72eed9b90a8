"""Header fields that hold lists, which may come on several lines (RFC 9110 §5.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.datastructures import Headers


def joined(lines: Sequence[str] | None) -> str | None:
    """The field's value: its lines in their order, separated by commas. None: it was not sent."""
    return ", ".join(lines) if lines else None


def combined(headers: Headers) -> Mapping[str, str]:
    """Every field with its whole value, under its name in lower case."""
    return {name: ", ".join(headers.getlist(name)) for name in headers}
