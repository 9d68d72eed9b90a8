"""A task as what is to be spoken: its sentences, each in pieces of one manner, with the pauses between them."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from typing import Final

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.speak.manner import Manner
from pansori.engines.speak.ssml import Marked, Pause, parse
from pansori.lexicon.hangul import is_block
from pansori.lexicon.particles import attach
from pansori.lexicon.spoken import Heard, Piece, Reading, Sentence, as_written, normalise, split
from pansori.lexicon.spoken.telling import NotSo, tell

SENTENCE_PAUSE, PARAGRAPH_PAUSE = Seconds(0.3), Seconds(0.6)  #: at the rate 1
_MASK: Final = "x"
_WORD: Final = re.compile(r"\b(?=\w*[a-z])[A-Za-z]{2,}\b")  #: in Latin letters; no abbreviation
LONGEST: Final = 400  #: characters of a sentence with the signs behind it


@dataclass(frozen=True)
class Run:
    """Said in one manner, in one breath with what is beside it."""

    written: str
    first: int  #: index of its first character in the whole text
    manner: Manner
    normalise: bool = True
    ipa: str = ""  #: how it is pronounced, where that is told
    told: Reading | None = None  #: what is said for it, where that is told
    read_in: str = ""  #: by the rules of which language, where these are not those of the manner's

    @cached_property
    def reading(self) -> Reading:
        """What is said for it; found out when it is asked for, since a text may be long."""
        if self.told is not None:
            return self.told
        if not self.normalise:
            return as_written(self.written)
        return normalise(self.written, self.read_in or self.manner.language)

    @property
    def is_said(self) -> bool:
        """Not only seen, as *** is, or it is the engine that reads it."""
        return bool(self.ipa) or not self.normalise or any(map(str.isalnum, self.reading.said))


@dataclass(frozen=True)
class Line:
    """A sentence."""

    text: str
    first: int  #: index of its first character in the whole text
    pieces: tuple[Run | Pause, ...]

    @property
    def runs(self) -> tuple[Run, ...]:
        return tuple(piece for piece in self.pieces if isinstance(piece, Run))


@dataclass(frozen=True)
class Script:
    text: str  #: what indices are of
    language: str  #: BCP 47 tag of it all
    lines: tuple[Line, ...] = field(repr=False)

    @property
    def is_said(self) -> bool:
        """There is something to say in it."""
        return any(run.is_said for line in self.lines for run in line.runs)


@dataclass(frozen=True)
class Joined:
    """Runs that are said as one text."""

    runs: tuple[Run, ...]

    @property
    def said(self) -> str:
        return "".join(run.reading.said for run in self.runs)

    @property
    def starts(self) -> list[int]:
        """Of each run in `said`."""
        starts, at = [], 0
        for run in self.runs:
            starts.append(at)
            at += len(run.reading.said)
        return starts

    def words(self) -> list[Heard]:
        """Their written words, their indices those of the whole text. Of a word that is written in two manners each
        part is one."""
        return [
            Heard(word.text, word.first + run.first, tuple((low + at, high + at) for low, high in word.said))
            for run, at in zip(self.runs, self.starts, strict=True)
            for word in run.reading.words()
        ]


def text_of(task: SpeakTask) -> str:
    """What the indices of words are of: the text with its letters composed, of SSML what it says alone. Raises
    `InvalidRequest` for SSML that is none."""
    if task.markup == "ssml":
        return parse(task.text).text
    return unicodedata.normalize("NFC", task.text)


def language_of(task: SpeakTask) -> str:
    """The task's, or the one that its text is in. Raises `InvalidRequest`."""
    if task.language != "auto":
        return task.language
    if task.markup == "ssml" and (told := parse(task.text).language):
        return told
    return guess(text_of(task))


def guess(text: str) -> str:
    return "ko" if any(map(is_block, text)) else "en"


@lru_cache(maxsize=8)
def script_of(task: SpeakTask) -> Script:
    """Raises `InvalidRequest` for SSML that is none."""
    language = language_of(task)
    if task.markup == "ssml":
        document = parse(task.text)
        lines = tuple(_marked(document.text, document.pieces, document.ends, language, task.normalise))
        return Script(document.text, language, lines)
    text = text_of(task)
    manner = Manner(language=language)
    is_mixed = task.language == "auto" and language == "ko"

    def line(one: Sentence) -> Line:
        read_in = "en" if is_mixed and _is_english(one.text) else ""
        return Line(one.text, one.first, (Run(one.text, one.first, manner, task.normalise, read_in=read_in),))

    return Script(text, language, tuple(map(line, _with_words(split(text)))))


