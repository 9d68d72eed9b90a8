"""The bass: each idiom makes one bar of one or two chords."""

from __future__ import annotations

import random
from collections.abc import Callable

from pansori.engines.compose.house_band.model import Chord, Note
from pansori.engines.compose.house_band.score.arrange.drums import kick_places
from pansori.engines.compose.house_band.score.arrange.passage import Passage, fitted, note
from pansori.engines.compose.house_band.score.harmony import Changes, pitch_classes

LOWEST = 28  #: E1; roots lie from here to the E flat above

Idiom = Callable[[Passage, Chord, float, float, int, random.Random], list[Note]]
"""(passage, chord, start, beats, the next chord's lowest note, chance) → notes."""


def play_bass(passage: Passage, changes: Changes, chance: random.Random) -> list[Note]:
    """Roots under every chord, in the style's idiom; quiet sections get held notes."""
    if passage.last:
        return [note(passage.start, passage.length, root_pitch(passage.chords[0]), 0.8)]
    idiom = _six_eight if passage.style.compound else IDIOMS[passage.genre.bass]
    if passage.energy < 0.36 and passage.genre.bass not in ("walking", "two_beat", "waltz"):
        idiom = _held
    notes: list[Note] = []
    for chord in passage.chords:
        following = root_pitch(changes.at(chord.start + chord.length))
        notes += idiom(passage, chord, chord.start, chord.length, following, chance)
    return fitted(notes, passage)


def root_pitch(chord: Chord) -> int:
    return LOWEST + ((chord.root if chord.bass is None else chord.bass) - LOWEST) % 12


def _fifth(chord: Chord) -> int:
    """The chord's fifth over its root; over another bass note, that note again."""
    root = root_pitch(chord)
    return root if chord.bass is not None else root + (pitch_classes(chord)[2] - chord.root) % 12


def _held(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    root = root_pitch(chord)
    if beats < 4 or passage.energy < 0.4 or chance.random() < 0.5:
        return [note(start, beats, root, 0.75)]
    return [note(start, beats - 1.0, root, 0.78), note(start + beats - 1.0, 1.0, _fifth(chord), 0.65)]


def _eighths(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    root = root_pitch(chord)
    notes = [note(start + i / 2, 0.5, root, 0.85 if i % 2 == 0 else 0.72) for i in range(round(beats * 2))]
    if abs(following - root) > 2 and beats >= 2:
        step = 2 if following > root else -2
        notes[-1] = note(start + beats - 0.5, 0.5, following - step, 0.75)
    return notes


def _kick(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    """With the kick; a fifth or octave on the way to the next chord."""
    root = root_pitch(chord)
    offset = (start - passage.start) % passage.style.beats_per_bar
    places = sorted({0.0, *(place - offset for place in kick_places(passage) if offset < place < offset + beats)})
    ends = [*places[1:], beats]
    notes = [
        note(start + place, min(end - place, 1.75), root, 0.85 if place == 0 else 0.75)
        for place, end in zip(places, ends, strict=True)
    ]
    if beats - places[-1] >= 1.5 and passage.energy >= 0.5:
        leading = chance.choice((_fifth(chord), root + 12, following + (2 if following < root else -2)))
        notes.append(note(start + beats - 0.5, 0.5, leading, 0.68))
    return notes


def _octaves(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    """Dance: root and octave in turn; quieter sections leave out the octaves' half."""
    root = root_pitch(chord)
    if passage.energy < 0.55:
        return _kick(passage, chord, start, beats, following, chance)
    notes = []
    for eighth in range(round(beats * 2)):
        high = eighth % 2 == 1
        notes.append(note(start + eighth / 2, 0.38, root + 12 * high, 0.7 if high else 0.88))
    return notes


def _offbeat(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    root = root_pitch(chord)
    if passage.energy < 0.5:
        return _held(passage, chord, start, beats, following, chance)
    return [note(start + beat + place, 0.25, root, 0.85) for beat in range(round(beats)) for place in (0.25, 0.5, 0.75)]


def _sub(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    """Long low notes with the kick, and a slide of a note before the next chord."""
    root = root_pitch(chord)
    long = min(beats, 2.5)
    notes = [note(start, long, root, 0.9)]
    if beats >= 4:
        notes.append(note(start + 2.5, 0.75, root, 0.8))
        notes.append(note(start + 3.25, 0.75, chance.choice((root, _fifth(chord), root + 12)), 0.75))
    return notes


def _walking(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    """Quarters: the root, chord tones, and a half or whole step into the next root."""
    root = root_pitch(chord)
    tones = [root + (tone - chord.root) % 12 for tone in pitch_classes(chord)] if chord.bass is None else [root]
    notes = [note(start, 1.0, root, 0.85)]
    for beat in range(1, max(1, round(beats) - 1)):
        notes.append(note(start + beat, 1.0, tones[min(beat, len(tones) - 1)], 0.75))
    if beats >= 2:
        approach = following + chance.choice((-1, 1, 2, -2) if abs(following - root) > 2 else (-1, 1, 7))
        notes.append(note(start + beats - 1.0, 1.0, approach, 0.78))
    return notes


def _two_beat(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    """Root and fifth in turn on one and three."""
    root, fifth = root_pitch(chord), _fifth(chord)
    low_fifth = fifth - 12 if fifth - 12 >= LOWEST else fifth
    notes = [note(start, 0.9, root, 0.88)]
    if beats >= 3:
        notes.append(note(start + 2.0, 0.9, low_fifth, 0.8))
    if beats >= 4 and following != root and chance.random() < 0.5:
        step = 2 if following > root else -2
        notes.append(note(start + 3.5, 0.5, following - step, 0.68))
    return notes


def _waltz(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    odd = round((start - passage.start) / 3) % 2 == 1
    return [note(start, 1.0, _fifth(chord) if odd else root_pitch(chord), 0.8)]


def _six_eight(
    passage: Passage, chord: Chord, start: float, beats: float, following: int, chance: random.Random
) -> list[Note]:
    """The root on the first of two beats, it or its fifth on the second, and an eighth that leads on."""
    root = root_pitch(chord)
    if beats < 3 or passage.energy < 0.4:
        return [note(start, beats, root, 0.82)]
    leads = following != root and chance.random() < 0.6
    second = chance.choice((root, root, _fifth(chord)))
    notes = [note(start, 1.5, root, 0.86), note(start + 1.5, 1.0 if leads else 1.5, second, 0.74)]
    if leads:
        notes.append(note(start + 2.5, 0.5, following - (2 if following > root else -2), 0.66))
    return notes


IDIOMS: dict[str, Idiom] = {
    "held": _held,
    "eighths": _eighths,
    "kick": _kick,
    "octaves": _octaves,
    "offbeat": _offbeat,
    "sub": _sub,
    "walking": _walking,
    "two_beat": _two_beat,
    "waltz": _waltz,
}
