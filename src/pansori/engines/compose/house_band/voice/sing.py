"""The singer of the house band: phrases in, a dry voice out."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from threading import Event
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy.signal import resample_poly

from pansori.domain.units import Cents, Decibels, SampleRateHz, Seconds
from pansori.engines.compose.base import TimedLine, TimedSyllable
from pansori.engines.compose.house_band.model import Phrase, Voice
from pansori.engines.compose.house_band.voice.analysis import Analysed, Floats, analyse
from pansori.engines.compose.house_band.voice.breath import LONGEST, SHORTEST, inhale
from pansori.engines.compose.house_band.voice.dynamics import dynamics
from pansori.engines.compose.house_band.voice.intonation import Manner
from pansori.engines.compose.house_band.voice.render import Run, lay_out, synthesise
from pansori.engines.compose.house_band.voice.source import Speech, Word, speak
from pansori.engines.compose.house_band.voice.timing import Beat, breaths, place
from pansori.espeak import SOURCE_RATE

Mono = npt.NDArray[np.float32]  #: [samples]
Stereo = npt.NDArray[np.float32]  #: [2, samples]
Doubling = Literal["none", "half", "full"]  #: of choruses: by nobody, at the source's rate, at the lead's

_THREADS = 2
_SPOKEN, _ANALYSED = 0.05, 0.25  # of the work
_HEARTBEAT = Seconds(0.2)  # between two calls of `progress`, at most
LONGEST_RUN = Seconds(15.0)  # of syllables without a rest; bounds what is in memory at a time
_BREATH_MARGIN = Seconds(0.04)
_DYNAMICS, _BREATH = 1_000, 1_001  # streams of chance beside the singers'


@dataclass(frozen=True)
class _Double:
    """A further singer of a doubled phrase: how, how late, where, how loud."""

    manner: Manner
    late: Seconds
    pan: float
    level: Decibels


_DOUBLES = (
    _Double(Manner(detune=Cents(-7.0), drift=Cents(7.0), breath=0.5), Seconds(0.014), -0.8, Decibels(-6.0)),
    _Double(Manner(detune=Cents(8.0), drift=Cents(7.0), breath=0.5), Seconds(0.023), 0.8, Decibels(-6.0)),
    _Double(
        Manner(detune=Cents(4.0), drift=Cents(6.0), breath=0.4, harmony=True), Seconds(0.018), -0.5, Decibels(-7.0)
    ),
    _Double(
        Manner(detune=Cents(-4.0), drift=Cents(6.0), breath=0.4, harmony=True), Seconds(0.012), 0.5, Decibels(-7.0)
    ),
)


@dataclass(frozen=True)
class SungVocal:
    lead: Mono  #: dry
    doubles: Stereo | None  #: dry doubles and harmonies of the phrases that asked for them
    lines: tuple[TimedLine, ...]  #: a syllable's start is where its vowel begins


def sing(
    phrases: Sequence[Phrase],
    voice: Voice,
    *,
    duration: Seconds,
    sample_rate: SampleRateHz,
    seed: int,
    progress: Callable[[float], None],
    doubling: Doubling = "half",
) -> SungVocal:
    """Sing `phrases` with `voice`; the result is `duration` long and the same, to the bit, for the same arguments.

    `sample_rate` is a multiple of 22,050 Hz. `progress` is called in this thread with 0–1, several times a second; what
    it raises ends the singing soon. Raises `EngineFailed` where the voice cannot be had.
    """
    if sample_rate % SOURCE_RATE:
        raise ValueError(f"sample_rate {sample_rate} is no multiple of {SOURCE_RATE}")
    track = _Track(round(duration * sample_rate), sample_rate)
    phrases = [phrase for phrase in phrases if phrase.syllables]
    if not phrases:
        return SungVocal(track.lead, None, ())
    words = [_words(phrase) for phrase in phrases]
    speech = speak((word for line in words for word in line), voice.variant, lambda: progress(0.0))
    progress(_SPOKEN)
    stopped = Event()
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            analysed = analyse(speech.sounds, pool, lambda share: progress(_SPOKEN + (_ANALYSED - _SPOKEN) * share))
            runs = _runs(phrases, words, speech, seed)
            takes = deque(pool.submit(_take, run, analysed, sample_rate, stopped, doubling) for run in runs)
            while takes:
                heartbeat = partial(progress, 1.0 - (1.0 - _ANALYSED) * len(takes) / len(runs))
                for sung in _await(takes.popleft(), heartbeat):
                    track.add(sung)
            progress(1.0)
        finally:
            stopped.set()
            pool.shutdown(wait=True, cancel_futures=True)
    return SungVocal(track.lead, track.doubles, tuple(map(timed, phrases)))


def _words(phrase: Phrase) -> list[Word]:
    """The phrase's words in order; a word that changes language is two."""
    groups = groupby(phrase.syllables, key=lambda sung: (sung.syllable.word, sung.syllable.language))
    return [Word(language, tuple(sung.syllable.spoken for sung in group)) for (_, language), group in groups]


