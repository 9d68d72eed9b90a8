"""How one pitch in a recording goes, and its harmonics, in which voices that speak or sing and instruments differ."""

from __future__ import annotations

import math
from dataclasses import astuple, dataclass

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.analyze.pansori.blocks import Mono
from pansori.engines.analyze.pansori.colour import FRAME, Values, levels_of, without_rumble

LOUD = 20.0  #: dB below the loudest; what is softer tells little
PITCH_FLOOR, PITCH_CEILING = 55.0, 700.0
THINNED = 3  #: of so many samples one is kept to find pitch in: up to 3.7 kHz there is voice, and above it mostly noise
NOTE = Seconds(0.32)  #: the shortest stretch in which a note is told from a glide
STEADY, WIDEST = 0.25, 3.0  #: semitones, by which a note drifts and a vibrato swings at most
LEAP = 4.0  #: semitones
HELD, HELD_WITHIN = 11, 1.5  #: frames of a stretch in which a note is held, and semitones that it keeps within
EACH = 2  #: of so many voiced frames one has its spectrum taken
WINDOW = 2048
HARMONICS = 8
HIGHEST_HARMONIC = 4000.0  #: Hz
STANDS_OUT = 6.0  #: dB of a harmonic over the valleys beside it
BANDS = np.geomspace(150.0, 8000.0, 13)  #: Hz, between the bands of a voice's colour
SOFTEST = 1e-3  #: of the strongest band; what is softer does not move
APART = 3  #: spectra between which colour moves: 0.12 s


@dataclass(frozen=True)
class Voicing:
    """Of the loud parts in which one voice has a pitch. NaN: nothing in them tells."""

    voiced: float  #: of loud frames, their share
    clear: float  #: median strength of that pitch, up to 1
    steady: float  #: share of voiced frames, in which the pitch stays
    jumps: float  #: per second of voiced sound, how often pitch leaps
    ambitus: float  #: semitones, from its 5th to its 95th percentile
    wavering: float  #: cents, how far a held note moves around a straight line
    glide: float  #: cents a second, how fast it goes up or down
    swelling: float  #: dB a second, how fast it grows; of what is plucked, it fades
    filled: float  #: share of the pitch's harmonics that are there
    lowest: float  #: dB, the stronger of the first two harmonics against the strongest of all
    motion: float  #: dB, how far the colour moves in a tenth of a second

    def or_usual(self) -> Voicing:
        """What could not be told is such that it speaks neither for nor against a voice."""
        return Voicing(
            *(usual if math.isnan(one) else one for one, usual in zip(astuple(self), astuple(USUAL), strict=True))
        )


USUAL = Voicing(0.0, 0.0, 0.0, 0.0, 0.0, wavering=10.0, glide=100.0, swelling=0.0, filled=1.0, lowest=0.0, motion=4.5)


def voicing_of(part: Mono, rate: SampleRateHz) -> Voicing:
    clean = without_rumble(part, rate)
    level = levels_of(clean, rate)
    loud = level > level.max() - LOUD
    frequency, strength = _pitch(scipy.signal.resample_poly(clean, 1, THINNED), rate / THINNED, len(level))
    voiced = (frequency > 0) & loud
    semitones = np.full(len(level), np.nan)
    semitones[voiced] = 12 * np.log2(frequency[voiced] / 440.0)
    steady, jumps = _steadiness(semitones)
    wavering, glide, swelling = _holding(semitones, level)
    filled, lowest, motion = _harmony(part, frequency, np.flatnonzero(voiced), rate)
    return Voicing(
        voiced=float(voiced.sum() / max(loud.sum(), 1)),
        clear=float(np.median(strength[voiced])) if voiced.any() else math.nan,
        steady=steady,
        jumps=jumps,
        ambitus=float(np.ptp(np.percentile(semitones[voiced], (5, 95)))) if voiced.any() else math.nan,
        wavering=wavering,
        glide=glide,
        swelling=swelling,
        filled=filled,
        lowest=lowest,
        motion=motion,
    )


# -- the pitch --------


def _pitch(part: Values, rate: float, frames: int) -> tuple[Values, Values]:
    """Pitch in Hz, 0 where there is none, and its strength, at the middle of every frame of level."""
    import parselmouth

    if len(part) < 3.1 * rate / PITCH_FLOOR:
        return np.zeros(frames), np.zeros(frames)
    pitch = parselmouth.Sound(part, rate).to_pitch_ac(pitch_floor=PITCH_FLOOR, pitch_ceiling=PITCH_CEILING)
    array = pitch.selected_array
    times = (np.arange(frames) + 0.5) * FRAME
    at = np.rint((times - pitch.x1) / pitch.dx).astype(int)
    inside = (at >= 0) & (at < len(array))
    at = np.clip(at, 0, len(array) - 1)
    return np.where(inside, array["frequency"][at], 0.0), np.where(inside, array["strength"][at], 0.0)


