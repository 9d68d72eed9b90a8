"""Smoothed cepstral peak prominence of a cepstrogram, as Praat's "PowerCepstrogram: Get CPPS…" has it.

The cepstrogram is Praat's. What is done with it here, frame by frame there, is done for many frames at once: it is most
of the work, for lines are fitted by medians (H. Theil, "A rank-invariant method of linear and polynomial regression
analysis", 1950, in its quick form with as many slopes as there are pairs half the range apart). The steps are those of
J. Hillenbrand and R. Houde, "Acoustic correlates of breathy vocal quality" (1996): the decay of each cepstrum is taken
away, the rest averaged over time and over quefrency, and its peak measured from the line through it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

from pansori.engines.analyze.pansori.voice import settings as use

Values = npt.NDArray[np.float64]
AT_ONCE = 256  #: frames
TINY = 1e-30  #: added to power, so that it has a level


@dataclass(frozen=True)
class _Scale:
    """Of one cepstrogram: seconds from frame to frame, and of quefrency from bin to bin, which begins at zero."""

    time_step: float
    step: float
    bins: int

    @property
    def logs(self) -> Values:
        """The logarithm of each bin's quefrency; the first, which is zero, counts as half a bin."""
        return np.asarray(np.log(self.step * np.maximum(np.arange(self.bins), 0.5)))

    def between(self, low: float, high: float) -> slice:
        """The bins that lie between two quefrencies, and on them."""
        return slice(int(np.ceil(low / self.step - 1e-9)), int(np.floor(high / self.step + 1e-9)) + 1)


def mean_prominence(cepstrogram: Any) -> float:
    """In dB, the mean over all frames of a Praat `PowerCepstrogram`."""
    from parselmouth.praat import call

    matrix = call(cepstrogram, "To Matrix")
    power: Values = matrix.values.T
    scale = _Scale(matrix.dx, matrix.dy, power.shape[1])
    reach = int(np.ceil(use.CEPSTRUM_TIME / scale.time_step / 2)) + 1
    total = 0.0
    for first in range(0, len(power), AT_ONCE):
        begin, end = max(first - reach, 0), min(first + AT_ONCE + reach, len(power))
        inner = slice(first - begin, min(first + AT_ONCE, len(power)) - begin)
        total += float(np.sum(_prominences(_smoothed(_flattened(power[begin:end], scale), scale)[inner], scale)))
    return total / len(power)


def _flattened(power: Values, scale: _Scale) -> Values:
    """Power over the line of its decay; what lies below it is on it."""
    levels = _levels(power)
    slopes, heights = _lines(levels, scale)
    above = levels - (slopes[:, None] * scale.logs + heights[:, None])
    return np.asarray(10 ** (np.maximum(above, 0.0) / 10) - TINY)


def _smoothed(power: Values, scale: _Scale) -> Values:
    """`power`: frames beyond the whole's ends are missing in it, and no others."""
    over_time = _averages(len(power), use.CEPSTRUM_TIME / scale.time_step, beyond=0.5)
    over_quefrency = _averages(scale.bins, use.CEPSTRUM_QUEFRENCY / scale.step, beyond=0.0)
    return np.asarray((over_quefrency @ np.ascontiguousarray((over_time @ power).T)).T)


def _prominences(power: Values, scale: _Scale) -> Values:
    """How far the peak of each frame, at a pitch that voices have, lies above the line through the frame, in dB."""
    levels = _levels(power)
    slopes, heights = _lines(levels, scale)
    heights_of_peaks, quefrencies = _peaks(levels, scale)
    return np.asarray(heights_of_peaks - (slopes * np.log(quefrencies) + heights))


def _peaks(levels: Values, scale: _Scale) -> tuple[Values, Values]:
    """Level and quefrency of each frame's highest peak, at the top of the parabola through three bins."""
    searched = scale.between(1 / use.CEPSTRUM_HIGHEST, 1 / use.CEPSTRUM_FLOOR)
    left, middle, right = (levels[:, searched.start + by : searched.stop + by] for by in (-1, 0, 1))
    rise, bend = 0.5 * (right - left), 2 * middle - left - right
    top = (middle > left) & (middle >= right)
    shift = np.where(top, rise / np.where(top, bend, 1.0), 0.0)
    tops = np.where(top, middle + 0.5 * rise * shift, -np.inf)
    tops[:, [0, -1]] = np.maximum(tops[:, [0, -1]], middle[:, [0, -1]])  # what only rises or falls is highest at an end
    highest = np.arange(len(levels)), tops.argmax(axis=1)
    return tops[highest], (highest[1] + searched.start + shift[highest]) * scale.step


def _levels(power: Values) -> Values:
    return np.asarray(10 * np.log10(power + TINY))


def _lines(levels: Values, scale: _Scale) -> tuple[Values, Values]:
    """Slope and height of each frame's line over the logarithm of quefrency."""
    fitted = scale.between(*use.CEPSTRUM_FITTED)
    logs, values = scale.logs[fitted], levels[:, fitted]
    pairs = len(logs) // 2
    apart = len(logs) - pairs
    slopes = np.median((values[:, apart:] - values[:, :pairs]) / (logs[apart:] - logs[:pairs]), axis=1)
    return slopes, np.median(values - slopes[:, None] * logs, axis=1)


@lru_cache(maxsize=8)
def _averages(count: int, width: float, *, beyond: float) -> Any:
    """What averages `count` values over windows of `width` of them, as a sparse matrix: the mean of straight lines from
    value to value. The first and the last value go on `beyond` themselves, where the windows are cut."""
    at = np.arange(count)
    low, high = (np.clip(at + side * width / 2, -beyond, count - 1 + beyond) for side in (-1, 1))
    reach = int(np.ceil(width / 2)) + 1
    rows = np.repeat(at, 2 * reach + 1)
    columns = (at[:, None] + np.arange(-reach, reach + 1)).ravel()
    known = (columns >= 0) & (columns < count)
    rows, columns = rows[known], columns[known]
    begin, end = np.maximum(low, 0.0), np.minimum(high, count - 1.0)
    weights = _under_triangle(end[rows] - columns) - _under_triangle(begin[rows] - columns)
    weights += (columns == 0) * (begin - low)[rows] + (columns == count - 1) * (high - end)[rows]
    return scipy.sparse.csr_array((weights / (high - low)[rows], (rows, columns)), shape=(count, count))


def _under_triangle(to: Values) -> Values:
    """The area of a triangle around 0, of width 2 and height 1, up to there."""
    to = np.clip(to, -1.0, 1.0)
    return np.where(to < 0, 0.5 * (1 + to) ** 2, 1 - 0.5 * (1 - to) ** 2)
