"""Grids of beats and bars, and what becomes of them when a person says how fast the music goes or where its beats are.

Beats that an engine has followed lie where the music is; so they are kept where what is said fits them at some level of
the metre, and only a grid that fits nowhere is laid anew, evenly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from pansori.domain.units import BeatsPerMinute, Seconds

Array = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]

LEVELS = (1 / 4, 1 / 3, 1 / 2, 2 / 3, 1.0, 3 / 2, 2.0, 3.0, 4.0)  #: of followed beats, from one to the next
NEAR_TEMPO, NEAR_TAPS = 0.04, 0.08  #: parts by which a tempo, and a tapped one, may be off a level
SLACK = 0.2  #: of a beat, by which people tap early or late
PHASES = 64  #: at which an even grid is tried
AUDIBLE = Seconds(0.03)  #: what two onsets are apart that are heard as one
PLACES = 3  #: decimals of times that are told: milliseconds
SAME = Seconds(0.002)  #: within which two such times are one


@dataclass(frozen=True)
class Grid:
    """`beats`: rising seconds. `curve`: beats a minute from each beat to the next. `downbeats`: which beats begin bars;
    where bars are unknown there are none, and `per_bar` is 0. `moved`: beats lie elsewhere than those that were
    followed."""

    beats: Array
    curve: Array
    downbeats: Indices
    per_bar: int
    moved: bool = False

    @property
    def bars(self) -> Array:
        """Seconds at which they begin."""
        return self.beats[self.downbeats]


def faster(grid: Grid, times: float, bounds: Sequence[float]) -> Grid:
    """`times`: a power of two. Bars keep their number of beats. `bounds`: seconds at which sections begin, which tell
    the bars that stay from those that fall away."""
    while times > 1:
        grid, times = _doubled(grid), times / 2
    while times < 1:
        grid, times = _halved(grid, bounds), times * 2
    return grid


def at_tempo(
    grid: Grid | None, told: float, tempo: BeatsPerMinute, seconds: Seconds, onsets: Array, bounds: Sequence[float]
) -> Grid:
    """The grid at the level nearest to `tempo`, where one is near; else an even one through most `onsets`. `told`: the
    tempo that the grid has."""
    step = _level(told / tempo, NEAR_TEMPO) if grid is not None else None
    if grid is None or step is None:
        period = 60.0 / tempo
        return _even(grid, period, _phase(onsets, period), seconds)
    power = np.log2(1 / step)
    return faster(grid, 1 / step, bounds) if power == round(power) else _stepped(grid, step, 0.0)


def tapped(grid: Grid | None, taps: Array, seconds: Seconds) -> Grid:
    """The grid of which `taps` (rising seconds, two at least) are some beats."""
    period, first, counts = _regular(taps)
    if grid is None:
        return _even(None, period, first, seconds)
    places = _places(grid.beats, taps)
    step = _level(float(np.polyfit(counts, places, 1)[0]), NEAR_TAPS)
    if step is None:
        return _even(grid, period, first, seconds)
    turns = np.exp(2j * np.pi * places / step).mean()
    offset = float(np.angle(turns) / (2 * np.pi) * step)
    unit = 0.5 if step >= 1 else step
    nearest = round(offset / unit) * unit
    offset = nearest if abs(offset - nearest) <= SLACK * min(step, 1.0) else offset
    return grid if (step, offset % step) == (1.0, 0.0) else _stepped(grid, step, offset % step)


def with_bars(grid: Grid, per_bar: int, shift: int) -> Grid:
    """Bars of so many beats that begin `shift` beats later. Those there are stay as long as they are, where their
    number of beats is right already."""
    if per_bar == grid.per_bar and not shift:
        return grid
    if not grid.per_bar or per_bar != grid.per_bar:
        anchor = int(grid.downbeats[0]) if len(grid.downbeats) else 0
        return _barred(grid, _laid(anchor + shift, per_bar, len(grid.beats)), per_bar)
    inner = grid.downbeats + shift
    before = np.arange(int(inner[0]) % per_bar, inner[0], per_bar)
    after = np.arange(inner[-1] + per_bar, len(grid.beats), per_bar)
    return _barred(grid, np.concatenate([before, inner, after]).astype(np.int64), per_bar)


def indices(beats: Array, times: Array) -> Indices:
    """Which of `beats` is nearest to each of `times`."""
    if not len(beats):
        return np.zeros(0, dtype=np.int64)
    after = np.clip(np.searchsorted(beats, times), 1, max(1, len(beats) - 1))
    if len(beats) == 1:
        return np.zeros(len(times), dtype=np.int64)
    nearest: Indices = np.where(times - beats[after - 1] < beats[after] - times, after - 1, after).astype(np.int64)
    return nearest


def nearest(time: float, places: Array) -> float:
    """In whole milliseconds: of `places` (rising, one at least) the one nearest to `time`; of two, the later."""
    return round(float(places[int(indices(places, np.array([time]))[0])]), PLACES)


def is_one_of(time: float, places: Array) -> bool:
    return bool(len(places)) and abs(nearest(time, places) - time) <= SAME


# -- levels of one metre --------


def _doubled(grid: Grid) -> Grid:
    """Each bar becomes two."""
    stepped = _sampled(grid, 0.5, 0.0)
    if not grid.per_bar:
        return stepped
    old = grid.downbeats
    middles = np.append(old[:-1] + old[1:], 2 * old[-1] + grid.per_bar)
    return _barred(stepped, np.sort(np.concatenate([2 * old, middles])), grid.per_bar)


def _halved(grid: Grid, bounds: Sequence[float]) -> Grid:
    """Two bars become one."""
    if len(grid.beats) < 3:
        return grid
    if not grid.per_bar:
        return _sampled(grid, 2.0, 0.0)
    stay = max((0, 1), key=lambda one: sum(is_one_of(bound, grid.bars[one::2]) for bound in bounds))
    old = grid.downbeats[stay::2] if len(grid.downbeats) > 1 else grid.downbeats
    offset = round(float(np.mean(old % 2)))
    stepped = _sampled(grid, 2.0, float(offset))
    return _barred(stepped, np.unique((old - offset + 1) // 2), grid.per_bar)


def _stepped(grid: Grid, step: float, offset: float) -> Grid:
    """Every `step` beats from `offset` on; bars are laid evenly from the first that there was."""
    stepped = _sampled(grid, step, offset)
    if not grid.per_bar or not len(stepped.beats):
        return stepped
    anchor = int(indices(stepped.beats, grid.bars[:1])[0])
    return _barred(stepped, _laid(anchor, grid.per_bar, len(stepped.beats)), grid.per_bar)


def _sampled(grid: Grid, step: float, offset: float) -> Grid:
    """The beats alone."""
    places = np.arange(offset, len(grid.beats) - 1 + 1e-9, step)
    whole = np.minimum(places.astype(np.int64), len(grid.beats) - 2)
    beats = grid.beats[whole] + (places - whole) * (grid.beats[whole + 1] - grid.beats[whole])
    curve = np.interp(places[:-1], np.arange(len(grid.curve)), grid.curve) / step
    moved = grid.moved or bool(step != round(step) and 1 / step != round(1 / step)) or offset != round(offset)
    return Grid(beats, curve, np.zeros(0, dtype=np.int64), 0, moved)


def _level(ratio: float, tolerance: float) -> float | None:
    """That of `LEVELS` which `ratio` is, if any."""
    if ratio <= 0:
        return None
    level = min(LEVELS, key=lambda one: abs(np.log(ratio / one)))
    return level if abs(np.log(ratio / level)) <= tolerance else None


# -- even grids --------


def _even(grid: Grid | None, period: float, place: float, seconds: Seconds) -> Grid:
    """Beats all through the recording, one of them at `place`."""
    beats = np.arange(max((place + SAME) % period - SAME, 0.0), seconds, period)
    curve = np.full(max(len(beats) - 1, 0), 60.0 / period)
    even = Grid(beats, curve, np.zeros(0, dtype=np.int64), 0, moved=True)
    if grid is None or not grid.per_bar or not len(beats):
        return even
    anchor = int(indices(beats, grid.bars[:1])[0])
    return _barred(even, _laid(anchor, grid.per_bar, len(beats)), grid.per_bar)


def _phase(onsets: Array, period: float) -> float:
    """Where the beats of an even grid are, so that most `onsets` lie on them."""
    if not len(onsets):
        return 0.0
    phases = np.arange(PHASES) * period / PHASES
    apart = (onsets[:, None] - phases[None, :] + period / 2) % period - period / 2
    return float(phases[int(np.argmax(np.exp(-0.5 * (apart / AUDIBLE) ** 2).sum(axis=0)))])


def _regular(taps: Array) -> tuple[float, float, Array]:
    """Seconds between taps, where the first should be, and how many beats each is from the first: some may be left
    out."""
    gaps = np.diff(taps)
    counts = np.concatenate([[0.0], np.cumsum(np.maximum(np.rint(gaps / np.median(gaps)), 1.0))])
    period, first = np.polyfit(counts, taps, 1)
    return float(period), float(first), counts


def _places(beats: Array, times: Array) -> Array:
    """In beats from the first; before the first and after the last, as if beats went on."""
    numbers = np.arange(len(beats), dtype=float)
    places = np.interp(times, beats, numbers)
    before, after = times < beats[0], times > beats[-1]
    places[before] = (times[before] - beats[0]) / (beats[1] - beats[0])
    places[after] = numbers[-1] + (times[after] - beats[-1]) / (beats[-1] - beats[-2])
    found: Array = places
    return found


def _barred(grid: Grid, downbeats: Indices, per_bar: int) -> Grid:
    """With bars at those of `downbeats` that there are."""
    inside = downbeats[(downbeats >= 0) & (downbeats < len(grid.beats))]
    return replace(grid, downbeats=inside, per_bar=per_bar if len(inside) else 0)


def _laid(anchor: int, per_bar: int, count: int) -> Indices:
    return np.arange(anchor % per_bar, count, per_bar, dtype=np.int64)
