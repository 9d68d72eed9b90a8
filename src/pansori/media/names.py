"""File names that are safe to show, to send in a header and to save under."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 200
MAX_BYTES = 240  #: file systems allow 255; a browser may add " (1)"
MAX_EXTENSION = 16
RESERVED = re.compile(r'[/\\:*?"<>|]+')
JOINERS = frozenset("\u200c\u200d")  #: format characters that Persian and emoji need


def one_line(text: str) -> str:
    """`text` on one line, without what cannot be seen: controls, and characters that turn the direction of the text
    around them. Idempotent."""
    return " ".join(visible(" ".join(text.split())).split())


def visible(text: str) -> str:
    """`text` without controls, line ends included, and without format characters but joiners."""
    return "".join(character for character in text if character in JOINERS or not _hidden(character))


def clean_name(name: str, fallback: str = "file") -> str:
    """`name` as one component of a path: composed, with no separators, controls or characters that turn the
    direction of text, at most 200 characters and 240 bytes of UTF-8, the extension kept. Idempotent."""
    composed = unicodedata.normalize("NFC", name)
    return _shorten(_tidy(RESERVED.sub("_", visible(composed)))) or fallback


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
