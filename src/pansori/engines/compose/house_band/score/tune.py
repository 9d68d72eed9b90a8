"""Pitches for rhythms: a path through the scale that follows a contour, rests on chord tones and prefers steps.

Found by dynamic programming over the singable pitches. Contour and small preferences come from a motif, which all
lines of a section share, so that one hears them to be related.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pansori.engines.compose.house_band.model import Chord, Key
from pansori.engines.compose.house_band.score.harmony import pitch_classes
from pansori.engines.compose.house_band.style.genres import Scale

#: Contours as points (share of the line, semitones from its centre).
SHAPES: dict[str, tuple[tuple[float, float], ...]] = {
    "arch": ((0.0, -2.0), (0.45, 4.0), (1.0, -1.0)),
    "rise": ((0.0, -3.0), (0.6, 1.0), (1.0, 3.0)),
    "fall": ((0.0, 4.0), (0.5, 1.0), (1.0, -3.0)),
    "wave": ((0.0, 0.0), (0.25, 3.0), (0.5, -2.0), (0.75, 3.0), (1.0, 0.0)),
    "dip": ((0.0, 2.0), (0.45, -3.0), (1.0, 2.0)),
    "late": ((0.0, -1.0), (0.6, -1.0), (0.8, 5.0), (1.0, 1.0)),
    "level": ((0.0, 0.0), (0.7, 0.5), (1.0, -1.5)),
}
#: What it costs to move by so many semitones.
MOVES = (0.65, 0.0, 0.0, 0.2, 0.3, 0.7, 4.0, 1.0, 1.5, 1.6, 3.0, 3.5, 1.9)
SLOTS_PER_BEAT = 2
LEAP = 5  #: semitones
_PENTATONIC = {"major": (0, 2, 4, 7, 9), "minor": (0, 3, 5, 7, 10)}
_TROT = {"major": (0, 2, 4, 7, 9), "minor": (0, 2, 3, 7, 8)}


@dataclass(frozen=True)
class Spot:
    """A note without its pitch: start and length in beats, its chord, and how much it must fit that chord (0–1)."""

    start: float
    length: float
    chord: Chord
    weight: float


@dataclass(frozen=True)
class Compass:
    """The pitches at hand: a scale between two limits, and what the style prefers among them."""

    scale: tuple[int, ...]
    preferred: frozenset[int]
    low: int
    high: int

    def pitches(self, chord: Chord) -> list[int]:
        """Scale notes that agree with the chord, and the chord's own. A scale note a semitone beside a chord's
        altered note gives way to it."""
        tones = pitch_classes(chord)
        altered = [tone for tone in tones if tone not in self.scale]
        clashing = {(tone + shift) % 12 for tone in altered for shift in (-1, 1)} - set(tones)
        allowed = (set(self.scale) | set(tones)) - clashing
        return [pitch for pitch in range(self.low, self.high + 1) if pitch % 12 in allowed]


def compass(key: Key, scale_name: Scale, low: int, high: int, scale: tuple[int, ...]) -> Compass:
    """The compass of a key; `scale_name` says which notes the style prefers."""
    steps: tuple[int, ...] = (_TROT if scale_name == "trot" else _PENTATONIC)[key.mode]
    if scale_name == "blues":
        steps = (*steps, 3)
    preferred = scale if scale_name == "diatonic" else tuple((scale[0] + step) % 12 for step in steps)
    return Compass(scale, frozenset(preferred), low, high)


class TuneMotif:
    """The contours of a section's lines and its fondness for certain pitches at certain places."""

    def __init__(self, shapes: Sequence[str], chance: random.Random) -> None:
        self._shapes = [
            [(place, offset + chance.uniform(-1.0, 1.0)) for place, offset in SHAPES[name]] for name in shapes
        ]
        self._likes = [chance.gauss(0.0, 1.7) for _ in range(8 * SLOTS_PER_BEAT)]

    def target(self, line: int, share: float, beat: float) -> float:
        """Semitones from the section's centre where line number `line` should be, `share` (0–1) of its way."""
        points = self._shapes[line % len(self._shapes)]
        for (left, low), (right, high) in pairwise(points):
            if share <= right:
                base = low + (high - low) * (share - left) / (right - left)
                break
        else:
            base = points[-1][1]
        return base + self._likes[int(beat * SLOTS_PER_BEAT + 1e-6) % len(self._likes)]


