"""The rhythm of words: every syllable gets its place in the bars that its line has.

A dynamic programme places the syllables: stressed ones draw to strong beats, gaps stay near an even flow, and a
section's own rhythmic motif makes its lines resemble each other.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass

from pansori.engines.compose.house_band.score.form import finest_step, last_length

SIXTEENTH, EIGHTH = 0.25, 0.5
REST = 0.25  #: beats between two lines, at least
LONGEST_NOTE = 2.6  #: seconds
MOTIF_BEATS = 8  #: after so many beats the motif begins anew
FLOW = 0.85  #: syllables go so much closer together than they could, which leaves the line a long last note
LINGER = (0.85, 1.0, 1.15)  #: how long a syllable is by its stress, beside the others
WIDEST = 0.8  #: beats from one syllable to the next, as a rule


@dataclass(frozen=True)
class Accent:
    """What a syllable asks of its place."""

    stress: int  #: 0–2
    ends_word: bool


@dataclass(frozen=True)
class Slot:
    """Where a syllable is sung, in beats from its line's first bar."""

    start: float
    length: float


def strength(beat: float, beats_per_bar: int, pulse: float = 1.0) -> float:
    """How strong a place in the bar is, 0–1. `pulse`: what is felt as a beat, in quarter notes."""
    place = beat % beats_per_bar
    if pulse != 1.0 and abs(place - pulse) < 1e-6:
        return 0.8
    if pulse != 1.0 and place:
        return 0.3 if abs(place % EIGHTH) < 1e-6 else 0.05
    if place % 1.0 > 1e-6:
        return 0.3 if abs(place % 0.5) < 1e-6 else 0.05
    if place == 0:
        return 1.0
    return 0.8 if beats_per_bar == 4 and place == 2 else 0.55


class RhythmMotif:
    """How much a section likes each place of two bars; made by chance, once for all lines of a section."""

    def __init__(self, beats_per_bar: int, syncopation: float, chance: random.Random, pulse: float = 1.0) -> None:
        self._period = max(1, MOTIF_BEATS // beats_per_bar) * beats_per_bar
        steps = round(self._period / SIXTEENTH)
        self._likes = [chance.gauss(0.0, 0.28) for _ in range(steps)]
        for beat in range(1, self._period):
            if chance.random() < syncopation * (0.8 if beat % 2 == 0 else 0.45):
                at = round(beat / SIXTEENTH)
                self._likes[at - 2] += 0.9
                self._likes[at] -= 0.7
        self.start = chance.choices((0.0, 0.5, 1.0), (0.55, 0.25 + syncopation, 0.2))[0]
        self._beats_per_bar, self._pulse = beats_per_bar, pulse

    def liking(self, beat: float) -> float:
        return self._likes[round(beat / SIXTEENTH) % len(self._likes)]

    def worth(self, beat: float, stress: int) -> float:
        """The worth of a syllable of this stress at `beat`."""
        return (0.25 + 0.5 * stress) * strength(beat, self._beats_per_bar, self._pulse) + self.liking(beat)


def room(beats: float, tempo: float, swing: float = 0.0) -> int:
    """How many syllables, or notes of a tune, `place` finds places for."""
    return _steps(beats - REST - last_length(tempo, swing), finest_step(tempo, swing))


def _steps(window: float, grid: float) -> int:
    return math.floor(window / grid + 1e-9) + 1


def place(accents: Sequence[Accent], beats: float, tempo: float, motif: RhythmMotif, swing: float = 0.0) -> list[Slot]:
    """Places for all syllables, at most `room`, within `beats`, a rest left at the end. Starts lie on eighths, or on
    sixteenths where the syllables are too many and the tempo allows it."""
    beat = 60.0 / tempo
    window = beats - REST - last_length(tempo, swing)
    count = len(accents)
    finest = finest_step(tempo, swing)
    even = max(EIGHTH, finest)
    grid = finest if (count - 1) * even > window else even
    starts = _best(accents, grid, _steps(window, grid), motif)
    ends = [*starts[1:], beats - REST]
    return [
        Slot(start, _held(start, end, accent, beat, last=index == count - 1))
        for index, (start, end, accent) in enumerate(zip(starts, ends, accents, strict=True))
    ]


def _held(start: float, end: float, accent: Accent, beat: float, *, last: bool) -> float:
    """How long a note is held: to the next one, with a breath where a word ends and there is time for it."""
    room = end - start
    longest = max(LONGEST_NOTE / beat, 0.5)
    if last:
        return min(room, max(1.0, math.floor(longest)))
    if accent.ends_word and room >= 2.0:
        room -= 0.5
    return min(room, longest)


def _best(accents: Sequence[Accent], grid: float, steps: int, motif: RhythmMotif) -> list[float]:
    count = len(accents)
    ideal = max(1.0, min(WIDEST / grid, FLOW * (steps - 1) / max(1, count - 1)))
    spare = steps - count  # how far a syllable may lie behind its first possible place
    worths = [[motif.worth(step * grid, stress) for step in range(steps)] for stress in (0, 1, 2)]
    tables = {
        (ends, stress): _costs(ideal * (1.45 if ends else 0.95) * LINGER[stress], spare + 2)
        for ends in (False, True)
        for stress in (0, 1, 2)
    }
    score = [
        worths[accents[0].stress][step] - 0.7 * abs(step * grid - motif.start) - _late(step, count, steps)
        for step in range(spare + 1)
    ]
    back: list[list[int]] = []
    for index in range(1, count):
        last = index == count - 1
        before = accents[index - 1]
        costs = tables[before.ends_word, before.stress]
        worth = worths[max(accents[index].stress, 2 if last else 0)]
        row, origin = [], []
        for offset in range(spare + 1):  # this syllable's step is index + offset
            gains = [score[origin] - costs[offset - origin + 1] for origin in range(offset + 1)]
            best = max(range(offset + 1), key=gains.__getitem__)
            gained = gains[best] + (1.5 if last else 1.0) * worth[index + offset]
            row.append(gained)
            origin.append(best)
        score = row
        back.append(origin)
    offset = max(range(spare + 1), key=score.__getitem__)
    offsets = [offset]
    for origin in reversed(back):
        offset = origin[offset]
        offsets.append(offset)
    return [(index + offset) * grid for index, offset in enumerate(reversed(offsets))]


def _costs(wanted: float, count: int) -> list[float]:
    """What a gap of so many steps costs: the more, the further it is from what is wanted."""
    return [0.6 * abs(math.log2(max(gap, 0.25) / wanted)) ** 1.5 for gap in range(count)]


def _late(step: int, count: int, steps: int) -> float:
    """A late start costs where it makes the rest hurry."""
    return 0.4 * step * count / max(1, steps)
