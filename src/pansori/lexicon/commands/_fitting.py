"""Which way through a sentence template a sentence takes.

A template is a tree of parts. Where a rule or list may end that begins at a given place, and how it is said best up to
there, is found once for each sentence, whatever the ways are on which one comes there (as a packrat parser does,
B. Ford, 2002): the time grows with a sentence's length, and with its square where something open stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:  # loaded with the first sentence
    from hassil.expression import Expression


class Filled(NamedTuple):
    """What was said for a list: tokens from and up to. `open`: the list takes anything."""

    name: str
    first: int
    end: int
    open: bool


class Way(NamedTuple):
    """How a part is said; the least of some is the best: little that is open, then much that the template itself says,
    then open lists that take little, then much that is told apart."""

    opened: int
    unsaid: int
    """Minus the letters of the template that are said."""
    loose: int
    """Letters that are said for what is open."""
    unfilled: int
    """Minus how many lists something is said for."""
    slots: tuple[Filled, ...]

    def then(self, other: Way) -> Way:
        return Way(
            self.opened + other.opened,
            self.unsaid + other.unsaid,
            self.loose + other.loose,
            self.unfilled + other.unfilled,
            self.slots + other.slots if other.slots else self.slots,
        )


Tokens = frozenset[str]
Ends = Mapping[int, Way]  #: where something may end, and how it is said best up to there
NOTHING: Final = Way(0, 0, 0, 0, ())


@dataclass
class Said:
    """A sentence in tokens: words, or letters where words are not parted. `walls`: tokens that something
    new begins with, which what is open includes only where it includes all the rest. `known`: what was found of it."""

    tokens: tuple[str, ...]
    walls: frozenset[int] = frozenset()
    known: dict[tuple[int, int], Ends] = field(default_factory=dict)


class Part(Protocol):
    """Of a template."""

    def ends(self, said: Said, start: int) -> Ends: ...

    def needs(self) -> frozenset[Tokens]:
        """Of each of these, one token at least is in every sentence that it is part of."""


@dataclass(eq=False)
class Texts:
    """One of some texts, by the first token of each."""

    texts: Mapping[str, Sequence[tuple[str, ...]]]
    empty: bool = False

    def ends(self, said: Said, start: int) -> Ends:
        found: dict[int, Way] = {start: NOTHING} if self.empty else {}
        if start < len(said.tokens):
            for text in self.texts.get(said.tokens[start], ()):
                end = start + len(text)
                if said.tokens[start:end] == text:
                    found[end] = Way(0, -sum(map(len, text)), 0, 0, ())
        return found

    def needs(self) -> frozenset[Tokens]:
        return frozenset() if self.empty else frozenset({frozenset(self.texts)})


@dataclass(eq=False)
class Either:
    parts: Sequence[Part]

    def ends(self, said: Said, start: int) -> Ends:
        found: dict[int, Way] = {}
        for part in self.parts:
            for end, way in part.ends(said, start).items():
                if end not in found or way < found[end]:
                    found[end] = way
        return found

    def needs(self) -> frozenset[Tokens]:
        each = [min(part.needs(), key=len, default=None) for part in self.parts]
        known = [one for one in each if one is not None]
        return frozenset({frozenset().union(*known)}) if len(known) == len(each) else frozenset()


@dataclass(eq=False)
class Row:
    parts: Sequence[Part]

    def ends(self, said: Said, start: int) -> Ends:
        here: Ends = {start: NOTHING}
        for part in self.parts:
            there: dict[int, Way] = {}
            for place, way in here.items():
                for end, more in part.ends(said, place).items():
                    whole = way.then(more) if more is not NOTHING else way
                    if end not in there or whole < there[end]:
                        there[end] = whole
            if not there:
                return there
            here = there
        return here

    def needs(self) -> frozenset[Tokens]:
        return frozenset().union(*(part.needs() for part in self.parts))


@dataclass(eq=False)
class Once:
    """What stands in more than one place of the templates. It is looked for once at each place of a sentence."""

    part: Part

    def ends(self, said: Said, start: int) -> Ends:
        found = said.known.get((id(self), start))
        if found is None:
            found = said.known[id(self), start] = self.part.ends(said, start)
        return found

    def needs(self) -> frozenset[Tokens]:
        return self.part.needs()


@dataclass(eq=False)
class Slot:
    """What is said for a list."""

    name: str
    part: Part

    def ends(self, said: Said, start: int) -> Ends:
        return {
            end: way._replace(unfilled=-1, slots=(Filled(self.name, start, end, False),))
            for end, way in self.part.ends(said, start).items()
        }

    def needs(self) -> frozenset[Tokens]:
        return self.part.needs()


@dataclass(eq=False)
class Open:
    """Anything, but something."""

    name: str

    def ends(self, said: Said, start: int) -> Ends:
        found: dict[int, Way] = {}
        loose = 0
        walled = False
        for end in range(start + 1, len(said.tokens) + 1):
            walled = walled or (end - 1 > start and end - 1 in said.walls)
            loose += len(said.tokens[end - 1])
            if not walled or end == len(said.tokens):
                found[end] = Way(1, 0, loose, -1, (Filled(self.name, start, end, True),))
        return found

    def needs(self) -> frozenset[Tokens]:
        return frozenset()


@dataclass(frozen=True)
class Grammar:
    """Makes templates' parts. `split`: the tokens of a text."""

    rules: Mapping[str, str]
    lists: Mapping[str, Sequence[str]]
    open: Sequence[str]
    split: Callable[[str], Sequence[str]]
    made: dict[str, Part] = field(default_factory=dict)

    def part(self, template: str) -> Part:
        from hassil.parse_expression import parse_sentence

        return self._part(parse_sentence(template).expression)

    def _part(self, said: Expression) -> Part:
        from hassil import expression as kinds

        match said:
            case kinds.TextChunk():
                return self._any([said])
            case kinds.Alternative():
                return self._any(said.items)
            case kinds.Sequence():
                parts = [self._part(item) for item in said.items if not _blank(item)]
                return parts[0] if len(parts) == 1 else Row(parts)
            case kinds.RuleReference():
                return self._once(f"<{said.rule_name}>", lambda: self.part(self.rules[said.rule_name]))
            case kinds.ListReference():
                name = said.slot_name
                return self._once(f"{{{said.list_name}:{name}}}", lambda: self._list(said.list_name, name))
        raise TypeError(f"templates have no {type(said).__name__}")

    def _list(self, name: str, slot: str) -> Part:
        if name in self.open:
            return Open(slot)
        return Slot(slot, self.part(f"({'|'.join(self.lists[name])})"))

    def _once(self, name: str, make: Callable[[], Part]) -> Part:
        if name not in self.made:
            self.made[name] = Once(make())
        return self.made[name]

    def _any(self, items: Sequence[Expression]) -> Part:
        """Texts are found by their first token; the rest is tried."""
        texts: dict[str, list[tuple[str, ...]]] = {}
        empty = False
        others: list[Part] = []
        for item in items:
            text = _text(item)
            if text is None:
                others.append(self._part(item))
            elif tokens := tuple(self.split(text)):
                texts.setdefault(tokens[0], []).append(tokens)
            else:
                empty = True
        if not others:
            return Texts(texts, empty)
        return Either([Texts(texts, empty), *others])


def _blank(item: Expression) -> bool:
    text = _text(item)
    return text is not None and not text.strip()


def _text(item: Expression) -> str | None:
    """What it says where it is no more than a text."""
    from hassil import expression as kinds

    if isinstance(item, kinds.TextChunk):
        return item.original_text
    if isinstance(item, kinds.Sequence):
        texts = [one.original_text for one in item.items if isinstance(one, kinds.TextChunk)]
        return "".join(texts) if len(texts) == len(item.items) else None
    return None