def _steadiness(semitones: Values) -> tuple[float, float]:
    """The share of voiced frames in stretches of `NOTE` whose halves have the same mean pitch, which vibrato keeps and
    the melody of speech does not; and how often a second pitch leaps. `semitones`: NaN where nothing is voiced."""
    voiced = ~np.isnan(semitones)
    half = round(NOTE / FRAME) // 2
    if len(semitones) < 2 * half or np.count_nonzero(voiced) < 2 * half:
        return 0.0, 0.0
    windows = np.lib.stride_tricks.sliding_window_view(semitones, 2 * half)
    drift = np.abs(windows[:, :half].mean(axis=1) - windows[:, half:].mean(axis=1))
    still = np.flatnonzero((drift < STEADY) & (np.ptp(windows, axis=1) < WIDEST))
    steady = np.zeros(len(semitones), dtype=bool)
    for at in still:
        steady[at : at + 2 * half] = True
    leaps = np.abs(np.diff(semitones)) > LEAP
    return float(steady[voiced].mean()), float(leaps.sum() / (voiced.sum() * FRAME))


def _holding(semitones: Values, level: Values) -> tuple[float, float, float]:
    """`wavering`, `glide` and `swelling` of held notes; NaN where none is."""
    if len(semitones) < HELD:
        return (math.nan,) * 3
    pitches = np.lib.stride_tricks.sliding_window_view(semitones, HELD)
    held = np.flatnonzero(np.ptp(pitches, axis=1) < HELD_WITHIN)  # false of NaN
    if len(held) <= HELD // 2:
        return (math.nan,) * 3
    time = (np.arange(HELD, dtype=np.float64) - HELD // 2) * FRAME
    pitches = 100 * pitches[held]
    glides = _slopes(pitches, time)
    wavering = np.std(pitches - glides[:, None] * time, axis=1)
    swelling = _slopes(np.lib.stride_tricks.sliding_window_view(level, HELD)[held], time)
    return float(np.median(wavering)), float(np.median(np.abs(glides))), float(np.median(swelling))


def _slopes(rows: Values, time: Values) -> Values:
    """Of the straight line through each row; `time` has the mean 0."""
    return np.asarray(rows @ time / np.dot(time, time))


# -- its spectrum --------


def _harmony(part: Mono, frequency: Values, voiced: npt.NDArray[np.intp], rate: SampleRateHz) -> tuple[float, ...]:
    """`filled`, `lowest` and `motion`; NaN where hardly anything is voiced. `frequency`: Hz, of each frame."""
    voiced = voiced[voiced % EACH == 0]
    if len(voiced) < 10:
        return (math.nan,) * 3
    hop = round(FRAME * rate)
    padded = np.pad(part, (WINDOW // 2, WINDOW // 2 + hop))
    frames = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[(voiced * hop + hop // 2)]
    spectra = np.abs(scipy.fft.rfft(frames * np.hanning(WINDOW).astype(np.float32), axis=1))
    filled, lowest = _partials(spectra, frequency[voiced] * WINDOW / rate, rate)
    return filled, lowest, _motion(spectra, voiced // EACH, rate)


def _partials(spectra: Mono, pitch: Values, rate: SampleRateHz) -> tuple[float, float]:
    """`pitch`: of each spectrum, in bins."""
    numbers = np.arange(1, HARMONICS + 1)
    last = spectra.shape[1] - 2
    top = np.clip(np.rint(pitch[:, None] * numbers).astype(int), 1, last)
    tops = np.maximum.reduce([np.take_along_axis(spectra, top + by, axis=1) for by in (-1, 0, 1)])
    between = np.clip(np.rint(pitch[:, None] * (np.arange(HARMONICS + 1) + 0.5)).astype(int), 0, last)
    valleys = np.take_along_axis(spectra, between, axis=1)
    valley = np.maximum(valleys[:, :-1], valleys[:, 1:]) + 1e-9
    heard = pitch[:, None] * numbers < HIGHEST_HARMONIC * WINDOW / rate
    there = (tops > 10 ** (STANDS_OUT / 20) * valley) & heard
    filled = float(np.mean(there.sum(axis=1) / np.maximum(heard.sum(axis=1), 1)))
    share = tops[:, :2].max(axis=1) / np.maximum(tops.max(axis=1), 1e-12)
    return filled, float(np.median(20 * np.log10(share + 1e-9)))


def _motion(spectra: Mono, places: npt.NDArray[np.intp], rate: SampleRateHz) -> float:
    """`places`: of the spectra in time."""
    edges = np.clip(np.rint(BANDS * WINDOW / rate).astype(int), 1, spectra.shape[1] - 1)
    power = np.add.reduceat(np.square(spectra), edges, axis=1)[:, : len(BANDS) - 1]
    levels = 10 * np.log10(power + SOFTEST * power.max(axis=1, keepdims=True) + 1e-12)
    levels -= levels.mean(axis=1, keepdims=True)
    whole = places[APART:] - places[:-APART] == APART
    if np.count_nonzero(whole) < APART:
        return math.nan
    moved = (levels[APART:] - levels[:-APART])[whole]
    return float(np.median(np.sqrt(np.mean(np.square(moved), axis=1))))
