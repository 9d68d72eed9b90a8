"""The pulse: which periods the onsets repeat at, and the beats that follow one of them through time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy

from pansori.engines.analyze.pansori.music.model import FRAMES_PER_SECOND, Array, Indices

SLOWEST, FASTEST = 40.0, 240.0  #: beats a minute that are thought of
SPAN = 8.0  #: seconds of sound in which a period is looked for
STEP = 1.0  #: seconds from one such span to the next
LONGEST = 6.0  #: seconds: the longest lag, of bars
TEMPI = np.exp(np.linspace(np.log(SLOWEST), np.log(FASTEST), 260))
TIGHTNESS = 300.0  #: what a beat loses that comes early or late: this, times the squared log of the ratio
NARROW = 1.31  #: under 4/3, which is a step from one level of a metre to another
STIFFNESS = 6.0  #: what salience a tempo must win by to move by a log unit
DRIFT = 0.35  #: log units by which a tempo may wander from the one of the whole


def tempogram(envelope: Array) -> Array:
    """Autocorrelation of every span [spans, lags], lag in frames; a span's own energy makes 1."""
    size, step = round(SPAN * FRAMES_PER_SECOND), round(STEP * FRAMES_PER_SECOND)
    lags = round(LONGEST * FRAMES_PER_SECOND)
    centred = envelope - envelope.mean()
    padded = np.pad(centred, size // 2)
    starts = np.arange(0, max(1, len(envelope)), step)
    rows = np.zeros((len(starts), lags), dtype=np.float32)
    window = np.hanning(size)
    unbias = np.correlate(window, window, "full")[size - 1 : size - 1 + lags] / float(np.dot(window, window))
    for first in range(0, len(starts), 256):
        part = np.stack([padded[s : s + size] for s in starts[first : first + 256]]) * window
        spectrum = scipy.fft.rfft(part, 2 * size, axis=1)
        correlation = scipy.fft.irfft(np.abs(spectrum) ** 2, axis=1)[:, :lags]
        energy = np.maximum(correlation[:, :1], 1e-9)
        rows[first : first + 256] = correlation / energy / np.maximum(unbias, 0.2)
    return rows


def salience(correlation: Array) -> Array:
    """How well each of `TEMPI` explains one autocorrelation [lags] or many [spans, lags]: its beats and bars repeat."""
    rows = np.atleast_2d(correlation)
    total = np.zeros((len(rows), len(TEMPI)))
    weights = 0.0
    for multiple, weight in ((1, 1.0), (2, 0.7), (3, 0.25), (4, 0.6)):
        lags = multiple * 60.0 / TEMPI * FRAMES_PER_SECOND
        inside = lags < rows.shape[1] - 1
        total[:, inside] += weight * _at(rows, lags[inside])
        weights += weight
    result: Array = total / weights
    return result[0] if correlation.ndim == 1 else result


def _at(rows: Array, lags: Array) -> Array:
    low = lags.astype(np.int64)
    share = lags - low
    values: Array = rows[:, low] * (1.0 - share) + rows[:, low + 1] * share
    return values


def local_tempi(correlations: Array, tempo: float) -> Array:
    """The tempo of every span [spans], never far from `tempo`: the path of most salience that moves little."""
    near = np.abs(np.log(TEMPI / tempo)) <= DRIFT
    tempi = TEMPI[near]
    return _path(salience(correlations)[:, near] - 0.5 * np.abs(np.log(tempi / tempo)), tempi).tempi


def wandering(correlations: Array) -> Array:
    """The same where no tempo is known: beside the median of its path [spans]. Of all ranges too narrow for another
    level of the metre, the one with the path of most salience."""
    score = salience(correlations)
    size = int(np.searchsorted(TEMPI, TEMPI[0] * NARROW))
    starts = range(0, len(TEMPI) - size, size // 6)
    found = max((_path(score[:, first : first + size], TEMPI[first : first + size]) for first in starts), key=_worth)
    speeds: Array = found.tempi / np.median(found.tempi)
    return speeds


def aligned(correlations: Array, speeds: Array) -> Array:
    """The mean [lags] of what all spans would repeat at, had each gone at speed 1 and not at its own."""
    lags = np.arange(correlations.shape[1])
    rows = [np.interp(lags / speed, lags, row) for row, speed in zip(correlations, speeds, strict=True)]
    mean: Array = np.mean(rows, axis=0)
    return mean


@dataclass(frozen=True)
class _Path:
    tempi: Array
    worth: float


def _worth(path: _Path) -> float:
    return path.worth


def _path(score: Array, tempi: Array) -> _Path:
    """Through `score` [spans, tempi], the path of most that moves little: its tempo in every span."""
    cost = STIFFNESS * np.abs(np.log(tempi[:, None] / tempi[None, :]))
    total, back = score[0], np.zeros(score.shape, dtype=np.int16)
    for row in range(1, len(score)):
        reached = total[:, None] - cost
        back[row] = np.argmax(reached, axis=0)
        total = reached[back[row], np.arange(len(tempi))] + score[row]
    path = np.zeros(len(score), dtype=np.int64)
    path[-1] = int(np.argmax(total))
    for row in range(len(score) - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return _Path(tempi[path], float(total.max()))


def follow(envelope: Array, tempi: Array) -> Indices:
    """The frames of beats: those that gather most of `envelope` while keeping near `tempi` [frames] (D. Ellis, "Beat
    Tracking by Dynamic Programming", 2007, with a tempo that may change)."""
    periods = 60.0 * FRAMES_PER_SECOND / tempi
    longest = int(np.ceil(periods.max() * 1.6))
    scores = np.concatenate([np.zeros(longest), envelope.astype(np.float64)])
    back = np.full(len(envelope), -1, dtype=np.int64)
    halves = np.rint(periods * 2).astype(np.int64).tolist()
    tables = {half: _reach(half / 2) for half in set(halves)}
    for frame, half in enumerate(halves):
        far, close, cost = tables[half]
        place = frame + longest
        window = scores[place - far : place - close + 1] + cost
        best = int(window.argmax())
        scores[place] += window[best]
        back[frame] = frame - far + best
    return _traced(scores[longest:], back, int(np.ceil(periods[-1] * 1.2)))


def _reach(period: float) -> tuple[int, int, Array]:
    """How many frames back the beat before may be, at most and at least, and what each of these loses."""
    reach = np.arange(int(np.ceil(period * 0.6)), int(period * 1.6) + 1)
    return int(reach[-1]), int(reach[0]), -TIGHTNESS * np.log(reach[::-1] / period) ** 2


def _traced(scores: Array, back: Indices, tail: int) -> Indices:
    last = len(scores) - tail + int(np.argmax(scores[-tail:])) if len(scores) > tail else int(np.argmax(scores))
    beats = [last]
    while beats[-1] >= 0 and back[beats[-1]] >= 0:
        beats.append(int(back[beats[-1]]))
    return np.array(beats[::-1], dtype=np.int64)
