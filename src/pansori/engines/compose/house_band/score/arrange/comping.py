"""Keys, guitar and pad: idioms that turn the chord at hand into rhythm."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from pansori.engines.compose.house_band.model import Chord, Note, Style
from pansori.engines.compose.house_band.score.arrange.bass import root_pitch
from pansori.engines.compose.house_band.score.arrange.passage import Passage, fitted, note
from pansori.engines.compose.house_band.score.arrange.voicing import Voicings
from pansori.engines.compose.house_band.score.harmony import Changes

ALL = -1  #: the whole chord

Hit = tuple[float, float, int, float]
"""(beat in the bar, length in beats, which note of the chord from below or `ALL`, velocity)"""

#: One bar each, for quiet and for strong sections; four beats unless named otherwise.
PATTERNS: dict[str, tuple[Sequence[Hit], Sequence[Hit]]] = {
    "held": (((0, 4, ALL, 0.55),), ((0, 2, ALL, 0.65), (2, 2, ALL, 0.6))),
    "pulse": (
        ((0, 1, ALL, 0.6), (1, 1, ALL, 0.5), (2, 1, ALL, 0.57), (3, 1, ALL, 0.5)),
        tuple((i / 2, 0.5, ALL, 0.68 if i % 2 == 0 else 0.55) for i in range(8)),
    ),
    "stabs": (
        ((0, 1.5, ALL, 0.6), (1.5, 2.5, ALL, 0.55)),
        ((0, 0.5, ALL, 0.72), (0.75, 0.5, ALL, 0.62), (1.5, 0.75, ALL, 0.68), (2.5, 0.5, ALL, 0.66), (3.25, 0.5,
            ALL, 0.6)),
    ),
    "ballad": (
        tuple((i / 2, 1.5, (0, 1, 2, 3, 2, 1, 2, 1)[i], 0.58 if i % 4 == 0 else 0.46) for i in range(8)),
        (
            (0, 1, ALL, 0.66), (1, 0.5, 1, 0.5), (1.5, 0.5, 2, 0.5), (2, 1, ALL, 0.62), (3, 0.5, 2, 0.5),
            (3.5, 0.5, 1, 0.5),
        ),
    ),
    "lofi": (
        ((0, 2.5, ALL, 0.5), (2.5, 1.5, ALL, 0.42)),
        ((0, 1.5, ALL, 0.58), (1.5, 0.5, 2, 0.4), (2.5, 1.25, ALL, 0.5)),
    ),
    "charleston": (((0, 1, ALL, 0.5), (1.5, 0.5, ALL, 0.55)), ((0, 0.5, ALL, 0.6), (1.5, 0.5, ALL, 0.62), (2.5,
        0.5, ALL, 0.55))),
    "offbeat": (tuple((b + 0.5, 0.3, ALL, 0.5) for b in range(4)), tuple((b + 0.5, 0.35, ALL,
        0.6) for b in range(4))),
    "trot": (((1, 0.4, ALL, 0.6), (3, 0.4, ALL, 0.6)), ((1, 0.4, ALL, 0.68), (1.5, 0.25, ALL, 0.45), (3, 0.4, ALL,
        0.68), (3.5, 0.25, ALL, 0.5))),
    "four": (tuple((float(b), 0.6, ALL, 0.42) for b in range(4)), tuple((float(b), 0.6, ALL,
        0.52 if b % 2 else 0.42) for b in range(4))),
    "strum": (
        ((0, 1, ALL, 0.6), (1, 0.5, ALL, 0.5), (2, 1, ALL, 0.55), (3, 1, ALL, 0.5)),
        ((0, 1, ALL, 0.66), (1, 0.5, ALL, 0.55), (1.5, 1, ALL, 0.6), (2.5, 0.5, ALL, 0.5), (3, 0.5, ALL, 0.6),
            (3.5, 0.5, ALL, 0.5)),
    ),
    "funk": (
        ((0.5, 0.25, ALL, 0.5), (2.5, 0.25, ALL, 0.5)),
        ((0.5, 0.2, ALL, 0.6), (0.75, 0.2, ALL, 0.42), (1.5, 0.2, ALL, 0.58), (2.5, 0.2, ALL, 0.6), (2.75, 0.2,
            ALL, 0.45), (3.5, 0.2, ALL, 0.6)),
    ),
    "picked": (
        tuple((i / 2, 1.5, (0, 2, 1, 3, 0, 2, 1, 2)[i], 0.6 if i % 4 == 0 else 0.5) for i in range(8)),
        tuple((i / 2, 1.2, (0, 2, 3, 2, 1, 2, 3, 2)[i], 0.66 if i % 4 == 0 else 0.54) for i in range(8)),
    ),
    "power": (
        tuple((i / 2, 0.4, ALL, 0.6 if i % 2 == 0 else 0.5) for i in range(8)),
        ((0, 1.5, ALL, 0.8), (1.5, 1, ALL, 0.75), (2.5, 0.5, ALL, 0.7), (3, 0.5, ALL, 0.75), (3.5, 0.5, ALL, 0.7)),
    ),
    "waltz": (((1, 0.7, ALL, 0.5), (2, 0.7, ALL, 0.48)), ((1, 0.7, ALL, 0.6), (2, 0.7, ALL, 0.57))),
    "arpeggio3": (
        tuple((i / 2, 1.2, (0, 1, 2, 3, 2, 1)[i], 0.55 if i == 0 else 0.45) for i in range(6)),
        tuple((i / 2, 1.2, (0, 2, 1, 3, 2, 1)[i], 0.6 if i == 0 else 0.5) for i in range(6)),
    ),
    "arpeggio6": (
        tuple((i / 2, 1.0, (0, 1, 2, 3, 2, 1)[i], (0.58, 0.43, 0.45)[i % 3]) for i in range(6)),
        tuple((i / 2, 1.0, (0, 2, 3, 1, 2, 3)[i], (0.64, 0.5, 0.52)[i % 3]) for i in range(6)),
    ),
    "six_eight": (
        ((0, 1.5, ALL, 0.58), (1.5, 1.5, ALL, 0.52)),
        ((0, 1, ALL, 0.66), (1, 0.5, ALL, 0.48), (1.5, 1, ALL, 0.62), (2.5, 0.5, ALL, 0.5)),
    ),
    "chug6": (
        tuple((i / 2, 0.4, ALL, 0.62 if i % 3 == 0 else 0.5) for i in range(6)),
        tuple((i / 2, 0.45, ALL, 0.8 if i % 3 == 0 else 0.66) for i in range(6)),
    ),
}  # fmt: skip
COMPOUND = {"picked": "arpeggio6", "ballad": "arpeggio6", "pulse": "arpeggio6", "lofi": "arpeggio6", "power": "chug6"}
STRONG = 0.55  #: energy from which the second pattern is played


@dataclass(frozen=True)
class Player:
    """Who plays chords: where, in which idiom, and from which energy on."""

    voicings: Voicings
    pattern: str
    quietest: float = 0.0  #: rests below this energy
    level: float = 1.0


def comp(passage: Passage, player: Player, changes: Changes) -> list[Note]:
    """Chords in the player's pattern; a chord that begins within the bar is taken up where it does."""
    if passage.last:
        return [
            note(passage.start, passage.length, pitch, 0.6 * player.level)
            for pitch in player.voicings.of(passage.chords[0])
        ]
    if passage.energy < player.quietest:
        return []
    beats = passage.style.beats_per_bar
    pattern = _pattern(player.pattern, passage.style)[passage.energy >= STRONG]
    level = player.level * (0.8 + 0.3 * passage.energy)
    notes: list[Note] = []
    held: Chord | None = None
    pitches: tuple[int, ...] = ()
    for bar in passage.bar_starts:
        for place, length, which, velocity in _meeting_changes(pattern, passage, bar, beats):
            start = bar + place
            chord = changes.at(start)
            if chord is not held:
                held, pitches = chord, player.voicings.of(chord)
            length = min(length, chord.start + chord.length - start)
            chosen = pitches if which == ALL else (_nth(pitches, which),)
            notes += [note(start, length, pitch, velocity * level) for pitch in chosen]
    return fitted(notes, passage)


