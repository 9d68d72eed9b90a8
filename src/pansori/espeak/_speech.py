"""A text spoken as people want it: in a language, at a rate, with every word's and phoneme's time."""

from __future__ import annotations

import math
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from pansori.domain.units import Seconds
from pansori.espeak._binding import SOURCE_RATE
from pansori.espeak._process import Line, Resident, Said, say
from pansori.espeak._voices import find_installed
from pansori.lexicon.hangul import is_block
from pansori.lexicon.pronunciation import respell

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from pansori.domain.jobs import JsonDict

WORDS_PER_MINUTE = 175  #: espeak's own rate
SLOWEST, FASTEST = 80 / WORDS_PER_MINUTE, 450 / WORDS_PER_MINUTE  #: espeak's limits
LOWEST, HIGHEST = -8.8, 9.9  #: semitones about a voice's own pitch, likewise
LOUDER = 6.0  #: decibels above its own voice, espeak's limit
_FIXED = 0.2  # of a voice's pitch, which espeak's parameter does not move (measured); the rest it doubles every 50
_TOKEN = re.compile(r"\S+")
_SWITCH = re.compile(r"\([a-z]{2,3}(?:-[a-z0-9-]+)?\)")  # espeak names the language where a word is of another one
_VOWELS = re.compile("[aeiouyà-æè-ïò-öø-üаеёиоуыэюя]+", re.IGNORECASE)


@dataclass(frozen=True)
class TimedPhoneme:
    ipa: str  #: as espeak names it, with its stress mark
    start: Seconds
    end: Seconds


@dataclass(frozen=True)
class TimedWord:
    text: str  #: as written, with the punctuation that touches it
    first: int  #: index of its first character in `Spoken.text`
    start: Seconds
    end: Seconds
    phonemes: tuple[TimedPhoneme, ...]


@dataclass(frozen=True)
class Spoken:
    """A text that was spoken."""

    samples: npt.NDArray[np.float64]  #: mono, full scale ±1.0, at `SOURCE_RATE`
    text: str  #: what was spoken, its letters composed (NFC)
    words: tuple[TimedWord, ...]
    """In order, without overlap. What is only punctuation is no word."""


@dataclass(frozen=True)
class Turn:
    """A change of the manner, for what follows the character `at` of the text."""

    at: int
    rate: float = 1.0  #: times the whole text's
    pitch: float = 0.0  #: semitones above the whole text's
    volume: float = 0.0  #: decibels above the voice's own, up to `LOUDER`


def guess_language(text: str) -> str:
    """`ko` where there is Hangul, else `en`."""
    return "ko" if any(is_block(character) for character in unicodedata.normalize("NFC", text)) else "en"


@dataclass(frozen=True)
class Text:
    """What is to be spoken, and how."""

    text: str
    language: str  #: one of `Installed.languages`
    variant: str = ""  #: empty: the language's own voice
    rate: float = 1.0  #: from `SLOWEST` to `FASTEST`
    pitch: float = 0.0  #: semitones, from `LOWEST` to `HIGHEST`
    intonation: float = 1.0  #: the pitch's movement against the voice's own, from 0 to 2
    turns: tuple[Turn, ...] = ()  #: in order; what goes beyond those limits then stays at them
    mnemonics: bool = False  #: `[[…]]` are phonemes, by espeak's names (`mnemonics_of`)


def speak(
    text: str,
    *,
    language: str,
    variant: str = "",
    rate: float = 1.0,
    pitch: float = 0.0,
    intonation: float = 1.0,
    heartbeat: Callable[[], None] = lambda: None,
) -> Spoken:
    """Speak one text in a process of its own; the rest as in `speak_all`."""
    [spoken] = speak_all([Text(text, language, variant, rate, pitch, intonation)], heartbeat)
    return spoken


def speak_all(
    texts: Sequence[Text], heartbeat: Callable[[], None] = lambda: None, *, by: Resident | None = None
) -> list[Spoken]:
    """Speak each text. Korean is respelled as it is pronounced, which espeak does not know. `heartbeat`, `by`, raised
    errors: as `say`'s."""
    prepared = [_prepared(text) for text in texts]
    said = say([line for line, _, _ in prepared], heartbeat, by=by)
    return [_spoken(one, shown, places) for one, (_, shown, places) in zip(said, prepared, strict=True)]


def _prepared(text: Text) -> tuple[Line, str, list[tuple[int, int]]]:
    """The line, what it shows, and where its commands are."""
    shown = _printable(unicodedata.normalize("NFC", text.text))
    written = respell(shown) if text.language == "ko" else shown
    sent, places = _with_commands(written, text.turns, text.rate, text.pitch)
    line = Line(
        voice=voice_of(text.language, text.variant),
        text=sent,
        words_per_minute=round(WORDS_PER_MINUTE * text.rate),
        pitch=_pitch(text.pitch),
        pitch_range=min(round(50 * text.intonation * 2 ** (text.pitch / 12)), 99),
        mnemonics=text.mnemonics,
    )
    return line, shown, places


