"""The composer: style and words in, a whole score out."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from pansori.domain.units import Beats, Seconds
from pansori.engines.compose.house_band.model import LyricSection, Score, Section, Style
from pansori.engines.compose.house_band.score.arrange.band import arrange
from pansori.engines.compose.house_band.score.form import Form, lifted, plan_form
from pansori.engines.compose.house_band.score.harmony import Changes, harmonise
from pansori.engines.compose.house_band.score.melody import Singer
from pansori.engines.compose.house_band.style.genres import genre_of

Random = Callable[[str], random.Random]


def compose_score(style: Style, sections: Sequence[LyricSection], duration: Seconds | None, chance: Random) -> Score:
    """The whole song. `chance` gives a generator for a purpose, so that one part's chance leaves the others alone.

    Where a duration is asked for, the score ends so that its last chord rings until then. The score's style has the
    tempo that is played. Raises `InvalidRequest` where the words do not fit.
    """
    genre = genre_of(style.name)
    style, form = plan_song(style, sections, duration)
    chords = harmonise(form, style, genre, chance("harmony"))
    singer = Singer(style, genre, form, Changes(chords), chance)
    vocal = singer.sing()
    return Score(
        style=style,
        sections=sections_of(form, style.beats_per_bar),
        chords=chords,
        vocal=vocal,
        parts=arrange(style, genre, form, chords, vocal, singer, chance),
        length=form.length,
        tightness=form.tightness,
    )


def plan_song(style: Style, sections: Sequence[LyricSection], duration: Seconds | None) -> tuple[Style, Form]:
    """The style, with the tempo that is played, and the form. Raises `InvalidRequest` where the words do not fit."""
    genre = genre_of(style.name)
    form = lifted(plan_form(style, genre, sections, duration), genre.lift)
    return replace(style, tempo=form.tempo), form


def sections_of(form: Form, beats_per_bar: int) -> tuple[Section, ...]:
    """The parts of `form` with their places in beats."""
    sections, bar = [], 0
    for part in form.parts:
        sections.append(Section(part.label, Beats(float(bar * beats_per_bar)), part.bars, part.energy, part.lines))
        bar += part.bars
    return tuple(sections)
