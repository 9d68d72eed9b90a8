"""File names that are safe to show, to send in a header and to save under."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 200
MAX_BYTES = 240  #: file systems allow 255; a browser may add " (1)"
MAX_EXTENSION = 16
RESERVED = re.compile(r'[/\\:*?"<>|]+')
JOINERS = frozenset("\u200c\u200d")  #: format characters that Persian and emoji need


def clean_name(name: str, fallback: str = "file") -> str:
    """`name` as one component of a path: composed, with no separators, controls or characters that turn the
    direction of text, at most 200 characters and 240 bytes of UTF-8, the extension kept. Idempotent."""
    composed = unicodedata.normalize("NFC", name)
    visible = "".join(character for character in composed if character in JOINERS or not _hidden(character))
    return _shorten(_tidy(RESERVED.sub("_", visible))) or fallback


def _hidden(character: str) -> bool:
    """Controls, format characters, lone surrogates, and those that end lines and paragraphs."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def _tidy(name: str) -> str:
    """No leading or trailing dots (hidden files, `..`) and no runs of spaces."""
    return " ".join(name.split()).strip(". ")


def _shorten(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    if not stem or len(extension) > MAX_EXTENSION or not extension.isalnum():
        stem, dot, extension = name, "", ""
    tail = dot + extension
    stem = stem[: MAX_CHARACTERS - len(tail)]
    room = MAX_BYTES - len(tail.encode())
    kept = stem.encode()[:room].decode(errors="ignore")
    return unicodedata.normalize("NFC", _tidy(kept) + tail if kept else "")
