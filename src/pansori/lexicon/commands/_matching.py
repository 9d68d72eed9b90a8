"""Which command a sentence is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pansori.lexicon.commands._templates import SpokenLanguage, templates
from pansori.lexicon.hangul import is_block

if TYPE_CHECKING:  # loaded with the first sentence
    from hassil import Intents, RecognizeResult

_FILLERS: Final = re.compile(r"(?<!\S)[좀쫌](?!\S|\s+전에)")
LONGEST: Final = 160  #: characters of a sentence that may be a command; nobody orders in more


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
    """The command that a sentence is, whatever its case, punctuation and, in Korean, spaces. None: it is no command, or
    has more than `LONGEST` characters."""
    text = " ".join(unicodedata.normalize("NFC", text).split())
    if not text or len(text) > LONGEST:
        return None
    languages: tuple[SpokenLanguage, ...] = ("ko", "en") if any(map(is_block, text)) else ("en",)
    return next((found for language in languages if (found := _understood(text, language))), None)


def _understood(text: str, language: SpokenLanguage) -> Command | None:
    from hassil import recognize_best

    bare = _Bare.of(text, language)
    if not bare.text:
        return None
    best = recognize_best(bare.text, _intents(language))
    return None if best is None else _command(best, bare, language)


def _command(best: RecognizeResult, bare: _Bare, language: SpokenLanguage) -> Command:
    slots: dict[str, tuple[str, ...]] = {}
    places: list[tuple[int, int]] = []
    for entity in best.entities_list:
        first, end = bare.place(entity.text.strip(), entity.text_span)
        if entity.is_wildcard and not places:
            first = bare.beginning(first)
        slots[entity.name] = (*slots.get(entity.name, ()), bare.said[first:end])
        places.append((first, end))
    said = bare.said[min(places)[0] : max(end for _, end in places)] if places else ""
    return Command(best.intent.name, language, slots, said)


@dataclass(frozen=True)
class _Bare:
    """A sentence in the form that it is matched in, and where each of its characters stood in what was said."""

    text: str
    places: tuple[int, ...]
    said: str

    @classmethod
    def of(cls, said: str, language: SpokenLanguage) -> _Bare:
        kept = list(_kept(said, language))
        return cls("".join(mark for _, mark in kept), tuple(place for place, _ in kept), said)

    def place(self, part: str, span: tuple[int, int] | None) -> tuple[int, int]:
        """Where in what was said `part` is, from and up to: at `span` or, where that is not told rightly, where it
        first is."""
        first = span[0] if span and self.text[span[0] : span[0] + len(part)] == part else self.text.find(part)
        if first < 0 or not part:
            return 0, 0
        return self.places[first], self.places[first + len(part) - 1] + 1

    def beginning(self, place: int) -> int:
        """Where the word begins that the character at `place` is of: what looks like an opener may be its beginning."""
        while place > 0 and self.said[place - 1].isalnum():
            place -= 1
        return place


def _blank(filler: re.Match[str]) -> str:
    return " " * len(filler[0])


def _kept(said: str, language: SpokenLanguage) -> Iterator[tuple[int, str]]:
    """In Korean, letters and digits alone, without what may stand anywhere and says nothing; in English, single spaces
    between words without apostrophes."""
    gap = False
    begun = False
    for place, mark in enumerate(_FILLERS.sub(_blank, said) if language == "ko" else said):
        if mark.isalnum() or mark == "&":
            if gap and begun and language == "en":
                yield place, " "
            yield place, mark.lower()[:1]  # some letters become two
            gap, begun = False, True
        elif mark not in "'’":
            gap = True


@cache
def _intents(language: SpokenLanguage) -> Intents:
    """The templates as hassil has them, in the form that sentences are matched in."""
    from hassil import Intents

    told = templates(language)
    lists: dict[str, Any] = {
        name: {"values": [{"in": _plain(value, language), "out": value} for value in values]}
        for name, values in told.lists.items()
    }
    return Intents.from_dict(
        {
            "language": language,
            "settings": {"ignore_whitespace": language == "ko"},
            "expansion_rules": {name: f"({_plain(rule, language)})" for name, rule in told.rules.items()},
            "lists": {**lists, **{name: {"wildcard": True} for name in told.open}},
            "intents": {
                name: {"data": [{"sentences": [_plain(sentence, language) for sentence in sentences]}]}
                for name, sentences in told.intents.items()
            },
        }
    )


def _plain(template: str, language: SpokenLanguage) -> str:
    template = template.replace("'", "").replace("-", "" if language == "ko" else " ").casefold()
    return "".join(template.split()) if language == "ko" else template
