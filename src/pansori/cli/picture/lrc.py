"""Timed words, read back from an LRC file: lines, and syllables where the file has them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from pansori.domain.units import Seconds
from pansori.engines.compose.base import TimedLine, TimedSyllable

LINE = re.compile(r"\[(\d+):(\d+(?:\.\d+)?)\](.*)")
STAMP = re.compile(r"<(\d+):(\d+(?:\.\d+)?)>")
UNKNOWN_LENGTH = Seconds(0.4)  #: of a last syllable whose end is not written


def read_lines(text: str, duration: Seconds) -> tuple[TimedLine, ...]:
    """`duration` bounds the last line where nothing else does. A line without words only ends the one before it."""
    found = [
        (_seconds(*match.groups()[:2]), match[3].strip()) for match in map(LINE.fullmatch, text.splitlines()) if match
    ]
    bounds = [*(start for start, _ in found), duration]
    spans = zip(found, pairwise(bounds), strict=True)
    return tuple(_line(words, start, end) for (start, words), (_, end) in spans if words)


def _seconds(minutes: str, seconds: str) -> Seconds:
    return Seconds(60 * int(minutes) + float(seconds))


def _line(words: str, start: Seconds, bound: Seconds) -> TimedLine:
    pieces = STAMP.split(words)  # text, minutes, seconds, text, minutes, seconds, text …
    stamps = [_seconds(*pair) for pair in zip(pieces[1::3], pieces[2::3], strict=True)]
    texts = pieces[3::3]
    syllables = _syllables(texts, stamps, bound)
    end = syllables[-1].end if syllables else bound
    return TimedLine(text=STAMP.sub("", words).strip(), start=start, end=end, syllables=syllables)


def _syllables(texts: Sequence[str], stamps: Sequence[Seconds], bound: Seconds) -> tuple[TimedSyllable, ...]:
    if not stamps:
        return ()
    last = Seconds(min(bound, stamps[-1] + UNKNOWN_LENGTH))
    ends = [*stamps[1:], last]
    return tuple(
        TimedSyllable(text=text, start=start, end=end)
        for text, start, end in zip(texts, stamps, ends, strict=True)
        if text.strip()
    )
