"""A text beside what is said for it, each part knowing where it stands in the text."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import NamedTuple, TypeAlias

Rule: TypeAlias = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""What is written, and what is said for it. None: this one is not for the rule."""

CLING = "\u2060"
"""At the beginning of what is said: no space before it."""

_TOKEN = re.compile(r"\S+")


def any_of(words: Iterable[str]) -> str:
    """A pattern that fits each of them, and of two the longer one."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


class Piece(NamedTuple):
    said: str
    first: int  #: of the characters it is said for
    last: int  #: behind them
    own: bool  #: said as it is written


class Heard(NamedTuple):
    """A written word, with what is said for it."""

    text: str  #: as it is written, with the punctuation that touches it
    first: int  #: index of its first character in what is written
    said: tuple[tuple[int, int], ...]  #: words of `Reading.said`, each from up to


@dataclass(frozen=True)
class Reading:
    written: str
    pieces: tuple[Piece, ...]  #: in order; together they cover `written`

    @cached_property
    def said(self) -> str:
        return "".join(piece.said for piece in self.pieces)

    @cached_property
    def _ends(self) -> list[int]:
        return list(accumulate(len(piece.said) for piece in self.pieces))

    def origin(self, index: int) -> tuple[int, int]:
        """The characters of `written`, from up to, that the character `index` of `said` is said for."""
        number = bisect_right(self._ends, index)
        piece = self.pieces[number]
        if not piece.own:
            return piece.first, piece.last
        at = piece.first + index - (self._ends[number] - len(piece.said))
        return at, at + 1

    def then(self, again: Reading) -> Reading:
        """What is said where `again` is the reading of what this one says."""
        pieces: list[Piece] = []
        for piece in again.pieces:
            if piece.own:
                pieces += self._between(piece.first, piece.last)
            elif piece.first < piece.last:
                first, last = self.origin(piece.first)[0], self.origin(piece.last - 1)[1]
                pieces.append(Piece(piece.said, first, last, False))
            elif piece.said and pieces:  # a space that parts two words
                pieces.append(Piece(piece.said, pieces[-1].last, pieces[-1].last, False))
        return Reading(self.written, tuple(pieces))

    def _between(self, first: int, last: int) -> Iterator[Piece]:
        """The pieces of `said[first:last]`."""
        for number in range(bisect_right(self._ends, first), len(self.pieces)):
            piece, end = self.pieces[number], self._ends[number]
            at = end - len(piece.said)
            low, high = max(at, first), min(end, last)
            if at >= last:
                return
            if low < high:
                shift = piece.first - at
                said = piece.said[low - at : high - at]
                yield Piece(said, low + shift, high + shift, True) if piece.own else piece._replace(said=said)

    def words(self) -> list[Heard]:
        """The written words for which something is said, in order. Several that are read as one ($3 million) share
        what is said by its words."""
        tokens = [one for one in _TOKEN.finditer(self.written) if any(map(str.isalnum, one.group()))]
        starts = [token.start() for token in tokens]
        said: list[list[tuple[int, int]]] = [[] for _ in tokens]
        for word in _TOKEN.finditer(self.said):
            if any(map(str.isalnum, word.group())) and tokens:
                first, _ = self.origin(_first_letter(word))
                said[max(bisect_right(starts, first) - 1, 0)].append(word.span())
        self._share(starts, said)
        return [Heard(token.group(), token.start(), tuple(own)) for token, own in zip(tokens, said, strict=True) if own]

    def _share(self, starts: list[int], said: list[list[tuple[int, int]]]) -> None:
        """Let every word that a piece is said for have some of its words."""
        for piece in self.pieces:
            low, high = bisect_right(starts, piece.first), bisect_left(starts, piece.last)
            if piece.own or low >= high:
                continue
            numbers = range(max(low - 1, 0), high)
            words = [word for number in numbers for word in said[number]]
            if len(words) < len(numbers):
                continue
            for place, number in enumerate(numbers):
                first, last = (round(at * len(words) / len(numbers)) for at in (place, place + 1))
                said[number] = words[first:last]


def _first_letter(word: re.Match[str]) -> int:
    return word.start() + next(at for at, letter in enumerate(word.group()) if letter.isalnum())


def as_written(text: str) -> Reading:
    return Reading(text, (Piece(text, 0, len(text), True),) if text else ())


def read(written: str, rules: Iterable[Rule]) -> Reading:
    """`written` by `rules`: the earlier one has what it matches."""
    taken = bytearray(len(written))
    found: list[Piece] = []
    for pattern, say in rules:
        for match in pattern.finditer(written):
            first, last = match.span()
            if first == last or taken.find(1, first, last) >= 0:
                continue
            said = say(match)
            if said is not None:
                taken[first:last] = b"\1" * (last - first)
                found.append(Piece(said, first, last, False))
    return Reading(written, tuple(_spaced(_covered(written, sorted(found, key=lambda piece: piece.first)))))


def _covered(written: str, found: Iterable[Piece]) -> Iterator[Piece]:
    at = 0
    for piece in found:
        if piece.first > at:
            yield Piece(written[at : piece.first], at, piece.first, True)
        yield piece
        at = piece.last
    if at < len(written):
        yield Piece(written[at:], at, len(written), True)


def _spaced(pieces: Iterable[Piece]) -> Iterator[Piece]:
    """With spaces where what is said would run into what stands beside it: MP3. Hangul stands by itself."""
    before = Piece("", 0, 0, True)
    for piece in pieces:
        if piece.said.startswith(CLING):
            piece = piece._replace(said=piece.said.removeprefix(CLING))
        elif _runs_together(before, piece):
            if piece.own:
                yield Piece(" ", piece.first, piece.first, False)
            else:
                piece = piece._replace(said=f" {piece.said}")
        yield piece
        if piece.said:
            before = piece


def _runs_together(before: Piece, piece: Piece) -> bool:
    if (before.own and piece.own) or not before.said or not piece.said:
        return False
    left, right = before.said[-1], piece.said[0]
    if not (left.isalnum() and right.isalnum()):
        return False
    return left.isascii() or right.isascii() or not (piece.own or before.own)
