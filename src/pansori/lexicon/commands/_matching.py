"""Which command a sentence is."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

from pansori.lexicon.commands._clauses import MOST, Clause, clauses, denies, reports, walls
from pansori.lexicon.commands._fitting import Grammar, Part, Said, Way
from pansori.lexicon.commands._templates import SpokenLanguage, templates
from pansori.lexicon.hangul import is_block

_FILLERS: Final = re.compile(r"(?<!\S)[좀쫌](?!\S|\s+전에)")
LONGEST: Final = 160  #: characters of a sentence that may be a command; nobody orders in more
_COURTESIES: Final = frozenset({"thanks", "hello", "goodbye"})
#: What is said in a word, and how many words (in Korean: letters) the others have at least beside something else.
_SHORT: Final = frozenset({"slower", "faster", "louder", "quieter", "stop", *_COURTESIES})
_LEAST: Final[Mapping[SpokenLanguage, int]] = {"ko": 3, "en": 2}


@dataclass(frozen=True)
class Command:
    """What was understood. `slots`: what was said for each list, in the order in which it was said, as it was said."""

    intent: str
    language: SpokenLanguage
    slots: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    said: str = ""
    """From the first of the slots to the last, as it was said."""

    def slot(self, name: str) -> str:
        """All that was said for it, with spaces between; empty where nothing was."""
        return " ".join(self.slots.get(name, ()))


def understand(text: str) -> Command | None:
    """The command that a sentence is, whatever its case, punctuation and, in Korean, spaces; where it is none, the one
    that is among its clauses. None: it is no command, or has more than `LONGEST` characters."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text or len(text) > LONGEST:
        return None
    said = [_Bare.of(text, language) for language in _languages(text)]
    for look in (_whole, _beside):
        for bare in said:
            if (found := look(bare)) is not None:
                return found
    return None


def _languages(text: str) -> tuple[SpokenLanguage, ...]:
    if not any(map(is_block, text)):
        return ("en",)
    return ("ko", "en") if any("a" <= mark <= "z" for mark in text.lower()) else ("ko",)


def _whole(bare: _Bare) -> Command | None:
    """What all of it says."""
    end = len(bare.tokens)
    best = bare.fits(0).get(end) if end else None
    return None if best is None else _command(*best, bare)


def _beside(bare: _Bare) -> Command | None:
    """The only thing that some of its clauses ask for. Courtesies count where nothing else is said."""
    parts = clauses(bare.said, bare.language)
    if not 1 < len(parts) <= MOST:
        return None
    found, rest = _among(bare, parts)
    orders = [one for one in found if one.intent not in _COURTESIES]
    if not orders:
        return found[-1] if found and len(found) == len(rest) else None
    after = [clause for clause, before in rest if before]
    if len({one.intent for one in orders}) > 1 or any(map(denies, after)) or any(reports(clause) for clause, _ in rest):
        return None
    return max(orders, key=lambda one: len(one.said))


def _among(bare: _Bare, parts: Sequence[Clause]) -> tuple[list[Command], list[tuple[str, int]]]:
    """The commands that clauses are, each from the first to the last that are one together; and what orders nothing,
    with how many orders are before it."""
    found: list[Command] = []
    rest: list[tuple[str, int]] = []
    place = ordered = 0
    while place < len(parts):
        clause = parts[place]
        fits = {} if clause.aside else bare.fits(bare.token(clause.first))
        ends = {bare.token(other.end): number for number, other in enumerate(parts[place:], place + 1)}
        end = max((end for end in ends if end in fits and _enough(fits[end][1], bare, clause, end)), default=None)
        if end is not None:
            found.append(_command(*fits[end], bare))
        if end is None or found[-1].intent in _COURTESIES:
            rest.append((bare.said[clause.first : clause.end], ordered))
        else:
            ordered += 1
        place = place + 1 if end is None else ends[end]
    return found, rest


