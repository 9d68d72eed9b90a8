"""Pitches for rhythms: a path through the scale that follows a contour, rests on chord tones and prefers steps.

Found by dynamic programming over the singable pitches. Contour and small preferences come from a motif, which all
lines of a section share, so that one hears them to be related.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from pansori.engines.compose.house_band.genres import Scale
from pansori.engines.compose.house_band.harmony import pitch_classes
from pansori.engines.compose.house_band.model import Chord, Key

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
MOVES = (0.65, 0.0, 0.0, 0.2, 0.3, 0.55, 2.5, 0.9, 1.5, 1.6, 3.0, 3.5, 1.9)
SLOTS_PER_BEAT = 2
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
    costs = {pitch: 0.0 if previous is None else 0.5 * _move(previous, pitch) for pitch in rows[0]}
    paths: list[dict[int, int]] = []
    total = {pitch: cost + _fit(pitch, spots[0], targets[0], space) for pitch, cost in costs.items()}
    for index in range(1, len(spots)):
        spot, target = spots[index], targets[index]
        free = [entry for entry in total.items() if entry[1] < float("inf")]
        before = spots[index - 1].chord
        fresh: dict[int, float] = {}
        path: dict[int, int] = {}
        for pitch in rows[index]:
            best = min(free, key=lambda entry: entry[1] + _step(entry[0], pitch, before))
            path[pitch] = best[0]
            fresh[pitch] = best[1] + _step(best[0], pitch, before) + _fit(pitch, spot, target, space)
        total = fresh
        paths.append(path)
    final = min(total, key=lambda pitch: total[pitch] + last.get(pitch % 12, 3.0))
    line = [final]
    for path in reversed(paths):
        line.append(path[line[-1]])
    return line[::-1]


def _move(before: int, after: int) -> float:
    size = abs(after - before)
    return MOVES[size] if size < len(MOVES) else 8.0


def _step(before: int, after: int, chord: Chord) -> float:
    """A note foreign to its chord is left by a step."""
    foreign = before % 12 not in pitch_classes(chord)
    return _move(before, after) + (1.2 if foreign and abs(after - before) > 2 else 0.0)


def _fit(pitch: int, spot: Spot, target: float, space: Compass) -> float:
    tones = pitch_classes(spot.chord)
    cost = 0.24 * abs(pitch - target)
    if pitch % 12 not in tones:
        harsh = any((tone + 1) % 12 == pitch % 12 for tone in tones)
        cost += 0.15 + spot.weight * (2.2 if harsh else 1.5)
    if pitch % 12 not in space.preferred:
        cost += 0.35
    return cost
