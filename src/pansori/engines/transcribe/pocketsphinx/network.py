"""The assistant's sentence templates as a network of words, which a decoder follows through a sound.

A template is first a network of pieces of text, as it is written. Words are what stands between two spaces on any way
through it, so that 노래[를] gives the words 노래 and 노래를.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from pansori.lexicon.commands import Templates

if TYPE_CHECKING:  # loaded with the first network
    from hassil.expression import Expression, Sentence

START, END = 0, 1  #: every network's first and last place
_PIECES = re.compile(r"\s+|\S+")
_SPACE: Final = " "


@dataclass(frozen=True)
class Step:
    """From one place to another, with a word or without any."""

    source: int
    word: str | None
    target: int


@dataclass(frozen=True)
class Network:
    """Ways from `START` to `END`: each is a sentence. `places`: how many there are."""

    places: int
    steps: tuple[Step, ...]

    @property
    def words(self) -> frozenset[str]:
        return frozenset(step.word for step in self.steps if step.word)


def join(networks: Sequence[Network]) -> Network:
    """What any of them says."""
    steps, places = [], END + 1
    for network in networks:
        shift = places - (END + 1)
        moved = [place if place <= END else place + shift for place in range(network.places)]
        steps += [Step(moved[one.source], one.word, moved[one.target]) for one in network.steps]
        places += network.places - (END + 1)
    return Network(places, tuple(steps))


def determine(network: Network) -> Network:
    """The same sentences with one way from a place for each word (the subset construction of M. Rabin and D. Scott,
    1959), and no steps without a word but for the empty sentence. Only with the last word of a sentence that may go on
    there are two: the decoder finds less on ways through steps without a word."""
    wordless: dict[int, set[int]] = defaultdict(set)
    worded: dict[int, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for step in network.steps:
        if step.word is None:
            wordless[step.source].add(step.target)
        else:
            worded[step.source][step.word].add(step.target)
    first = _reached({START}, wordless)
    numbers = {first - {END}: START}
    waiting = list(numbers)
    steps = [Step(START, None, END)] if END in first else []
    while waiting:
        places = waiting.pop()
        ways: dict[str, set[int]] = defaultdict(set)
        for place in places:
            for word, targets in worded[place].items():
                ways[word] |= targets
        for word, targets in ways.items():
            reached = _reached(targets, wordless)
            if END in reached:
                steps.append(Step(numbers[places], word, END))
            if rest := reached - {END}:
                if rest not in numbers:
                    numbers[rest] = len(numbers) + 1
                    waiting.append(rest)
                steps.append(Step(numbers[places], word, numbers[rest]))
    return Network(len(numbers) + 1, tuple(steps))


def _reached(places: Collection[int], wordless: Mapping[int, Collection[int]]) -> frozenset[int]:
    """These places and all to which steps without a word lead from them."""
    found, waiting = set(places), list(places)
    while waiting:
        for target in wordless.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return frozenset(found)


def merge(network: Network) -> Network:
    """The same sentences with fewer places: those from which the same can follow become one (acyclic minimisation from
    the end, as D. Revuz, 1992)."""
    out: dict[int, set[tuple[str | None, int]]] = defaultdict(set)
    for step in network.steps:
        out[step.source].add((step.word, step.target))
    stands: dict[int, int] = {}  # which place stands for one
    known: dict[frozenset[tuple[str | None, int]], int] = {}
    for place in _backwards(out):
        ways = frozenset((word, stands[target]) for word, target in out[place])
        stands[place] = place if place in (START, END) else known.setdefault(ways, place)
    steps = {(stands[one.source], one.word, stands[one.target]) for one in network.steps}
    numbers = {START: START, END: END}
    for source, _, target in sorted(steps, key=str):
        for place in (source, target):
            numbers.setdefault(place, len(numbers))
    moved = (Step(numbers[source], word, numbers[target]) for source, word, target in sorted(steps, key=str))
    return Network(len(numbers), tuple(moved))


def _backwards(out: Mapping[int, set[tuple[str | None, int]]]) -> list[int]:
    """Every place behind those that can follow it. No way comes back to where it was."""
    order: list[int] = []
    seen = {START}
    waiting = [(START, iter(sorted(target for _, target in out[START])))]
    while waiting:
        place, targets = waiting[-1]
        target = next((one for one in targets if one not in seen), None)
        if target is None:
            order.append(place)
            waiting.pop()
        else:
            seen.add(target)
            waiting.append((target, iter(sorted(target for _, target in out.get(target, ())))))
    return order


def network_of(told: Templates) -> Network:
    """Every sentence that is listened for in a language: open lists are what `heard` has for them, and a sentence with
    one that it has nothing for is left out."""
    from hassil.parse_expression import parse_sentence

    rules = {name: parse_sentence(rule) for name, rule in told.rules.items()}
    lists = {**told.lists, **told.heard}
    silent = set(told.open) - set(told.heard)
    sentences = [parse_sentence(text) for texts in told.intents.values() for text in texts]
    heard = [one for one in sentences if not silent & _lists(one, rules)]
    return merge(determine(join([_words(_Pieces(rules, lists).sentence(one)) for one in heard])))


def _lists(sentence: Sentence, rules: Mapping[str, Sentence]) -> set[str]:
    from hassil.expression import Group

    assert isinstance(sentence.expression, Group), "a sentence is always one"
    return set(sentence.expression.list_names(dict(rules)))


@dataclass
class _Pieces:
    """Text from place to place, as the template has it: parts of words, and spaces. Place 0 is the first."""

    rules: Mapping[str, Sentence]
    lists: Mapping[str, Sequence[str]]
    places: int = 1
    out: dict[int, list[tuple[str, int]]] = field(default_factory=lambda: defaultdict(list))

    def sentence(self, sentence: Sentence) -> tuple[_Pieces, int]:
        """These pieces, and the place where the sentence ends."""
        return self, self._add(sentence.expression, 0)

    def _place(self) -> int:
        self.places += 1
        return self.places - 1

    def _to(self, source: int, text: str, target: int | None = None) -> int:
        target = self._place() if target is None else target
        self.out[source].append((text, target))
        return target

    def _add(self, said: Expression, source: int) -> int:
        """Where what is said ends that begins at `source`."""
        from hassil import expression as kinds

        match said:
            case kinds.TextChunk():
                return self._text(said.original_text, source)
            case kinds.Alternative():
                return self._any([self._add(item, source) for item in said.items])
            case kinds.Sequence():
                for item in said.items:
                    source = self._add(item, source)
                return source
            case kinds.RuleReference():
                return self._add(self.rules[said.rule_name].expression, source)
            case kinds.ListReference():
                return self._any([self._text(value, source) for value in self.lists[said.list_name]])
        raise TypeError(f"templates have no {type(said).__name__}")

    def _text(self, text: str, source: int) -> int:
        for piece in _PIECES.findall(text):
            source = self._to(source, _SPACE if piece.isspace() else piece)
        return source

    def _any(self, ends: Sequence[int]) -> int:
        target = self._place()
        for end in ends:
            self._to(end, "", target)
        return target


def _words(told: tuple[_Pieces, int]) -> Network:
    pieces, last = told
    numbers: dict[int, int] = {0: START}
    steps: set[tuple[int, str | None, int]] = set()
    waiting = [0]
    while waiting:
        begun = waiting.pop()
        for word, place in _next(pieces, last, begun):
            if place is not None and place not in numbers:
                numbers[place] = len(numbers) + 1
                waiting.append(place)
            steps.add((numbers[begun], word or None, END if place is None else numbers[place]))
    return Network(len(numbers) + 1, tuple(Step(*step) for step in sorted(steps, key=str)))


def _next(pieces: _Pieces, last: int, begun: int) -> Iterator[tuple[str, int | None]]:
    """What may come up to the next space, and the place behind that; None: the sentence's end. What is left out is no
    step of its own: the decoder finds less on ways through steps without a word."""
    waiting, seen = [(begun, "")], set()
    while waiting:
        place, word = waiting.pop()
        if (place, word) in seen:
            continue
        seen.add((place, word))
        if place == last:
            yield word, None
        for text, target in pieces.out.get(place, ()):
            if text == _SPACE and word:
                yield word, target
            else:
                waiting.append((target, word + text.strip()))