def _enough(intent: str, bare: _Bare, clause: Clause, end: int) -> bool:
    """Whether it is long enough to be meant beside something else."""
    return intent in _SHORT or end - bare.token(clause.first) >= _LEAST[bare.language]


def _command(way: Way, intent: str, bare: _Bare) -> Command:
    slots: dict[str, tuple[str, ...]] = {}
    places: list[tuple[int, int]] = []
    for slot in way.slots:
        first, end = bare.places[slot.first][0], bare.places[slot.end - 1][1]
        if slot.open and not places:
            first = bare.beginning(first)
        slots[slot.name] = (*slots.get(slot.name, ()), bare.said[first:end])
        places.append((first, end))
    said = bare.said[places[0][0] : places[-1][1]] if places else ""
    return Command(intent, bare.language, slots, said)


@dataclass(frozen=True)
class _Bare:
    """A sentence in the form that it is matched in, and from where up to where each of its tokens stood in what was
    said."""

    tokens: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    said: str
    language: SpokenLanguage
    matched: Said

    @classmethod
    def of(cls, said: str, language: SpokenLanguage) -> _Bare:
        tokens: list[str] = []
        places: list[tuple[int, int]] = []
        for place, mark, apart in _kept(said, language):
            if apart:
                tokens.append(mark)
                places.append((place, place + 1))
            else:
                tokens[-1] += mark
                places[-1] = places[-1][0], place + 1
        parted = frozenset(bisect_left(places, (wall, 0)) for wall in walls(said, language))
        return cls(tuple(tokens), tuple(places), said, language, Said(tuple(tokens), parted))

    def token(self, place: int) -> int:
        """Which is the first that stands at a character or behind it."""
        return bisect_left(self.places, (place, 0))

    def fits(self, first: int) -> dict[int, tuple[Way, str]]:
        """Up to which token a command may go that begins at `first`, with how it is said best and its intent."""
        found: dict[int, tuple[Way, str]] = {}
        here = frozenset(self.tokens)
        for intent, parts in _parts(self.language).items():
            for part, needs in parts:
                if any(map(here.isdisjoint, needs)):
                    continue
                for end, way in part.ends(self.matched, first).items():
                    if end not in found or (way, intent) < found[end]:
                        found[end] = way, intent
        return found

    def beginning(self, place: int) -> int:
        """Where the word begins that the character at `place` is of: what looks like an opener may be its beginning."""
        while place > 0 and self.said[place - 1].isalnum():
            place -= 1
        return place


def _blank(filler: re.Match[str]) -> str:
    return " " * len(filler[0])


def _kept(said: str, language: SpokenLanguage) -> Iterator[tuple[int, str, bool]]:
    """Letters and digits alone, where they stood, and whether a token begins there: in Korean with each, without what
    may stand anywhere and says nothing; in English with each word, and apostrophes part none."""
    apart = True
    for place, mark in enumerate(_FILLERS.sub(_blank, said) if language == "ko" else said):
        if mark.isalnum() or mark == "&":
            yield place, mark.lower()[:1], apart  # some letters become two
            apart = language == "ko"
        elif mark not in "'’":
            apart = True


@cache
def _parts(language: SpokenLanguage) -> dict[str, list[tuple[Part, list[frozenset[str]]]]]:
    """The templates of each intent in the form that sentences are matched in, with what they need, the rarest first."""
    told = templates(language)
    grammar = Grammar(told.rules, told.lists, told.open, _letters if language == "ko" else _words)
    made = {name: [grammar.part(sentence) for sentence in sentences] for name, sentences in told.intents.items()}
    return {name: [(part, sorted(part.needs(), key=len)) for part in parts] for name, parts in made.items()}


def _letters(text: str) -> list[str]:
    return [mark for mark in text.lower() if mark.isalnum() or mark == "&"]


def _words(text: str) -> list[str]:
    return text.lower().replace("'", "").replace("-", " ").split()
