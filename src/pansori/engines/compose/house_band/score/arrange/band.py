"""The whole band: every part of the style, section by section."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from pansori.domain.units import Beats
from pansori.engines.compose.house_band.model import PARTS, Chord, Note, PartName, Style, SungLine
from pansori.engines.compose.house_band.score.arrange.bass import play_bass
from pansori.engines.compose.house_band.score.arrange.comping import Player, comp, hold, power_chords
from pansori.engines.compose.house_band.score.arrange.drums import play_drums
from pansori.engines.compose.house_band.score.arrange.lead import play_lead
from pansori.engines.compose.house_band.score.arrange.passage import Passage
from pansori.engines.compose.house_band.score.arrange.voicing import Voicings
from pansori.engines.compose.house_band.score.form import Form
from pansori.engines.compose.house_band.score.harmony import Changes
from pansori.engines.compose.house_band.score.melody import Singer
from pansori.engines.compose.house_band.style.genres import Genre

Random = Callable[[str], random.Random]
DISTORTED = frozenset({29, 30})  #: guitars that play power chords
#: Energy from which the guitar joins, and the pad.
GUITAR_FROM, PAD_FROM = 0.44, 0.4


def arrange(
    style: Style,
    genre: Genre,
    form: Form,
    chords: Sequence[Chord],
    vocal: Sequence[SungLine],
    singer: Singer,
    chance: Random,
) -> dict[PartName, tuple[Note, ...]]:
    """The notes of every part that the style has, each in order of time."""
    changes = Changes(chords)
    band = _Band(style, genre, changes, singer, chance)
    parts: dict[PartName, list[Note]] = {name: [] for name in PARTS if name in style.programs}
    for passage in passages(style, genre, form, chords, vocal):
        for name, notes in parts.items():
            notes.extend(band.play(name, passage))
    return {
        name: tuple(_within(sorted(notes, key=lambda n: (n.start, n.pitch)), form.length))
        for name, notes in parts.items()
    }


def passages(
    style: Style, genre: Genre, form: Form, chords: Sequence[Chord], vocal: Sequence[SungLine]
) -> list[Passage]:
    """The sections as the players see them."""
    changes = Changes(chords)
    found = []
    bar = 0
    for index, part in enumerate(form.parts):
        following = form.parts[index + 1] if index + 1 < len(form.parts) else None
        start = float(bar * style.beats_per_bar)
        length = min(part.bars * style.beats_per_bar, form.length - start)
        found.append(
            Passage(
                label=part.label,
                start=start,
                bars=part.bars,
                length=length,
                energy=part.energy,
                following=following.label if following else None,
                rising=following is not None and following.energy > part.energy + 0.05,
                chords=tuple(changes.within(start, start + length)),
                sung=tuple(
                    (line.syllables[0].notes[0].start, _end(line.syllables[-1].notes[-1]))
                    for line in vocal
                    if line.section == index
                ),
                lift=part.lift,
                style=style,
                genre=genre,
                index=index,
            )
        )
        bar += part.bars
    return found


def _end(last: Note) -> float:
    return last.start + last.length


def _within(notes: Sequence[Note], length: float) -> list[Note]:
    return [
        n if n.start + n.length <= length else replace(n, length=Beats(length - n.start))
        for n in notes
        if n.start < length - 0.02
    ]


class _Band:
    """Players that remember, from section to section, where their hands are."""

    def __init__(self, style: Style, genre: Genre, changes: Changes, singer: Singer, chance: Random) -> None:
        self._changes, self._singer = changes, singer
        self._chance = {name: chance(f"arrange/{name}") for name in PARTS}
        jazzy = genre.bass == "walking"
        self._keys = Player(Voicings(53, 74, rootless=jazzy), genre.keys)
        self._pad = Player(Voicings(55, 79), "held", quietest=PAD_FROM, level=0.95)
        idiom = genre.guitar if genre.guitar != "none" else "strum"
        self._distorted = style.programs.get("guitar") in DISTORTED
        alone = "keys" not in style.programs or genre.guitar == "picked"
        self._guitar = Player(
            Voicings(50, 71), "strum" if idiom == "power" else idiom, quietest=0.0 if alone else GUITAR_FROM, level=0.95
        )
        self._idle = genre.guitar == "none" and style.programs.get("guitar") == genre.programs.get("guitar")

    def play(self, name: PartName, passage: Passage) -> list[Note]:
        if name == "drums":
            return play_drums(passage, self._chance[name])
        if name == "bass":
            return play_bass(passage, self._changes, self._chance[name])
        if name == "lead":
            return play_lead(passage, self._changes, self._singer, self._chance[name])
        if name == "pad":
            return hold(passage, self._pad)
        if name == "keys":
            return comp(passage, self._keys, self._changes)
        return self._play_guitar(passage)

    def _play_guitar(self, passage: Passage) -> list[Note]:
        if self._idle:
            return []
        if self._distorted:
            return power_chords(passage, self._changes, self._chance["guitar"], level=0.95)
        return comp(passage, self._guitar, self._changes)