def _is_english(sentence: str) -> bool:
    """Of a text that is Korean elsewhere: it has words of its own, and not only a name or a unit beside numbers."""
    return not any(map(is_block, sentence)) and len(_WORD.findall(sentence)) > 1


def _with_words(sentences: list[Sentence]) -> list[Sentence]:
    """What is no more than signs, such as a 🎉 at the end, belongs to the sentence before: alone it would be named."""
    found: list[Sentence] = []
    for one in sentences:
        if found and not any(map(str.isalnum, one.text)) and len(found[-1].text) + len(one.text) <= LONGEST:
            found[-1] = Sentence(found[-1].text + one.text, found[-1].first)
        else:
            found.append(one)
    return found


def _marked(
    text: str, pieces: tuple[Marked | Pause, ...], ends: tuple[int, ...], language: str, wanted: bool
) -> Iterator[Line]:
    masked = text
    for piece in pieces:
        if isinstance(piece, Marked) and piece.is_whole:  # no sentence ends inside
            masked = masked[: piece.first] + _MASK * (piece.last - piece.first) + masked[piece.last :]
    edges = sorted({0, *ends, len(text)})
    starts = [low + one.first for low, high in pairwise(edges) for one in split(masked[low:high])] or [0]
    found: list[list[Run | Pause]] = [[] for _ in starts]
    for piece in pieces:
        if isinstance(piece, Pause):
            found[max(bisect_right(starts, max(piece.at - 1, 0)) - 1, 0)].append(piece)
            continue
        for number in range(max(bisect_right(starts, piece.first) - 1, 0), len(starts)):
            low = max(piece.first, starts[number])
            high = min(piece.last, starts[number + 1] if number + 1 < len(starts) else len(text))
            if low >= high:
                break
            found[number].append(_run(piece, text[low:high], low, language, wanted))
    for number, (start, own) in enumerate(zip(starts, found, strict=True)):
        end = starts[number + 1] if number + 1 < len(starts) else len(text)
        if own:
            yield Line(text[start:end], start, tuple(own))


def _run(piece: Marked, text: str, first: int, language: str, wanted: bool) -> Run:
    manner = piece.manner if piece.manner.language else piece.manner.in_language(language)
    told: Reading | None = None
    if piece.told:
        try:
            said = tell(text, piece.told, piece.form, manner.language)
        except NotSo as error:
            raise InvalidRequest(
                Text(
                    f"SSML, line {piece.line}: “{text[:40]}” cannot be said as {piece.told}.",
                    f"SSML {piece.line}번째 줄: {attach(f'“{text[:40]}”', '을/를')} "
                    f"{attach(piece.told, '으로/로')} 읽을 수 없어요.",
                ),
                field="text",
            ) from error
        told = said_for(text, said)
    elif piece.alias is not None:
        alias = normalise(piece.alias, manner.language).said if wanted else piece.alias
        told = said_for(text, alias)
    return Run(text, first, manner, wanted, piece.ipa, told)


def said_for(written: str, said: str) -> Reading:
    """All of a text said otherwise."""
    return Reading(written, (Piece(said, 0, len(written), False),))


def by_voice(manner: Manner) -> tuple[object, ...]:
    return manner.language, manner.voice


def sections(line: Line, same: Callable[[Manner], tuple[object, ...]] = by_voice) -> Iterator[Joined | Pause]:
    """What of a line is said at a stretch: where all that matters of the manner is the `same`. What says nothing is
    left out."""
    found: list[list[Run] | Pause] = []
    for piece in line.pieces:
        if isinstance(piece, Pause):
            found.append(piece)
            continue
        before = found[-1] if found else None
        silent = not piece.is_said
        if isinstance(before, list) and (silent or same(before[-1].manner) == same(piece.manner)):
            before.append(replace(piece, manner=before[-1].manner) if silent else piece)
        else:
            found.append([piece])
    for one in found:
        if isinstance(one, Pause):
            yield one
        elif any(run.is_said for run in one):
            yield Joined(tuple(one))


def paused(script: Script, number: int) -> Seconds:
    """How long one is silent behind a line."""
    if number == len(script.lines) - 1:
        return Seconds(0.0)
    return pause_between(script.lines[number].text, script.lines[number + 1].text)


def pause_between(before: str, behind: str) -> Seconds:
    """The same of two sentences, which may come as texts of their own."""
    return PARAGRAPH_PAUSE if "\n" in before[-1:] + behind[:1] else SENTENCE_PAUSE
