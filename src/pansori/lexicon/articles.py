"""Which of “a” and “an” an English phrase takes: that goes by its first sound, not by its first letter."""

from __future__ import annotations

import re
from typing import Final, Literal

_AN_BY_NAME: Final = frozenset("AEFHILMNORSX")  #: letters whose names begin with a vowel: an R&B song, an FM radio
_LETTERS: Final = re.compile(
    r"[A-Z](?:[A-Z]{0,2}(?![A-Za-z])|[^AEIOUYaeiouy\W\d]*(?!\w))|[a-z]&|[b-df-hj-np-tv-xz]+(?![a-z'])"
)
"""What is said letter by letter: a few capitals, and what has no vowel."""
_AS_IN_YOU: Final = re.compile(
    r"eu|ewe|onc?e(?![a-z])|ones(?![a-z])|u(?:biq|k|ni(?![dmn])|nanim|s[aeu]|t[eio]|ra)", re.IGNORECASE
)
"""Vowels that begin as a consonant: a ukulele, a European song, a one-minute song."""
_SILENT: Final = re.compile(r"h(?:our|onest|ono|eir)", re.IGNORECASE)
_EIGHT: Final = re.compile(r"8|1[18](?:\d\d)?(?!\d)")  #: eight, eleven, eighteen, and the years that begin so


def article(phrase: str) -> Literal["a", "an"]:
    if _EIGHT.match(phrase) or _SILENT.match(phrase):
        return "an"
    if _LETTERS.match(phrase) and not (phrase.isupper() and " " in phrase):
        return "an" if phrase[0].upper() in _AN_BY_NAME else "a"
    if _AS_IN_YOU.match(phrase):
        return "a"
    return "an" if phrase[:1].lower() in "aeiou" and phrase else "a"
