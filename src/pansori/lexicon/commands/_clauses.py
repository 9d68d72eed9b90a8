"""Where in what was said a command may stand beside something else: a reason, a greeting, a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pansori.lexicon.commands._templates import SpokenLanguage

MOST: Final = 8  #: clauses; who says more in a breath orders nothing

_MARKS: Final = re.compile(r"[,.](?!\d)|[!?;:…–—。，、！？]|\s-\s")
_TURNS: Final = re.compile(r"\b(?:so|but|(?:can|could|would|will) you|please)\b", re.IGNORECASE)
#: Where an English reason begins, which need not be parted from what is before it.
_REASONS: Final = re.compile(
    r"""\b(?:because|since|cause
    |(?:i|we|you|they|he|she|it|there)(?:['’](?:m|ve|re|s)|\ (?:am|is|are|was|were|have|has))
    |(?:i|we)\ (?:can(?:['’]t|not)|don['’]?t|didn['’]?t|want|need|just|changed|missed|feel|think)
    |(?:the|my|our)\ \w+(?:['’]s\ \w+ing|\ is|\ are))\b""",
    re.IGNORECASE | re.VERBOSE,
)
#: Endings after which a Korean clause is over.
_ENDINGS: Final = re.compile(
    r"(?:니까|[가-힣]데|(?<!에)서|(?<=[가-힣])(?<!려)면|거든|지만|길래|더니|느라|요|니다)(?=\s)"
)
_NOT_ENDINGS: Final = re.compile(r"(?:운데|군데|는 데|[은는]데서|화면|라면|순서|여기서|거기서|어디서|에게서)$")
#: What is before these and what is behind them are seldom parts of one thing.
_WALLS: Final[Mapping[SpokenLanguage, re.Pattern[str]]] = {
    "ko": re.compile(r"(?:니까|길래|거든|더니)(?=\s)|(?<=[가-힣])\.|[!?;…。！？]"),
    "en": re.compile(
        r"(?<=\w{3})\.(?!\d)|[!?;…]|,(?=\s(?:i|you|he|she|we|they|it|there|the|my|your|this|that|who|what|can|could)\b)",
        re.IGNORECASE,
    ),
}
_DENIED: Final = re.compile(r"(?:no|nope|nah|not|don['’]?t|do not|never)\b|아니|안 돼|하지 마|말고", re.IGNORECASE)
_REPORTED: Final = re.compile(
    r"""(?<!\byou\ )(?<!\bjust\ )
    \b(?:said|says|told|tells|asked|asks|shouted|yelled|screamed|sang|wrote|whispered|replied|answered)\b
    |\blike$
    |(?<!뭐)(?:라고|라는|다고|냐고|자고)\s?(?:했|하[시더는]|말|물|그[러랬]|소리)""",
    re.IGNORECASE | re.VERBOSE,
)


@dataclass(frozen=True)
class Clause:
    """From and up to a character of what was said. `aside`: it only says why, and no command begins with it."""

    first: int
    end: int
    aside: bool


def clauses(said: str, language: SpokenLanguage) -> list[Clause]:
    """They follow each other with nothing but marks between."""
    starts = {0: False, **{place: aside for place, aside in _starts(said, language) if 0 < place < len(said)}}
    places = sorted(starts)
    parts = [Clause(place, end, starts[place]) for place, end in zip(places, [*places[1:], len(said)], strict=True)]
    return [one for one in parts if any(map(str.isalnum, said[one.first : one.end]))]


def _starts(said: str, language: SpokenLanguage) -> Iterator[tuple[int, bool]]:
    if language == "ko":
        for end in _ENDINGS.finditer(said):
            if not _NOT_ENDINGS.search(said, max(0, end.end() - 4), end.end()):
                yield end.end(), False
    else:
        yield from ((reason.start(), True) for reason in _REASONS.finditer(said))
        yield from ((turn.start(), False) for turn in _TURNS.finditer(said))
    yield from ((mark.end(), False) for mark in _MARKS.finditer(said))


def walls(said: str, language: SpokenLanguage) -> list[int]:
    """Characters behind which something new begins, most probably."""
    return [wall.end() for wall in _WALLS[language].finditer(said)]


def denies(clause: str) -> bool:
    """Whether it takes back what was said before."""
    return _DENIED.match(clause.strip(" \"'“”‘’")) is not None


def reports(clause: str) -> bool:
    """Whether it tells what somebody says: what is beside it is no command then."""
    return _REPORTED.search(clause.strip(" ,.!?;:…")) is not None
