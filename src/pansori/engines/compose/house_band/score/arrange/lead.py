"""The lead: the song's hook in intro and interludes, a tune of its own where nobody sings, answers in the gaps."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import pairwise

from pansori.engines.compose.house_band.model import Chord, Note
from pansori.engines.compose.house_band.score.arrange.passage import Passage, fitted, note
from pansori.engines.compose.house_band.score.harmony import Changes, pitch_classes
from pansori.engines.compose.house_band.score.melody import MANNERS, Singer
from pansori.engines.compose.house_band.score.rhythm import Accent, place, room, strength
from pansori.engines.compose.house_band.score.tune import Compass, Spot, sing_line

LOW, HIGH = 60, 81
SHORTEST_GAP = 1.5  #: beats between lines that an answer fits in
#: Which section's tune is played where there are no words.
TUNES = {"intro": "chorus", "interlude": "chorus", "outro": "chorus"}
#: Notes of a two-bar phrase: stress, and whether a breath follows.
FIGURES: tuple[str, ...] = ("2112121-", "212-2112-", "2121-21-", "2-112-11-", "21212112-")


def play_lead(passage: Passage, changes: Changes, singer: Singer, chance: random.Random) -> list[Note]:
    """What the lead plays in this section."""
    if passage.last:
        chord = passage.chords[0]
        return [note(passage.start, passage.length, _above(chord.root, 67), 0.55)]
    if not passage.sung:
        return fitted(_tune(passage, changes, singer, chance), passage)
    return fitted(_answers(passage, changes, singer, chance), passage)


def _tune(passage: Passage, changes: Changes, singer: Singer, chance: random.Random) -> list[Note]:
    """Two-bar phrases over the section, from the motifs of the section whose tune it is."""
    label = TUNES.get(passage.label, passage.label)
    beats = passage.style.beats_per_bar
    rhythm, motif = singer.motifs(label)
    manner = MANNERS.get(label, MANNERS["verse"])
    space = singer.compass(passage.lift, LOW, HIGH)
    figures = [chance.choice(FIGURES) for _ in range(2)]
    notes: list[Note] = []
    previous: int | None = None
    phrases = max(1, passage.bars // 2)
    for phrase in range(phrases):
        start = passage.start + phrase * 2 * beats
        bars = 2 if phrase < phrases - 1 else passage.bars - 2 * (phrases - 1)
        if _rests(passage, phrase):
            continue
        window, tempo, swing = float(min(bars, 2) * beats), singer.tempo, passage.style.swing
        accents = _figure(figures[phrase % 2], min(bars, 2), beats)[: room(window, tempo, swing)]
        slots = place(accents, window, tempo, rhythm, swing)
        spots = [
            Spot(
                start + s.start,
                s.length,
                changes.at(start + s.start),
                max(strength(s.start, beats, passage.style.pulse), min(1.0, s.length / 1.5)),
            )
            for s in slots
        ]
        centre = 69.0 + 3.0 * (manner.register - 0.5)
        plan = manner.plan[phrase % len(manner.plan)]
        targets = [centre + 1.2 * motif.target(plan, s.start / (2 * beats), s.start % 8) for s in slots]
        goals = _goals(space, spots[-1].chord, final=phrase == phrases - 1)
        pitches = sing_line(spots, targets, space, last=goals, previous=previous)
        previous = pitches[-1]
        loud = 0.6 + 0.3 * passage.energy
        notes += [note(spot.start, spot.length, pitch, loud) for spot, pitch in zip(spots, pitches, strict=True)]
    return notes


def _rests(passage: Passage, phrase: int) -> bool:
    """Before the last chord of long outros the lead leaves the room to the band."""
    return passage.label == "outro" and phrase > 0 and phrase % 2 == 1


def _figure(figure: str, bars: int, beats: int) -> list[Accent]:
    """A figure as accents; shorter where there is less room."""
    signs = list(figure)
    accents: list[Accent] = []
    for sign in signs:
        if sign == "-":
            if accents:
                accents[-1] = Accent(accents[-1].stress, True)
        else:
            accents.append(Accent(int(sign), False))
    count = max(2, len(accents) * bars * beats // 8)
    return [*accents[: count - 1], Accent(2, True)]


def _goals(space: Compass, chord: Chord, *, final: bool) -> dict[int, float]:
    tones = pitch_classes(chord)
    tonic = space.scale[0]
    return {pitch: (0.0 if pitch in tones else 1.0) + (0.3 if final and pitch != tonic else 0.0) for pitch in range(12)}


def _answers(passage: Passage, changes: Changes, singer: Singer, chance: random.Random) -> list[Note]:
    """Short figures in the gaps between lines."""
    notes: list[Note] = []
    space = singer.compass(passage.lift, LOW + 4, HIGH)
    for start, end in _gaps(passage):
        if chance.random() >= passage.genre.lead_in_gaps * (0.4 + 0.8 * passage.energy):
            continue
        first = start + 0.5 if (start * 2) % 1 < 1e-6 else float(int(start * 2 + 1)) / 2
        count = min(4, int((end - 0.25 - first) * 2))
        if count < 2:
            continue
        notes += _run(first, count, changes, space, chance, 0.42 + 0.2 * passage.energy)
    return notes


def _gaps(passage: Passage) -> list[tuple[float, float]]:
    edges: Sequence[tuple[float, float]] = [(passage.start, passage.start), *passage.sung, (passage.end, passage.end)]
    return [(a[1], b[0]) for a, b in pairwise(edges) if b[0] - a[1] >= SHORTEST_GAP]


def _run(first: float, count: int, changes: Changes, space: Compass, chance: random.Random, loud: float) -> list[Note]:
    """Eighths up or down the preferred notes, ending on a chord tone."""
    goal = changes.at(first + count / 2)
    tones = set(pitch_classes(goal))
    ends = [p for p in range(67, 79) if p % 12 in tones and p % 12 in space.scale] or [_above(goal.root, 67)]
    end = chance.choice(ends)
    direction = chance.choice((-1, 1))
    line = [end]
    while len(line) < count:
        step = line[-1] + direction
        while step % 12 not in space.preferred and LOW < step < HIGH + 5:
            step += direction
        line.append(step)
    return [
        note(first + index / 2, 0.5 if index < count - 1 else 1.0, pitch, loud)
        for index, pitch in enumerate(reversed(line))
    ]


def _above(pitch_class: int, low: int) -> int:
    return low + (pitch_class - low) % 12