def _pattern(name: str, style: Style) -> tuple[Sequence[Hit], Sequence[Hit]]:
    beats = style.beats_per_bar
    if style.compound:
        name = COMPOUND.get(name, "six_eight")
    elif beats == 3 and name in ("picked", "ballad"):
        name = "arpeggio3"
    elif beats == 3 and name != "held":
        name = "waltz"
    elif beats != 3 and name in ("waltz", "arpeggio3"):
        name = "pulse"
    quiet, strong = PATTERNS[name]
    return [hit for hit in quiet if hit[0] < beats], [hit for hit in strong if hit[0] < beats]


def _meeting_changes(pattern: Sequence[Hit], passage: Passage, bar: float, beats: int) -> list[Hit]:
    """The pattern, and a stroke for chords that begin where it has none."""
    begun = {chord.start - bar for chord in passage.chords if bar < chord.start < bar + beats}
    missing = begun - {hit[0] for hit in pattern}
    if not missing or all(hit[1] <= 0.5 for hit in pattern):
        return list(pattern)
    extra: list[Hit] = [(place, beats - place, ALL, 0.55) for place in missing]
    return sorted([*pattern, *extra])


def _nth(pitches: tuple[int, ...], which: int) -> int:
    """The note of a broken chord; above the last one, the first an octave higher."""
    return pitches[which % len(pitches)] + 12 * (which // len(pitches))


def power_chords(passage: Passage, changes: Changes, chance: random.Random, *, level: float) -> list[Note]:
    """Root, fifth and octave of a distorted guitar, damped eighths in quiet sections."""
    if passage.last:
        root = _power_root(passage.chords[0])
        return [note(passage.start, passage.length, root + step, 0.7) for step in (0, 7, 12)]
    strong = passage.energy >= STRONG
    pattern = _pattern("power", passage.style)[strong]
    notes = []
    for bar in passage.bar_starts:
        for place, length, _, velocity in pattern:
            start = bar + place
            chord = changes.at(start)
            fifth = 6 if chord.quality in ("dim", "m7b5") else 7
            steps = (0, fifth, 12) if strong else (0, fifth)
            notes += [note(start, length, _power_root(chord) + step, velocity * level) for step in steps]
    return fitted(notes, passage)


def _power_root(chord: Chord) -> int:
    root = root_pitch(chord) if chord.bass is None else 28 + (chord.root - 28) % 12
    return root + 12


def hold(passage: Passage, player: Player) -> list[Note]:
    """The pad: every chord held from change to change, common notes tied."""
    if passage.energy < player.quietest and not passage.last:
        return []
    level = player.level * (0.75 + 0.3 * passage.energy)
    notes: list[Note] = []
    for chord in passage.chords:
        for pitch in player.voicings.of(chord):
            tied = next(
                (i for i, n in enumerate(notes) if n.pitch == pitch and n.start + n.length == chord.start), None
            )
            if tied is not None:
                before = notes[tied]
                notes[tied] = note(before.start, before.length + chord.length, pitch, before.velocity)
            else:
                notes.append(note(chord.start, chord.length, pitch, 0.55 * level))
    return fitted(notes, passage)
