"""Loudness and true peak by ITU-R BS.1770-5.

Samples are arrays of shape [channels, frames], full scale 1.0, finite. Silence measures minus infinity.
"""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy  # its parts are loaded when first used, which takes a second

from pansori.domain.units import Dbtp, Lufs, SampleRateHz
from pansori.dsp.mapped import blocks, release

Samples = npt.NDArray[np.floating[Any]]

HOP = 0.1  #: seconds: gating blocks last four hops, so they overlap by three quarters
HOPS_PER_BLOCK = 4
OFFSET = -0.691  #: LU; takes away what the K weighting adds at 997 Hz
ABSOLUTE_GATE = Lufs(-70.0)
RELATIVE_GATE = -10.0  #: LU below the loudness of what passed the absolute gate
SURROUND = 1.41  #: weight of the channels at the listener's sides (Annex 1, table 3)
WEIGHTS = {5: (1.0, 1.0, 1.0, SURROUND, SURROUND), 6: (1.0, 1.0, 1.0, 0.0, SURROUND, SURROUND)}
"""Weights of L, R, C, (LFE,) Ls, Rs. Every channel of any other layout weighs 1."""

FRAMES_AT_ONCE = 1 << 17
STRETCH, ROW = 4096, 32  #: frames that are interpolated at once: for good, and for an estimate
ROUNDING = 1e-4  #: of the frames' level, by which an estimate may be wrong
TAPS_PER_PHASE = 24  #: twice Annex 2's example; it reads a tone at 20 kHz in 48 kHz within 0.1 dB
CONTEXT = TAPS_PER_PHASE - 1  #: frames that are read before the first