def _spoken(said: Said, shown: str, places: Sequence[tuple[int, int]]) -> Spoken:
    if places:
        said = replace(said, words=tuple((_place(at, places), sample) for at, sample in said.words))
    return Spoken(said.samples, shown, tuple(_words(shown, said)))


def phonemes_of(
    text: str, *, language: str, by: Resident, heartbeat: Callable[[], None] = lambda: None
) -> list[tuple[str, str]]:
    """`text` in IPA as `language` pronounces it, not spoken: for each clause its phonemes, the words apart, and the
    mark of punctuation that it ends in, if any. Raises as `say` does."""
    shown = _printable(unicodedata.normalize("NFC", text))
    written = respell(shown) if language == "ko" else shown
    asked: JsonDict = {"limit": 30, "voice": voice_of(language, ""), "phonemes": written}
    [answer] = by.ask([asked], 30, heartbeat)
    return [(_SWITCH.sub("", ipa), mark) for ipa, mark in answer["clauses"]]


def voice_of(language: str, variant: str) -> str:
    found = find_installed()
    voice = found.voices.get(language, language) if found else language
    return f"{voice}+{variant}" if variant else voice


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)


def _pitch(semitones: float) -> int:
    ratio = 2 ** (semitones / 12)
    return round(50 + 50 * math.log2((ratio - _FIXED) / (1 - _FIXED)))


def _with_commands(text: str, turns: Sequence[Turn], rate: float, pitch: float) -> tuple[str, list[tuple[int, int]]]:
    """`text` with espeak's embedded commands (speak_lib.h: S speed, P pitch, A amplitude), and where these are: index
    in what is sent, and how much of it up to there is not of the text."""
    pieces: list[str] = []
    places: list[tuple[int, int]] = []
    at = added = 0
    for turn in turns:
        speed = min(max(rate * turn.rate, SLOWEST), FASTEST)
        height = _pitch(min(max(pitch + turn.pitch, LOWEST), HIGHEST))
        loud = round(100 * 10 ** (min(turn.volume, LOUDER) / 20))
        command = f"\x01{round(WORDS_PER_MINUTE * speed)}S\x01{height}P\x01{loud}A"
        pieces += [text[at : turn.at], command]
        added += len(command)
        at = turn.at
        places.append((at + added, added))
    return "".join((*pieces, text[at:])), places


def _place(index: int, places: Sequence[tuple[int, int]]) -> int:
    number = bisect_right(places, index, key=lambda place: place[0])
    return index - places[number - 1][1] if number else min(index, places[0][0] - places[0][1])


def _words(text: str, said: Said) -> Iterator[TimedWord]:
    phonemes = _phonemes(said)
    starts = _starts(text, said, [one.start for one in phonemes])
    ends = [*(start for _, start in starts), Seconds(math.inf)][1:]
    for (token, start), end in zip(starts, ends, strict=True):
        own = tuple(one for one in phonemes if start <= one.start < end)
        if own:
            yield TimedWord(token.group(), token.start(), own[0].start, own[-1].end, own)


def _phonemes(said: Said) -> list[TimedPhoneme]:
    """What is not a pause."""
    edges = [*(at for _, at in said.phonemes), len(said.samples)]
    return [
        TimedPhoneme(ipa.replace("-", ""), Seconds(start / SOURCE_RATE), Seconds(end / SOURCE_RATE))
        for (ipa, _), (start, end) in zip(said.phonemes, pairwise(edges), strict=True)
        if ipa and end > start
    ]


def _starts(text: str, said: Said, borders: Sequence[Seconds]) -> list[tuple[re.Match[str], Seconds]]:
    """Every word that is written, with its time. Words that espeak reported as one share its time by their syllables,
    each from the nearest of `borders` on."""
    tokens = [found for found in _TOKEN.finditer(text) if any(map(str.isalnum, found.group()))]
    runs: list[tuple[Seconds, list[re.Match[str]]]] = []
    for token in tokens:
        told = [sample for at, sample in said.words if token.start() <= at < token.end()]
        if told or not runs:
            runs.append((Seconds((told[0] if told else 0) / SOURCE_RATE), []))
        runs[-1][1].append(token)
    ends = [*(start for start, _ in runs), Seconds(len(said.samples) / SOURCE_RATE)][1:]
    return [pair for (start, run), end in zip(runs, ends, strict=True) for pair in _shared(run, start, end, borders)]


def _shared(
    run: Sequence[re.Match[str]], start: Seconds, end: Seconds, borders: Sequence[Seconds]
) -> Iterator[tuple[re.Match[str], Seconds]]:
    yield run[0], start
    last = max((border for border in borders if border < end), default=start)
    inside = [border for border in borders if start < border < end]
    *shares, whole = accumulate(_syllables(token.group()) for token in run)
    for token, share in zip(run[1:], shares, strict=True):
        wanted = start + share / whole * (last - start)
        yield token, min(inside, key=lambda border: abs(border - wanted), default=start)


def _syllables(word: str) -> int:
    blocks = sum(map(is_block, word))
    return blocks or len(_VOWELS.findall(word)) or 1
