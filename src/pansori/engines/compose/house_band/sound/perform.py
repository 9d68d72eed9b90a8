"""How the score is played: beats become seconds, and machines become people.

Instruments swing, push, drag and breathe in dynamics. The voice keeps to the (swung) grid, so that its vowels are on
the beat. Nothing is placed at random that another part of the song would notice: each part has its own chance.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from pansori.domain.units import Beats, MidiPitch, Seconds
from pansori.engines.compose.house_band.clock import Clock as Clock
from pansori.engines.compose.house_band.clock import clock_of
from pansori.engines.compose.house_band.clock import swung as swung
from pansori.engines.compose.house_band.model import (
    TAIL,
    Note,
    PartName,
    Performance,
    Phrase,
    PhraseSyllable,
    PlayedNote,
    Score,
    Style,
    SungNote,
)
from pansori.engines.compose.house_band.score.harmony import Changes, pitch_classes

Random = Callable[[str], random.Random]

DOUBLED_SECTIONS = frozenset({"chorus", "hook", "refrain"})
THIRDS = (3, 4, 5)  #: semitones between the voices of a chorus
HARMONY_OVER_RANGE = 2  #: semitones that a second voice may go over the singer's range, being soft
SHORTEST = Seconds(0.04)  #: of a played note
KICKS = frozenset({35, 36})
SNARES = frozenset({37, 38, 39, 40})
LAID_BACK: dict[str, float] = {"lofi": 0.018, "hiphop": 0.012, "rnb": 0.01}
"""Seconds by which a style's snare comes late: what makes these styles lean back."""


@dataclass(frozen=True)
class Manner:
    """How loosely a part is played. Times in seconds, at full humanising."""

    jitter: float  #: standard deviation of each onset
    drift: float  #: of the slow wandering before and behind the beat
    lag: float  #: constant: behind the beat, or before it where negative
    dynamics: float  #: standard deviation of velocity, share of the full range
    strum: float  #: from one note of a chord to the next, low to high
    legato: float  #: sounding share of a note's length


MANNERS: dict[PartName, Manner] = {
    "drums": Manner(jitter=0.0025, drift=0.002, lag=0.0, dynamics=0.035, strum=0.0, legato=1.0),
    "bass": Manner(jitter=0.004, drift=0.003, lag=0.003, dynamics=0.03, strum=0.0, legato=0.96),
    "keys": Manner(jitter=0.004, drift=0.004, lag=0.002, dynamics=0.04, strum=0.004, legato=0.97),
    "guitar": Manner(jitter=0.005, drift=0.004, lag=0.0, dynamics=0.05, strum=0.011, legato=0.98),
    "pad": Manner(jitter=0.008, drift=0.004, lag=-0.03, dynamics=0.02, strum=0.006, legato=1.0),
    "lead": Manner(jitter=0.006, drift=0.006, lag=0.002, dynamics=0.05, strum=0.0, legato=0.97),
}
DRIFT_BEATS = 8.0  #: how far apart the points lie between which a player's drift wanders


def perform(score: Score, chance: Random, *, duration: Seconds | None = None, humanize: float = 1.0) -> Performance:
    """Play the score. `duration`: of the finished file, to the sample; the ending gives way. `humanize` 0-1: how
    far from the grid and from even dynamics the instruments may go."""
    clock = clock_of(score)
    length = duration if duration is not None else Seconds(clock.at(score.length) + TAIL)
    parts = {
        name: _play(name, notes, clock, chance(f"perform/{name}"), humanize, score)
        for name, notes in score.parts.items()
        if notes
    }
    cut = {name: tuple(note for note in notes if note.start < length) for name, notes in parts.items()}
    return Performance(
        duration=length,
        tempo=score.style.tempo,
        phrases=_phrases(score, clock),
        parts={name: _ring_out(notes, clock.at(score.length), length, name) for name, notes in cut.items()},
        programs=dict(score.style.programs),
    )


# -- instruments --------


def _play(
    part: PartName, notes: Iterable[Note], clock: Clock, chance: random.Random, humanize: float, score: Score
) -> tuple[PlayedNote, ...]:
    manner = MANNERS[part]
    written = sorted(notes, key=lambda note: (note.start, note.pitch))
    drift = _drift(score.length, manner.drift * humanize, chance)
    played = []
    for chord in _chords(written):
        offset = manner.lag + drift(chord[0].start) + chance.gauss(0.0, manner.jitter) * humanize
        for order, note in enumerate(_strummed(chord)):
            behind = offset + _leaning(note, part, score.style.name) * humanize
            start = max(0.0, clock.at(note.start) + behind + order * manner.strum * humanize)
            end = clock.at(note.start + note.length * manner.legato) + behind
            played.append(
                PlayedNote(
                    start=Seconds(start),
                    duration=Seconds(max(end - start, SHORTEST)),
                    pitch=note.pitch,
                    velocity=_velocity(note, score.style, manner.dynamics * humanize, chance),
                )
            )
    return _without_overlap(played)


