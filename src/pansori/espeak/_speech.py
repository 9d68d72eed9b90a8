"""A text spoken as people want it: in a language, at a rate, with every word's and phoneme's time."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from pansori.domain.units import Seconds
from pansori.espeak._binding import SOURCE_RATE
from pansori.espeak._process import Line, Said, say
from pansori.espeak._voices import find_installed
from pansori.lexicon.hangul import is_block
from pansori.lexicon.pronunciation import respell

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

WORDS_PER_MINUTE = 175  #: espeak's own rate
SLOWEST, FASTEST = 80 / WORDS_PER_MINUTE, 450 / WORDS_PER_MINUTE  #: espeak's limits
LOWEST, HIGHEST = -8.8, 9.9  #: semitones about a voice's own pitch, likewise
_FIXED = 0.2  # of a voice's pitch, which espeak's parameter does not move (measured); the rest it doubles every 50
_TOKEN = re.compile(r"\S+")
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


def guess_language(text: str) -> str:
    """`ko` where there is Hangul, else `en`."""
    return "ko" if any(is_block(character) for character in unicodedata.normalize("NFC", text)) else "en"


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
    """Speak `text` in `language` (one of `Installed.languages`) with a `variant` (empty: the language's own voice).
    `rate` from `SLOWEST` to `FASTEST`, `pitch` in semitones from `LOWEST` to `HIGHEST`, `intonation` from 0 to 2: the
    pitch's movement against the voice's own. Korean is respelled as it is pronounced, which espeak does not know.
    `heartbeat`, raised errors: as `say`'s."""
    shown = "".join(character if character.isprintable() else " " for character in unicodedata.normalize("NFC", text))
    ratio = 2 ** (pitch / 12)
    found = find_installed()
    voice = found.voices.get(language, language) if found else language
    line = Line(
        voice=f"{voice}+{variant}" if variant else voice,
        text=respell(shown) if language == "ko" else shown,
        words_per_minute=round(WORDS_PER_MINUTE * rate),
        pitch=round(50 + 50 * math.log2((ratio - _FIXED) / (1 - _FIXED))),
        pitch_range=min(round(50 * intonation * ratio), 99),
    )
    [said] = say([line], heartbeat)
    return Spoken(said.samples, shown, tuple(_words(shown, said)))


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