def sing_line(
    spots: Sequence[Spot],
    targets: Sequence[float],
    space: Compass,
    *,
    last: dict[int, float],
    previous: int | None = None,
) -> list[int]:
    """The pitches of one line. `targets` are absolute; `last` is what each pitch class costs as the final note."""
    rows = [space.pitches(spot.chord) for spot in spots]
    total: dict[_State, float] = {}
    for pitch in rows[0]:
        moved = 0.0 if previous is None else 0.5 * _move(previous, pitch)
        total[pitch, 0] = moved + _fit(pitch, spots[0], targets[0], space)
    paths: list[dict[_State, _State]] = []
    for index in range(1, len(spots)):
        total, path = _next(total, rows[index], spots[index], targets[index], spots[index - 1].chord, space)
        paths.append(path)
    state = min(total, key=lambda state: total[state] + last.get(state[0] % 12, 3.0))
    line = [state[0]]
    for path in reversed(paths):
        state = path[state]
        line.append(state[0])
    return line[::-1]


_State = tuple[int, int]
"""(pitch, how it was reached: 0 the same note, ±1 a step or third, ±2 a leap up or down)"""


def _next(
    total: dict[_State, float], pitches: Sequence[int], spot: Spot, target: float, before: Chord, space: Compass
) -> tuple[dict[_State, float], dict[_State, _State]]:
    """The best costs after one more note, and the states they came from."""
    foreign = {pitch: pitch % 12 not in pitch_classes(before) for pitch, _ in total}
    best: dict[_State, float] = {}
    path: dict[_State, _State] = {}
    fits = {pitch: _fit(pitch, spot, target, space) for pitch in pitches}
    for state, cost in total.items():
        here, moves = state[0], MOVED[state[1]]
        for pitch in pitches:
            way, moved = moves[pitch - here]
            reached = cost + moved + fits[pitch]
            if foreign[here] and abs(pitch - here) > 2:
                reached += 1.2  # a note foreign to its chord is left by a step
            key = (pitch, way)
            if key not in best or reached < best[key]:
                best[key], path[key] = reached, state
    return best, path


def _move(before: int, after: int) -> float:
    size = abs(after - before)
    return MOVES[size] if size < len(MOVES) else 8.0


def _way(interval: int) -> int:
    """How an interval is heard; see `_State`."""
    size = abs(interval)
    return 0 if not size else (1 if size < LEAP else 2) * (1 if interval > 0 else -1)


def _turn(before: int, after: int) -> float:
    """Steps like to go on in their direction; after a leap the tune turns back; a note is not said three times."""
    if before == 0 and after == 0:
        return 0.5
    if abs(before) == 2:
        return -0.2 if before * after < 0 else 0.6
    return 0.45 if before * after < 0 else 0.0


WIDEST = 60  #: semitones: no voice and no lead spans more
MOVED = {
    before: {
        interval: (_way(interval), _move(0, interval) + _turn(before, _way(interval)))
        for interval in range(-WIDEST, WIDEST + 1)
    }
    for before in range(-2, 3)
}
"""How the note before was reached → the interval to this one → (how that is heard, what it costs)."""


def _fit(pitch: int, spot: Spot, target: float, space: Compass) -> float:
    tones = pitch_classes(spot.chord)
    cost = 0.24 * abs(pitch - target)
    if pitch % 12 not in tones:
        harsh = any((tone + 1) % 12 == pitch % 12 for tone in tones)
        cost += 0.15 + spot.weight * (2.2 if harsh else 1.5)
    if pitch % 12 not in space.preferred:
        cost += 0.35
    return cost