class LoudnessMeter:
    """Measures integrated loudness while the samples come in, in blocks of any size."""

    def __init__(self, rate: SampleRateHz, channels: int) -> None:
        self._rate = rate
        self._filter = k_weighting(rate)
        self._state = np.zeros((len(self._filter), channels, 2))
        self._weights = np.array(WEIGHTS.get(channels, (1.0,) * channels))
        self._hops: list[float] = []  #: weighted sum of squares in every finished hop
        self._rest = 0.0  #: the same of the hop that is not finished
        self._frames = 0

    def add(self, samples: Samples) -> None:
        """Measure the next frames, [channels, frames]."""
        for start in range(0, samples.shape[1], FRAMES_AT_ONCE):
            self._add(samples[:, start : start + FRAMES_AT_ONCE])

    def integrated(self) -> Lufs:
        """Gated loudness of all frames so far. Less than one gating block of 0.4 s is measured whole, ungated."""
        if len(self._hops) < HOPS_PER_BLOCK:
            whole = sum(self._hops) + self._rest
            return _loudness(whole / self._frames) if self._frames else Lufs(-math.inf)
        edges = self._edge(np.arange(len(self._hops) + 1))
        energy = np.concatenate(([0.0], np.cumsum(self._hops)))
        blocks = energy[HOPS_PER_BLOCK:] - energy[:-HOPS_PER_BLOCK]
        blocks = np.maximum(blocks, 0.0) / (edges[HOPS_PER_BLOCK:] - edges[:-HOPS_PER_BLOCK])
        audible = blocks[blocks > _power(ABSOLUTE_GATE)]
        if not len(audible):
            return Lufs(-math.inf)
        gate = float(np.mean(audible)) * 10 ** (RELATIVE_GATE / 10)
        return _loudness(float(np.mean(audible[audible > gate])))

    def _add(self, samples: Samples) -> None:
        if not samples.shape[1]:
            return
        weighted, self._state = scipy.signal.sosfilt(self._filter, samples, axis=1, zi=self._state)
        power = self._weights @ np.square(weighted)
        edges = self._edge(np.arange(len(self._hops) + 1, len(self._hops) + 2 + self._frames_to_hops(len(power))))
        cuts = edges - self._frames
        cuts = cuts[cuts <= len(power)]
        sums = np.array([float(np.sum(part)) for part in np.split(power, cuts)])
        sums[0] += self._rest
        self._hops.extend(sums[:-1])
        self._rest = float(sums[-1])
        self._frames += len(power)

    def _edge(self, hops: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Frames at which hops end: at the nearest frame where a tenth of a second is not a whole number of them."""
        edges: npt.NDArray[np.int64] = np.rint(hops * self._rate * HOP).astype(np.int64)
        return edges

    def _frames_to_hops(self, frames: int) -> int:
        return math.ceil(frames / (self._rate * HOP))


def integrated_loudness(samples: Samples, rate: SampleRateHz) -> Lufs:
    """Gated loudness of the whole (BS.1770-5, Annex 1). Minus infinity where nothing passes the gate at -70 LUFS."""
    meter = LoudnessMeter(rate, samples.shape[0])
    meter.add(samples)
    return meter.integrated()


def true_peak(samples: Samples, rate: SampleRateHz) -> Dbtp:
    """The highest level between or on the samples, of all channels (BS.1770-5, Annex 2): the signal is interpolated
    to at least 176.4 kHz, four times 44.1 kHz."""
    highest = max((float(np.max(np.abs(block), initial=0.0)) for block in blocks(samples)), default=0.0)
    factor = oversampling(rate)
    if factor > 1:
        highest = max(highest, _interpolated_peak(samples, factor, highest))
    return Dbtp(20 * math.log10(highest)) if highest > 0 else Dbtp(-math.inf)


def oversampling(rate: SampleRateHz) -> int:
    """By how much a signal at `rate` is interpolated before its peak is read."""
    return 4 if rate < 88_200 else 2 if rate < 176_400 else 1


def k_weighting(rate: SampleRateHz) -> npt.NDArray[np.float64]:
    """Both filters of Annex 1 as second-order sections [2, 6], at any rate.

    The recommendation prints coefficients for 48 kHz only. They are those of a high shelf and a high pass under the
    bilinear transform, with the corner frequencies, gain and quality solved for by B. De Man, "Evaluation of
    implementations of the EBU R128 loudness measurement", AES 145, 2018.
    """
    warped = math.tan(math.pi * 1681.974450955533 / rate)
    quality, high = 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    band = high**0.4996667741545416
    unit = 1 + warped / quality + warped**2
    shelf = [
        (high + band * warped / quality + warped**2) / unit,
        2 * (warped**2 - high) / unit,
        (high - band * warped / quality + warped**2) / unit,
        1.0,
        2 * (warped**2 - 1) / unit,
        (1 - warped / quality + warped**2) / unit,
    ]
    warped, quality = math.tan(math.pi * 38.13547087602444 / rate), 0.5003270373238773
    unit = 1 + warped / quality + warped**2
    high_pass = [1.0, -2.0, 1.0, 1.0, 2 * (warped**2 - 1) / unit, (1 - warped / quality + warped**2) / unit]
    return np.array([shelf, high_pass])


def _loudness(power: float) -> Lufs:
    return Lufs(OFFSET + 10 * math.log10(power)) if power > 0 else Lufs(-math.inf)


def _power(loudness: Lufs) -> float:
    return float(10 ** ((loudness - OFFSET) / 10))


def _interpolated_peak(samples: Samples, factor: int, least: float) -> float:
    """The highest interpolated value, or `least` where that is higher.

    Only stretches in which a quick estimate comes near the highest so far are interpolated for good. The result is
    that of interpolating everything.
    """
    taps = _interpolator(factor)
    highest = least
    for start in range(0, samples.shape[1], FRAMES_AT_ONCE):
        end = min(start + FRAMES_AT_ONCE, samples.shape[1])
        bounds = _bounds(samples[:, max(0, start - CONTEXT) : end], CONTEXT if start else 0, factor, highest)
        for number in np.argsort(-bounds).tolist():
            if bounds[number] <= highest:
                break
            first = start + number * STRETCH
            highest = max(highest, _peak_of_stretch(samples, first, min(first + STRETCH, end), taps, factor))
        release(samples)
    end = samples.shape[1]  # after it the filter still rings
    return max(highest, _peak_of_stretch(samples, max(0, end - STRETCH), end, taps, factor))


def _peak_of_stretch(samples: Samples, start: int, end: int, taps: npt.NDArray[np.float32], factor: int) -> float:
    block = samples[:, max(0, start - CONTEXT) : end]
    padded = np.pad(block, ((0, 0), (0 if start else CONTEXT, CONTEXT if end >= samples.shape[1] else 0)))
    frames = padded.shape[1] - CONTEXT
    dense = np.zeros((factor, len(block), frames), np.result_type(block, taps))
    for number, phases in enumerate(taps.reshape(-1, factor)[::-1]):  # NumPy's part: saving a song needs no SciPy
        dense += padded[:, number : number + frames] * phases[:, None, None]
    return float(np.max(np.abs(dense), initial=0.0))


def _bounds(samples: Samples, before: int, factor: int, least: float) -> npt.NDArray[np.float64]:
    """What no interpolated value in each stretch exceeds, or 0 where that is `least`. The first frames, `before` of
    them, are only read.

    Rows of a few frames are interpolated by one product of matrices. Rows are passed over where even the largest gain
    of the interpolator could not lift them above `least`.
    """
    channels, frames = samples.shape[0], samples.shape[1] - before
    rows = -(-frames // ROW)
    padded = np.zeros((channels, (rows + 1) * ROW), np.float32)
    padded[:, ROW - before : ROW + frames] = samples
    loudest = np.abs(padded).reshape(channels, rows + 1, ROW).max(axis=2)
    loudest = np.maximum(loudest[:, 1:], loudest[:, :-1])
    matrix, most_gain = _row_interpolator(factor)
    wanted = np.nonzero(loudest * most_gain > least)
    reads = np.lib.stride_tricks.sliding_window_view(padded, ROW + CONTEXT, axis=1)[:, ROW - CONTEXT :: ROW]
    dense = reads[wanted] @ matrix
    found = np.zeros(-(-frames // STRETCH) * STRETCH // ROW)
    np.maximum.at(found, wanted[1], np.maximum(dense.max(axis=1), -dense.min(axis=1)) + ROUNDING * loudest[wanted])
    bounds: npt.NDArray[np.float64] = found.reshape(-1, STRETCH // ROW).max(axis=1)
    return bounds


@cache
def _row_interpolator(factor: int) -> tuple[npt.NDArray[np.float32], float]:
    """What makes the interpolated values [ROW * factor] of the frames [CONTEXT + ROW] up to the last of a row; and by
    how much the largest can exceed the largest frame."""
    phases = _interpolator(factor).reshape(-1, factor)
    matrix = np.zeros((CONTEXT + ROW, ROW, factor), np.float32)
    for frame in range(ROW):
        matrix[frame : frame + TAPS_PER_PHASE, frame] = phases[::-1]
    return matrix.reshape(CONTEXT + ROW, -1), float(np.max(np.sum(np.abs(phases), axis=0))) + ROUNDING


def _interpolator(factor: int) -> npt.NDArray[np.float32]:
    """A windowed sinc whose every phase has `TAPS_PER_PHASE` taps and unit gain at 0 Hz."""
    length = TAPS_PER_PHASE * factor
    taps = np.sinc((np.arange(length) - (length - 1) / 2) / factor) * np.kaiser(length, 5.0)
    phases = taps.reshape(-1, factor)
    unity: npt.NDArray[np.float32] = (phases / phases.sum(axis=0)).reshape(-1).astype(np.float32)
    return unity