def _leaning(note: Note, part: PartName, style: str) -> float:
    return LAID_BACK.get(style, 0.0) if part == "drums" and note.pitch in SNARES else 0.0


def _chords(notes: list[Note]) -> Iterable[list[Note]]:
    """Notes that start together, low to high."""
    group: list[Note] = []
    for note in notes:
        if group and note.start - group[0].start > 1e-6:
            yield group
            group = []
        group.append(note)
    if group:
        yield group


def _strummed(chord: list[Note]) -> list[Note]:
    """In the order in which the hand meets them: down on the beat, up between beats."""
    return chord if chord[0].start % 1.0 < 0.25 else chord[::-1]


def _velocity(note: Note, style: Style, spread: float, chance: random.Random) -> int:
    place = note.start % style.beats_per_bar
    accent = 0.03 if place < 1e-6 else 0.0 if place % style.pulse < 1e-6 else -0.03
    return min(127, max(1, round(127 * (note.velocity + accent + chance.gauss(0.0, spread)))))


def _drift(length: Beats, size: float, chance: random.Random) -> Callable[[float], float]:
    """A slow wandering around the beat: straight lines between points of a random walk that is drawn back to 0."""
    points = [0.0]
    for _ in range(int(length / DRIFT_BEATS) + 2):
        points.append(0.6 * points[-1] + chance.gauss(0.0, size))

    def at(beat: float) -> float:
        place = max(0.0, min(beat / DRIFT_BEATS, len(points) - 1.001))
        index = int(place)
        return points[index] + (points[index + 1] - points[index]) * (place - index)

    return at


def _without_overlap(notes: list[PlayedNote]) -> tuple[PlayedNote, ...]:
    """One key sounds once at a time: a note ends before the same pitch begins anew."""
    ordered = sorted(notes, key=lambda note: (note.start, note.pitch))
    last: dict[MidiPitch, int] = {}
    kept: list[PlayedNote] = []
    for note in ordered:
        earlier = last.get(note.pitch)
        if earlier is not None:
            before = kept[earlier]
            room = note.start - before.start
            if room < SHORTEST / 2:
                continue  # two strokes at once are one
            kept[earlier] = replace(before, duration=Seconds(min(before.duration, room - 0.002)))
        last[note.pitch] = len(kept)
        kept.append(note)
    return tuple(kept)


def _ring_out(notes: tuple[PlayedNote, ...], end: Seconds, length: Seconds, name: PartName) -> tuple[PlayedNote, ...]:
    """The last chord is held until the file ends, drums apart, whose strokes ring by themselves."""
    if name == "drums" or length <= end:
        return notes
    last = {note.pitch: note for note in notes}  # a key that is struck again near the end rings from then on
    return tuple(
        replace(note, duration=Seconds(max(note.duration, length - 0.3 - note.start)))
        if note.start + note.duration > end - 0.12 and note is last[note.pitch]
        else note
        for note in notes
    )


# -- the voice --------


def _phrases(score: Score, clock: Clock) -> tuple[Phrase, ...]:
    changes = Changes(score.chords)
    phrases = []
    for line in score.vocal:
        section = score.sections[line.section]
        doubled = section.label in DOUBLED_SECTIONS
        syllables = tuple(
            PhraseSyllable(
                sung.syllable,
                tuple(
                    _sung(note, clock, _second_voice(note, changes, score) if doubled else None) for note in sung.notes
                ),
            )
            for sung in line.syllables
        )
        phrases.append(Phrase(text=line.text, syllables=syllables, energy=section.energy, doubled=doubled))
    return tuple(phrases)


def _sung(note: Note, clock: Clock, harmony: MidiPitch | None) -> SungNote:
    start, end = clock.at(note.start), clock.at(note.start + note.length)
    return SungNote(start, Seconds(end - start), note.pitch, harmony)


def _second_voice(note: Note, changes: Changes, score: Score) -> MidiPitch | None:
    """What is sung with `note`: the chord's note a third or fourth above it, or below where that is too high."""
    chord = set(pitch_classes(changes.at(note.start)))
    above = [note.pitch + step for step in THIRDS if (note.pitch + step) % 12 in chord]
    below = [note.pitch - step for step in THIRDS if (note.pitch - step) % 12 in chord]
    highest = score.style.voice.high + HARMONY_OVER_RANGE
    return next((MidiPitch(pitch) for pitch in [*above, *below] if pitch <= highest), None)
