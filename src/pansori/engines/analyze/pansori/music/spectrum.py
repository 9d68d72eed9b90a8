"""One pass over the sound, in blocks: what every later measure is made of, small enough for hours of audio.

Two spectra are taken. The one of rhythm has short frames, and its rises in level, band by band, are onsets. The one of
pitch has long frames, folded onto thirds of a semitone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import scipy

from pansori.dsp.mapped import blocks, release
from pansori.engines.analyze.pansori.music.model import HOP, RATE, TONAL_HOP, Array, Samples

WINDOW = 1_024  #: samples of a frame of rhythm, 46 ms
TONAL_WINDOW = 8_192  #: samples of a frame of pitch, 372 ms
BLOCK = 512  #: frames that are worked on at once
EDGES = (25.0, 130.0, 350.0, 900.0, 2_200.0, 5_000.0, 10_500.0)  #: Hz, between the bands of onsets
LOW, HIGH = slice(0, 1), slice(4, 6)  #: of those bands: kick and bass; snare and hats
BALANCE = (20.0, 60.0, 250.0, 500.0, 2_000.0, 4_000.0, 6_000.0, 11_025.0)  #: Hz, between the bands of the balance
BALANCE_NAMES = ("sub", "bass", "low mid", "mid", "high mid", "presence", "brilliance")
MELS = 36
LOWEST_NOTE, NOTES = 24, 84  #: MIDI number of the lowest note that is told apart, and how many are
BINS_PER_NOTE = 3
COMPRESSION = 100.0  #: of levels before their rises are taken, beside the sound's own level
SILENCE = 1e-5  #: RMS below which nothing is heard, -100 dB


@dataclass(frozen=True)
class Frames:
    """`flux` [frames, 6]: rises in level by band. `mel` [frames, MELS], `level` (RMS) and `centroid` (Hz) [frames].
    `balance` [7]: energies, summed. `pitch` [tonal frames, NOTES * 3]: magnitudes. `seconds`, `peak`, `rms`: of all."""

    flux: Array
    timbre: Array
    level: Array
    centroid: Array
    balance: Array
    spectrum: Array
    pitch: Array
    seconds: float
    peak: float
    rms: float


def frames_of(samples: Samples, watch: Callable[[float], None] = lambda _: None) -> Frames:
    """Measure `samples` (mono at `RATE`, finite). Frame k is centred on sample k * HOP, pitch frame on k * TONAL_HOP.
    `watch` is told the fraction that is done."""
    rms = _rms(samples)
    rhythm = _Rhythm(1.0 / max(rms, SILENCE))
    count = max(1, -(-len(samples) // HOP))
    for start in range(0, count, BLOCK):
        rhythm.add(_framed(samples, WINDOW, HOP, start, min(start + BLOCK, count)))
        release(samples)
        watch(0.5 * start / count)
    tonal = max(1, -(-len(samples) // TONAL_HOP))
    pitch = []
    for start in range(0, tonal, BLOCK // 4):
        pitch.append(_pitch(_framed(samples, TONAL_WINDOW, TONAL_HOP, start, min(start + BLOCK // 4, tonal))))
        release(samples)
        watch(0.5 + 0.5 * start / tonal)
    return Frames(
        flux=np.concatenate(rhythm.flux),
        timbre=np.concatenate(rhythm.timbre),
        level=np.concatenate(rhythm.level),
        centroid=np.concatenate(rhythm.centroid),
        balance=_banded(rhythm.spectrum, BALANCE),
        spectrum=rhythm.spectrum,
        pitch=np.concatenate(pitch),
        seconds=len(samples) / RATE,
        peak=max((float(np.abs(block).max()) for block in blocks(samples)), default=0.0),
        rms=rms,
    )


def _rms(samples: Samples) -> float:
    total = sum(float(np.dot(block, block)) for block in blocks(samples))
    return float(np.sqrt(total / max(1, len(samples))))


def _framed(samples: Samples, window: int, hop: int, first: int, last: int) -> Samples:
    """Frames number `first` to `last` [last - first, window], each centred on its place, zeros beyond the ends."""
    begin, end = first * hop - window // 2, (last - 1) * hop + window // 2
    part = samples[max(0, begin) : max(0, end)]
    padded = np.pad(part, (max(0, -begin), max(0, end - begin - max(0, -begin) - len(part))))
    views: Samples = np.lib.stride_tricks.sliding_window_view(padded, window)[::hop]
    return views


class _Rhythm:
    """Collects short frames, each compared with the one before it."""

    def __init__(self, gain: float) -> None:
        self._gain = gain
        self._before: Array = np.zeros((2, len(_mels())), dtype=np.float32)
        self._window = _window(WINDOW)
        self._frequencies = np.arange(WINDOW // 2 + 1, dtype=np.float32) * np.float32(RATE / WINDOW)
        self.flux: list[Array] = []
        self.timbre: list[Array] = []
        self.level: list[Array] = []
        self.centroid: list[Array] = []
        self.spectrum: Array = np.zeros(WINDOW // 2 + 1)

    def add(self, frames: Samples) -> None:
        magnitude = np.abs(scipy.fft.rfft(frames * self._window, axis=1)).astype(np.float32)
        power = np.square(magnitude)
        total = power.sum(axis=1)
        self.spectrum = self.spectrum + power.sum(axis=0)
        self.level.append(np.sqrt(np.mean(np.square(frames), axis=1)))
        self.centroid.append((power @ self._frequencies) / np.maximum(total, 1e-12))
        mel = np.log1p(np.float32(COMPRESSION * self._gain) * (magnitude @ _mels().T))
        self.timbre.append(mel.astype(np.float16))
        history = np.concatenate([self._before, mel])
        # the largest neighbour of the frame before: a gliding pitch is no onset (S. Böck, "Maximum filter vibrato
        # suppression for onset detection", DAFx 2013)
        before = scipy.ndimage.maximum_filter1d(history, 3, axis=1)
        rises = np.maximum(0.0, mel - np.maximum(before[1:-1], 0.5 * (before[:-2] + before[1:-1])))
        self.flux.append(rises @ _groups())
        self._before = history[-2:]


@cache
def _window(size: int) -> Samples:
    window: Samples = scipy.signal.get_window("hann", size).astype(np.float32) * np.float32(2.0 / size)
    return window


@cache
def _mels() -> Array:
    """Triangles [MELS, bins] of equal area, evenly spread on the mel scale from 25 Hz to 10.5 kHz."""
    mel = np.linspace(_to_mel(EDGES[0]), _to_mel(EDGES[-1]), MELS + 2)
    points = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    return _triangles(points, np.arange(WINDOW // 2 + 1) * RATE / WINDOW)


def _to_mel(frequency: float) -> float:
    return float(2595.0 * np.log10(1.0 + frequency / 700.0))


def _triangles(points: Array, frequencies: Array) -> Array:
    low, middle, high = points[:-2, None], points[1:-1, None], points[2:, None]
    # a triangle is a bin wide at least: the lowest lie closer than the bins do
    width = frequencies[1] - frequencies[0]
    rising = (frequencies - low) / np.maximum(middle - low, width)
    falling = (high - frequencies) / np.maximum(high - middle, width)
    shape = np.maximum(0.0, np.minimum(rising, falling))
    triangles: Array = (shape / np.maximum(shape.sum(axis=1, keepdims=True), 1e-9)).astype(np.float32)
    return triangles


@cache
def _groups() -> Array:
    """Which mel band belongs to which band of onsets [MELS, 6], as means."""
    mel = np.linspace(_to_mel(EDGES[0]), _to_mel(EDGES[-1]), MELS + 2)[1:-1]
    centres = 700.0 * (10.0 ** (mel / 2595.0) - 1.0)
    of = np.digitize(centres, EDGES[1:-1])
    member = np.eye(len(EDGES) - 1, dtype=np.float32)[of]
    groups: Array = member / np.maximum(member.sum(axis=0), 1.0)
    return groups


def _banded(power: Array, edges: tuple[float, ...]) -> Array:
    frequencies = np.arange(len(power)) * RATE / WINDOW
    bands: Array = np.array([power[(frequencies >= low) & (frequencies < high)].sum() for low, high in pairwise(edges)])
    return bands


def _pitch(frames: Samples) -> Array:
    """Long frames → magnitudes at every third of a semitone [frames, NOTES * BINS_PER_NOTE]."""
    magnitude = np.abs(scipy.fft.rfft(frames * _window(TONAL_WINDOW), axis=1)).astype(np.float32)
    kernel = _pitch_kernel()
    pitch: Array = (kernel @ np.ascontiguousarray(magnitude[:, : kernel.shape[1]].T)).T
    return np.ascontiguousarray(pitch)


@cache
def _pitch_kernel() -> Any:
    """A triangle around every third of a semitone, as a sparse matrix [NOTES * BINS_PER_NOTE, bins]."""
    notes = LOWEST_NOTE + (np.arange(NOTES * BINS_PER_NOTE) - BINS_PER_NOTE // 2) / BINS_PER_NOTE
    centres = 440.0 * 2.0 ** ((notes - 69.0) / 12.0)
    width = np.maximum(centres * (2.0 ** (1.0 / 36.0) - 1.0), RATE / TONAL_WINDOW)
    bins = int(centres[-1] * 1.06 * TONAL_WINDOW / RATE) + 2
    frequencies = (np.arange(bins) * RATE / TONAL_WINDOW)[:, None]
    shape = np.maximum(0.0, 1.0 - np.abs(frequencies - centres) / width)
    kernel = shape / np.maximum(shape.sum(axis=0), 1e-9) ** 0.5
    return scipy.sparse.csr_array(kernel.T.astype(np.float32))