@dataclass(frozen=True)
class _Part:
    """A run, whether it is doubled, the breath before it, and where its chance comes from."""

    run: Run
    doubled: bool
    breath: tuple[Seconds, Seconds] | None  #: start and length
    key: tuple[int, ...]

    def random(self, singer: int) -> np.random.Generator:
        return np.random.default_rng([*self.key, singer])


def _runs(phrases: Sequence[Phrase], words: Sequence[Sequence[Word]], speech: Speech, seed: int) -> list[_Part]:
    parts: list[_Part] = []
    silent_since = Seconds(0.0)
    for number, (phrase, line) in enumerate(zip(phrases, words, strict=True)):
        spoken = [syllable for word in line for syllable in speech.words[word]]
        beats = [Beat(one, sung.start, sung.end) for one, sung in zip(spoken, phrase.syllables, strict=True)]
        levels = dynamics(phrase, np.random.default_rng([seed, number, _DYNAMICS]))
        done = 0
        for piece, timed in enumerate(breaths(place(beats, silent_since), LONGEST_RUN)):
            here = slice(done, done + len(timed))
            notes = tuple(sung.notes for sung in phrase.syllables[here])
            run = Run(tuple(timed), notes, levels[here], phrase.energy)
            parts.append(_Part(run, phrase.doubled, _breath(silent_since, timed[0].onset), (seed, number, piece)))
            done += len(timed)
            silent_since = timed[-1].end
    return parts


def _breath(since: Seconds, until: Seconds) -> tuple[Seconds, Seconds] | None:
    """Where a breath fits into the silence between two times; None: nowhere."""
    length = Seconds(min(LONGEST, until - since - 2 * _BREATH_MARGIN))
    return (Seconds(until - _BREATH_MARGIN - length), length) if length >= SHORTEST else None


@dataclass(frozen=True)
class _Sung:
    start: Seconds
    samples: Floats
    pan: float | None  #: None: the lead; −1 left to 1 right: a double


def _await(take: Future[list[_Sung]], heartbeat: Callable[[], None]) -> list[_Sung]:
    heartbeat()
    while not take.done():
        wait([take], timeout=_HEARTBEAT)
        heartbeat()
    return take.result()


def _take(
    part: _Part, analysed: Analysed, sample_rate: SampleRateHz, stopped: Event, doubling: Doubling
) -> list[_Sung]:
    """All singers of one run; fewer where the singing was `stopped`."""
    pieces = lay_out(part.run, analysed)
    sung = [_Sung(part.run.start, synthesise(pieces, part.run, sample_rate, Manner(), part.random(0)), None)]
    if part.breath:
        start, length = part.breath
        sung.append(_Sung(start, inhale(length, sample_rate, part.random(_BREATH)), None))
    if part.doubled and doubling != "none":
        harmony = any(note.harmony is not None for notes in part.run.notes for note in notes)
        for number, double in enumerate(_DOUBLES):
            if double.manner.harmony and not harmony:
                continue
            if stopped.is_set():
                break
            # At the source's rate it costs half, and in the background hardly anybody hears what lies above 11 kHz.
            rate = sample_rate if doubling == "full" else SOURCE_RATE
            samples = synthesise(pieces, part.run, rate, double.manner, part.random(number + 1))
            samples = resample_poly(samples, sample_rate // rate, 1)
            gain = 10.0 ** (double.level / 20.0)
            sung.append(_Sung(Seconds(part.run.start + double.late), samples * gain, double.pan))
    return sung


class _Track:
    """What was sung so far."""

    def __init__(self, total: int, sample_rate: SampleRateHz) -> None:
        self._rate = sample_rate
        self.lead: Mono = np.zeros(total, np.float32)
        self.doubles: Stereo | None = None

    def add(self, sung: _Sung) -> None:
        """Mix in; what lies outside the track is cut off."""
        first = round(sung.start * self._rate)
        low, high = max(0, first), min(len(self.lead), first + len(sung.samples))
        if high <= low:
            return
        samples = sung.samples[low - first : high - first].astype(np.float32)
        if sung.pan is None:
            self.lead[low:high] += samples
            return
        if self.doubles is None:
            self.doubles = np.zeros((2, len(self.lead)), np.float32)
        angle = (sung.pan + 1.0) * np.pi / 4.0  # constant power
        self.doubles[0, low:high] += np.float32(np.cos(angle)) * samples
        self.doubles[1, low:high] += np.float32(np.sin(angle)) * samples


def timed(phrase: Phrase) -> TimedLine:
    """When each syllable of a phrase is sung: a vowel begins where its note does."""
    syllables = tuple(
        TimedSyllable(
            text=sung.syllable.text + (" " if sung.syllable.space_after else ""), start=sung.start, end=sung.end
        )
        for sung in phrase.syllables
    )
    return TimedLine(text=phrase.text, start=syllables[0].start, end=syllables[-1].end, syllables=syllables)
