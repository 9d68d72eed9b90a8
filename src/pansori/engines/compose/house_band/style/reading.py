"""What a description of music in free words asks for. What it leaves open, the style's own habits and chance decide."""

from __future__ import annotations

import random
from dataclasses import replace

from pansori.domain.units import BeatsPerMinute, MidiPitch
from pansori.engines.compose.house_band.model import DOTTED, Key, PartName, Style, Voice
from pansori.engines.compose.house_band.style.genres import GENRES, Genre
from pansori.lexicon.music import TONICS, Gender
from pansori.lexicon.wishes import Wishes, read_wishes

DEFAULT = "pop"
DISTORTED = 30  #: General MIDI program of the distorted guitar
SLOW = 90.0  #: beats a minute: of slower styles the dotted quarters of 6/8 go so fast, of others the quarters
HEAVIER = 0.1  #: energy that metal has above rock
VOICES: dict[Gender, Voice] = {
    "female": Voice("female", "f2", MidiPitch(57), MidiPitch(72)),
    "male": Voice("male", "m1", MidiPitch(45), MidiPitch(62)),
}


def read_style(text: str, chance: random.Random) -> Style:
    """The style that `text` describes; a text of unknown words is sensible pop. `Style.words` is what was understood.

    Raises `InvalidRequest` for a tempo outside 40–240 beats a minute.
    """
    wishes = read_wishes(text)
    name = wishes.genre or DEFAULT
    genre = GENRES[name]
    drawn = "minor" if wishes.key is None and wishes.mode is None and chance.random() < genre.usual.minor else "major"
    mode = wishes.key.mode if wishes.key else wishes.mode or ("minor" if drawn == "minor" else "major")
    tonic = chance.choice(TONICS[mode])
    usual = _usual_tempo(genre, wishes.tempo_shift, chance)
    return with_metre(
        Style(
            name=name,
            tempo=wishes.tempo or BeatsPerMinute(usual),
            tempo_asked=wishes.tempo is not None,
            key=wishes.key or Key(tonic, mode),
            key_asked=wishes.key is not None,
            beats_per_bar=3 if wishes.three_four else genre.usual.beats_per_bar,
            swing=genre.swing,
            energy=min(1.0, max(0.1, genre.energy + 0.25 * wishes.energy + HEAVIER * wishes.heavy)),
            voice=VOICES[wishes.voice or genre.usual.voice],
            programs=_programs(genre, wishes),
            words=wishes.words,
            flow=wishes.flow,
        ),
        wishes,
    )


def with_metre(style: Style, wishes: Wishes) -> Style:
    """The same style in 6/8, where that is wished for: it is straight, and a tempo that was named is that of its two
    beats."""
    if not wishes.six_eight:
        return style
    slow = style.tempo_asked or style.tempo < SLOW
    tempo = BeatsPerMinute(style.tempo * DOTTED) if slow else style.tempo
    return replace(style, tempo=tempo, beats_per_bar=3, swing=0.0, compound=True)


def with_tempo(style: Style, tempo: BeatsPerMinute) -> Style:
    """The same style at exactly this tempo, in beats as they are felt."""
    return replace(style, tempo=BeatsPerMinute(tempo * style.pulse), tempo_asked=True)


def with_voice(style: Style, gender: Gender) -> Style:
    """The same style for another singer."""
    return replace(style, voice=VOICES[gender])


def _usual_tempo(genre: Genre, shift: float, chance: random.Random) -> float:
    slowest, fastest = genre.tempo
    place = 0.5 + 0.4 * shift + chance.uniform(-0.12, 0.12)
    return float(round(slowest + (fastest - slowest) * max(0.0, min(1.0, place))))


def _programs(genre: Genre, wishes: Wishes) -> dict[PartName, int]:
    usual = _heavy(genre.programs) if wishes.heavy else genre.programs
    programs = {} if wishes.only else {part: p for part, p in usual.items() if part not in wishes.without}
    return programs | {instrument.part: instrument.program for instrument in wishes.instruments}


def _heavy(programs: dict[PartName, int]) -> dict[PartName, int]:
    """Metal's band is rock's without keys and pads; its guitars are distorted, the one that leads too."""
    rest = {part: program for part, program in programs.items() if part not in ("keys", "pad")}
    return rest | {"guitar": DISTORTED, "lead": DISTORTED}
