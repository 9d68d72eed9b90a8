"""Where each frame of a sung line comes from: consonants before the beat, the vowel on it, held while it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from pansori.domain.units import Seconds
from pansori.engines.compose.house_band.voice.analysis import FRAME, Analysed, Floats
from pansori.engines.compose.house_band.voice.phonemes import Span
from pansori.engines.compose.house_band.voice.source import SpokenSyllable

_ONSET_MAX = 0.14  # seconds a syllable's first consonants may take
_CODA_MAX = 0.15
_CONSONANTS_MAX = 0.48  # share of the time between two beats
_LEGATO_GAP = 0.06  # a rest shorter than this is sung through
_NEAR = 0.05  # seconds before the vowel that keep their speed when consonants are shortened: a stop's burst
_HEAD, _TAIL = 0.05, 0.05  # seconds at a held vowel's ends that keep their speed
_SHORTEST = Seconds(0.03)


@dataclass(frozen=True)
class Timed:
    """A syllable's place in time, from its first consonant to the end of its last."""

    spoken: SpokenSyllable
    onset: Seconds
    vowel: Seconds
    coda: Seconds
    end: Seconds
    rest: bool  #: silence follows


@dataclass(frozen=True)
class Beat:
    """What the score wants of a syllable."""

    spoken: SpokenSyllable
    start: Seconds
    end: Seconds


def place(beats: Sequence[Beat], earliest: Seconds) -> list[Timed]:
    """Give every syllable its time. `earliest`: nothing may sound before it. The vowel begins at its beat's start."""
    placed: list[Timed] = []
    onset: float = min(beats[0].start, max(earliest, beats[0].start - _onset(beats[0].spoken.span)))
    for beat, following in zip(beats, [*beats[1:], None], strict=True):
        span = beat.spoken.span
        coda = _coda(span)
        end, next_onset, rest = _joint(beat, following, coda) if following else (beat.end, beat.end, True)
        length = max(_SHORTEST, end - beat.start)
        coda = min(coda, length * _CONSONANTS_MAX)
        placed.append(
            Timed(
                beat.spoken,
                Seconds(onset),
                beat.start,
                Seconds(beat.start + length - coda),
                Seconds(beat.start + length),
                rest,
            )
        )
        onset = next_onset
    return placed


def _joint(beat: Beat, following: Beat, coda: float) -> tuple[Seconds, Seconds, bool]:
    """Where this syllable ends and the next one's consonants begin; whether there is a rest between."""
    onset = _onset(following.spoken.span)
    if following.start - onset - beat.end > _LEGATO_GAP:
        return beat.end, Seconds(following.start - onset), True
    room = (following.start - beat.start) * _CONSONANTS_MAX
    onset *= min(1.0, room / max(1e-6, coda + onset))
    border = Seconds(following.start - onset)
    return border, border, False


def _onset(span: Span) -> float:
    return min(_ONSET_MAX, span.vowel - span.onset)


def _coda(span: Span) -> float:
    return min(_CODA_MAX, span.end - span.coda)


def breaths(placed: Sequence[Timed], longest: Seconds) -> list[list[Timed]]:
    """Cut a line where it rests; where it goes on for more than `longest` without one, it is given one."""
    parts: list[list[Timed]] = [[]]
    for timed in placed:
        parts[-1].append(timed)
        if timed.end - parts[-1][0].onset > longest:
            parts[-1][-1] = replace(timed, rest=True)
        if parts[-1][-1].rest:
            parts.append([])
    return [part for part in parts if part]


@dataclass(frozen=True)
class Knots:
    """A piecewise linear map from time to frames of the source."""

    times: Floats
    frames: Floats

    def at(self, times: Floats) -> Floats:
        """Beyond its ends the map goes on at the speech's own speed."""
        inside = np.interp(times, self.times, self.frames)
        before = np.minimum(times - self.times[0], 0.0) / FRAME
        after = np.maximum(times - self.times[-1], 0.0) / FRAME
        return np.asarray(inside + before + after)


def knots(timed: Timed, speech: Analysed) -> Knots:
    """The map of one syllable. Its vowel's middle is what is stretched; a diphthong stays on its first part."""
    span = timed.spoken.span
    near = min(_NEAR, 0.6 * (timed.vowel - timed.onset), 0.6 * (span.vowel - span.onset))
    pairs = [(float(timed.onset), float(span.onset)), (timed.vowel - near, span.vowel - near)]
    pairs += [(float(timed.vowel), float(span.vowel))]
    pairs += _vowel(timed.vowel, timed.coda, span)
    pairs += [(float(timed.coda), float(span.coda)), (float(timed.end), float(span.end))]
    times = np.maximum.accumulate(np.array([time for time, _ in pairs]))
    keep = np.concatenate([[True], np.diff(times) > 1e-6])  # of two knots at one time the first is kept
    frames = np.array([speech.position(timed.spoken.sound, source) for _, source in pairs])
    return Knots(times[keep], frames[keep])


def _vowel(start: float, stop: float, span: Span) -> list[tuple[float, float]]:
    """Inner knots of the vowel: empty where it is sung no longer than spoken."""
    spoken, sung = span.coda - span.vowel, stop - start
    low, high = span.hold
    lead, trail = low - span.vowel, span.coda - high
    if sung <= spoken * 1.05 or high - low < 0.02:
        return []
    head = lead + min(_HEAD, 0.3 * (high - low))
    tail = trail + min(_TAIL, 0.3 * (high - low))
    squeeze = min(1.0, 0.7 * sung / (head + tail))
    return [(start + head * squeeze, span.vowel + head), (stop - tail * squeeze, span.coda - tail)]
