"""Beats whose tempo may glide: it may hold, rise or fall from beat to beat, and seldom changes from one to another.

A path through frames and tempi, as D. Ellis's ("Beat Tracking by Dynamic Programming", 2007), with states of tempo as
in bar pointer models (N. Whiteley et al., ISMIR 2006). That a tempo rises or falls is a state too, so that a long
ritardando costs little more than a short one, and trembling to catch the offbeats of a groove costs much.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt

from pansori.engines.analyze.pansori.music.model import FRAMES_PER_SECOND, Array, Indices

DRIFT, STEP = 0.38, 0.02  #: log units: how far from the tempo of the whole, and between two that are told apart
MOST = 2  #: steps from one beat to the next
MOVE, TURN = 0.3, 6.0  #: costs of a step, and of beginning or ceasing to rise or fall, beside strengths of onsets
TIGHTNESS = 300.0  #: what a beat loses that comes early or late: this, times the squared log of the ratio
EARLY_OR_LATE = (-1, 0, 1)  #: frames by which it may
NOTHING = 0.5  #: of the mean strength, which a beat must have to be worth more than none
WAYS = (-1, 0, 1)  #: tempo falls, holds, rises
BLOCK = 4_096  #: frames whose scores are kept at once
IMPOSSIBLE = -1e6
LAST = 1.2  #: beats at the end, in one of which the last one lies


@dataclass(frozen=True)
class _Arrivals:
    """All that leads to a way of moving at every tempo [tempi, arrivals]: from how far back in scores laid flat, at
    what cost; and for an arrival alone by which jitter, from how many steps, from which way."""

    offsets: Indices
    costs: Array
    sources: tuple[tuple[int, int, int], ...]


def follow(envelope: Array, tempo: float) -> Indices:
    """The frames of the beats that gather most of `envelope` [frames], near `tempo` in beats a minute."""
    steps = round(DRIFT / STEP)
    periods = 60.0 * FRAMES_PER_SECOND / tempo * np.exp(np.arange(-steps, steps + 1) * STEP)
    gaps = np.rint(periods).astype(np.int64)[:, None] + np.array(EARLY_OR_LATE)
    ways = [_arrivals(way, gaps, periods) for way in range(len(WAYS))]
    back, ends = _scored(envelope - NOTHING * float(envelope.mean()), ways, int(gaps.max()))
    last = min(len(ends), int(np.ceil(LAST * periods[steps])))
    at, way, state = np.unravel_index(int(np.argmax(ends[-last:])), ends[-last:].shape)
    frame, beats = len(envelope) - last + int(at), []
    while frame >= 0:
        beats.append(frame)
        jitter, moved, before = ways[way].sources[back[frame, way, state]]
        frame, state, way = frame - int(gaps[state, jitter]), state - moved, before
    return np.array(beats[::-1], dtype=np.int64)


def _arrivals(way: int, gaps: Indices, periods: Array) -> _Arrivals:
    count = len(periods)
    moves = [WAYS[way] * size for size in range(1, MOST + 1)] if WAYS[way] else [0]
    sources = tuple(product(range(gaps.shape[1]), moves, range(len(WAYS))))
    late = -TIGHTNESS * np.log(gaps / periods[:, None]) ** 2
    offsets, costs = [], []
    for jitter, moved, before in sources:
        source = np.arange(count) - moved
        inside = (source >= 0) & (source < count)
        offsets.append((before - gaps[:, jitter] * len(WAYS)) * count + np.clip(source, 0, count - 1))
        cost = late[:, jitter] - MOVE * abs(moved) - TURN * (before != way)
        costs.append(np.where(inside, cost, IMPOSSIBLE))
    return _Arrivals(np.stack(offsets, axis=1), np.stack(costs, axis=1), sources)


def _scored(worth: Array, ways: list[_Arrivals], longest: int) -> tuple[npt.NDArray[np.int8], Array]:
    """The best arrival at every frame, way and tempo [frames, ways, tempi], and the scores of the last frames."""
    count = len(ways[0].offsets)
    width = len(ways) * count
    at_once = -max(int(np.max(arrivals.offsets // width)) for arrivals in ways)  # none of them leads to another
    back = np.zeros((len(worth), len(ways), count), dtype=np.int8)
    scores = np.zeros((longest + BLOCK, len(ways), count))
    flat, places = scores.reshape(-1), np.arange(at_once)[:, None, None] * width
    from_where = [places + arrivals.offsets for arrivals in ways]
    filled = longest
    for first in range(0, len(worth), at_once):
        values = worth[first : first + at_once, None]
        frames, now = slice(first, first + len(values)), slice(filled, filled + len(values))
        if now.stop > len(scores):
            scores[:longest] = scores[filled - longest : filled]
            filled, now = longest, slice(longest, longest + len(values))
        for way, arrivals in enumerate(ways):
            reached = flat.take(from_where[way][: len(values)] + filled * width) + arrivals.costs
            best = reached.argmax(axis=2)
            back[frames, way] = best
            scores[now, way] = np.take_along_axis(reached, best[:, :, None], axis=2)[:, :, 0] + values
        filled = now.stop
    return back, scores[max(longest, filled - longest) : filled]
