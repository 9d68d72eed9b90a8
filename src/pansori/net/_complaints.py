"""What servers say of their failures, in words that are safe to repeat."""

from __future__ import annotations

from typing import Any, Final

from pansori.net._json import parse_json

SAID: Final = 200  #: characters that are repeated


def said_of(content: bytes, media_type: str) -> str:
    """What an answer says of a failure, where that is in one of the usual places, or in plain text. Else empty."""
    try:
        told = parse_json(content)
    except ValueError:
        told = None
    if isinstance(told, dict):
        return said_in(told)
    return _cut(content.decode(errors="replace")) if media_type == "text/plain" else ""


def said_in(told: Any) -> str:
    """The same of an object that was read already: `error`, `detail` or `message`, or such in one of these."""
    for name in ("error", "detail", "message"):
        said = told.get(name) if isinstance(told, dict) else None
        if isinstance(said, dict):
            said = said.get("detail") or said.get("message")
        if isinstance(said, str) and said.strip():
            return _cut(said)
    return ""


def _cut(words: str) -> str:
    """On one line, without marks that are not seen."""
    plain = " ".join("".join(mark if mark.isprintable() else " " for mark in words[: 4 * SAID]).split())
    return plain if len(plain) <= SAID else f"{plain[:SAID]}…"
