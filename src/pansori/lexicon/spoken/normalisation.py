"""What is said for a text, in the languages that this is known of."""

from __future__ import annotations

import re
from typing import Final

from pansori.lexicon.spoken import english, korean
from pansori.lexicon.spoken.reading import Piece, Reading, Rule, as_written, read
from pansori.lexicon.spoken.sentences import split
from pansori.lexicon.spoken.signs import picture_name

LANGUAGES: Final = ("en", "ko")
_ROUNDS: Final = 6
_ONLY_SEEN: Final = re.compile(r"[^\s.,;:!?…。！？]")  #: beside nothing that is said; the rest is how one says it
_GAP: Final[Rule] = (re.compile(r"\s{3,}"), lambda gap: "\n" if "\n" in gap.group() else " ")


def normalise(text: str, language: str) -> Reading:
    """What is said for `text` in `language` (a BCP 47 tag): no digits are left in it, and what is only to be seen. It
    is its own reading. Other languages than `LANGUAGES` are said as they are written."""
    base = language.partition("-")[0].lower()
    if base not in LANGUAGES:
        return as_written(text)
    rules = (korean if base == "ko" else english).rules()
    reading = read(text, (_GAP,))
    for _ in range(_ROUNDS):  # what a rule leaves may be what another one reads
        again = _read(reading.said, rules)
        if again.said == reading.said:
            break
        reading = reading.then(again)
    if any(map(str.isalnum, reading.said)):
        return reading
    name = picture_name(text)
    said = (name if base == "en" else "이모티콘") if name else _ONLY_SEEN.sub(" ", text)
    return Reading(text, (Piece(said, 0, len(text), False),) if text else ())


def _read(text: str, rules: tuple[Rule, ...]) -> Reading:
    """Sentence by sentence: time grows with the square of their lengths, which have a bound."""
    pieces: list[Piece] = []
    for sentence in split(text):
        once = read(sentence.text, rules)
        once = once.then(read(once.said, (_GAP,)))
        pieces += (
            piece._replace(first=piece.first + sentence.first, last=piece.last + sentence.first)
            for piece in once.pieces
        )
    return Reading(text, tuple(pieces))
