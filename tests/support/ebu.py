"""The signals of EBU Tech 3341 and 3342, built from their descriptions, and what a meter must read of them.

The recordings of programmes (3341 numbers 7 and 8, 3342 numbers 5 and 6) cannot be built.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.signal import firwin, upfirdn

from pansori.engines.analyze.measure import Measure
from pansori.engines.analyze.pansori.loudness import Readings, measure_loudness, read_loudness
from support.recordings import RATE, Sound, recording, steps, tone

WITHIN = 0.1  #: LU, of both documents' tests of loudness
OF_RANGE = 1.0  #: LU
UNDER, OVER = 0.4, 0.2  #: dB, of true peaks
EDGES = ((-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0))
SOFT = ((-72.0, 10.0),)
PLAIN = ("integrated", "range")  #: for which nothing else need be measured
Levels = Sequence[tuple[float | None, float]]


@dataclass(frozen=True)
class Case:
    """A signal of a document, by its number. `read`: all that the meter says of it which is to be `expected`."""

    number: str
    read: Callable[[], Sequence[float]]
    expected: float
    under: float = WITHIN
    over: float = WITHIN

    def __str__(self) -> str:
        return self.number

    def off(self) -> float:
        """By how much the worst reading is off, where 1 is as much as is allowed."""
        return max(self._off(found) for found in self.read())

    def _off(self, found: float) -> float:
        beside = found - self.expected
        return beside / self.over if beside > 0 else -beside / self.under


def cases() -> list[Case]:
    return [*_integrated(), *_short(), *_momentary(), *_peaks(), *_ranges()]


def stereo(sound: Sound) -> Sound:
    return np.stack([sound, sound])


def readings(sound: Sound) -> Readings:
    return read_loudness(recording(sound), lambda _: None)


def measured(sound: Sound, name: str, rate: int = RATE) -> float:
    measure: Measure[Any] = getattr(measure_loudness(recording(sound, rate), None, lambda _: None), name)
    assert measure.value is not None, measure.refused
    return float(measure.value)


def _integrated() -> Iterator[Case]:
    known: list[tuple[Levels, float]] = [
        (((-23.0, 20.0),), -23.0),
        (((-33.0, 20.0),), -33.0),
        (EDGES, -23.0),
        ((*SOFT, *EDGES, *SOFT), -23.0),
        (((-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)), -23.0),
    ]
    for number, (parts, level) in enumerate(known, 1):
        yield Case(f"3341-{number}", partial(_read, parts, "integrated"), level)
    yield Case("3341-6", _surround, -23.0)
    for number, level in ((1, -23.0), (2, -33.0)):
        for name in ("max_momentary", "max_short_term"):
            yield Case(f"3341-{number} {name}", partial(_read, ((level, 20.0),), name), level)


def _surround() -> Sequence[float]:
    return _said(np.stack([tone(1000, level, 20) for level in (-28, -28, -24, -30, -30)]), "integrated")


def _short() -> Iterator[Case]:
    yield Case("3341-9", partial(_always, [(-20.0, 1.34), (-30.0, 1.66)] * 5, "short_term", 0), -23.0)
    for shift in range(20):
        late = ((None, 0.15 * shift), (-23.0, 3.0), (None, 1.0))
        yield Case(f"3341-10 {shift}", partial(_read, late, "max_short_term"), -23.0)
    yield Case("3341-11", _growing_short, 0.0)


def _growing_short() -> Sequence[float]:
    """Twenty tones of three seconds, each a decibel louder and 0.15 s later: how far each is from its level."""
    parts = [[(None, 0.15 * at), (-38.0 + at, 3.0), (None, 3.0 - 0.15 * at)] for at in range(20)]
    heard = readings(stereo(steps(*[part for one in parts for part in one]))).short_term
    return [float(np.nanmax(heard[60 * at : 60 * (at + 1)])) + 38.0 - at for at in range(20)]


def _momentary() -> Iterator[Case]:
    yield Case("3341-12", partial(_always, [(-20.0, 0.18), (-30.0, 0.22)] * 25, "momentary", 10), -23.0)
    for shift in range(20):
        late = ((None, 0.02 * shift), (-23.0, 0.4), (None, 1.0))
        yield Case(f"3341-13 {shift}", partial(_read, late, "max_momentary"), -23.0)
    yield Case("3341-14", _growing_momentary, 0.0)


def _growing_momentary() -> Sequence[float]:
    """Twenty tones of 0.4 s, each a decibel louder and 20 ms later: how far each is from its level."""
    parts = [[(None, 0.02 * at), (-38.0 + at, 0.4), (None, 0.4 - 0.02 * at)] for at in range(20)]
    sound = stereo(steps(*[part for one in parts for part in one]))
    pieces = [sound[:, round(0.8 * max(at - 1, 0) * RATE) : round(0.8 * (at + 1) * RATE)] for at in range(20)]
    return [measured(piece, "max_momentary") + 38.0 - at for at, piece in enumerate(pieces)]


def _peaks() -> Iterator[Case]:
    """Tones that fade in and out within 0.1 s; and a period of a sine at a sixth of the rate, made at four times the
    rate, low-pass filtered and sampled at one of four offsets: its peak is at full scale wherever the samples fall."""
    tones = (
        (4, 0.0, 0.5, -6.0),
        (4, 45.0, 0.5, -6.0),
        (6, 60.0, 0.5, -6.0),
        (8, 67.5, 0.5, -6.0),
        (4, 45.0, 1.41, 3.0),
    )
    for number, (divisor, degrees, amplitude, peak) in enumerate(tones, 15):
        sound = tone(RATE / divisor, 20 * np.log10(amplitude), 1.0, phase=float(np.deg2rad(degrees)))
        fade = np.minimum(1.0, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / (0.1 * RATE))
        yield Case(f"3341-{number}", partial(_said, stereo(sound * fade), "true_peak"), peak, UNDER, OVER)
    dense = np.zeros(4 * RATE // 2)
    dense[RATE : RATE + 24] = np.sin(2 * np.pi * np.arange(24) / 24)
    smooth = upfirdn(firwin(255, 0.25), dense)
    smooth /= np.max(np.abs(smooth))
    for offset in range(4):
        yield Case(f"3341-{20 + offset}", partial(_said, stereo(smooth[offset::4]), "true_peak"), 0.0, UNDER, OVER)


def _ranges() -> Iterator[Case]:
    known = [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)]
    for number, (levels, expected) in enumerate(known, 1):
        parts = [(float(level), 20.0) for level in levels]
        yield Case(f"3342-{number}", partial(_read, parts, "range"), float(expected), OF_RANGE, OF_RANGE)


def _read(parts: Levels, name: str) -> Sequence[float]:
    return _said(stereo(steps(*parts)), name)


def _said(sound: Sound, name: str) -> Sequence[float]:
    return [float(getattr(readings(sound), name)) if name in PLAIN else measured(sound, name)]


def _always(parts: Levels, name: str, first: int) -> Sequence[float]:
    """All that a curve says from its reading number `first` on."""
    curve = getattr(readings(stereo(steps(*parts))), name)[first:]
    return [float(one) for one in curve[~np.isnan(curve)]]
