"""From a task to a song on paper: style, words and score. No sound is made here, so it takes a moment only."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.compose.house_band.model import Key, Score, Style
from pansori.engines.compose.house_band.score.composer import compose_score
from pansori.engines.compose.house_band.score.form import BEND
from pansori.engines.compose.house_band.style.genres import genre_of
from pansori.engines.compose.house_band.style.reading import read_style, with_voice
from pansori.engines.compose.house_band.words.text import read_lyrics

if TYPE_CHECKING:
    from pansori.engines.compose.house_band.engine import HouseBandOptions

NOTE_NAMES = ("C", "C#", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")
LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SQUEEZED = {1: "without pauses between lines and sections", 2: "line upon line, with hardly a breath between"}
ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


@dataclass(frozen=True)
class Plan:
    """The song on paper."""

    score: Score
    notices: tuple[str, ...]


def plan(task: ComposeTask, options: HouseBandOptions, chance: Callable[[str], random.Random]) -> Plan:
    """Raises `InvalidRequest` for what cannot be sung or does not fit: at any tempo of the style, where none was asked
    for, so that what is refused does not depend on chance."""
    style = _obey(options, read_style(task.genre, chance("style")))
    lyrics = read_lyrics(task.lyrics)
    try:
        score = compose_score(style, lyrics.sections, task.duration, chance)
    except InvalidRequest:
        if style.tempo_asked:
            raise
        fastest = BeatsPerMinute(genre_of(style.name).tempo[1])
        score = compose_score(replace(style, tempo=fastest), lyrics.sections, task.duration, chance)
    return Plan(score=score, notices=(*lyrics.notices, *_squeezed(score, style)))


def _squeezed(score: Score, style: Style) -> Iterator[str]:
    """What was done to the words so that they fit; `style` is what was meant before."""
    if score.tightness:
        yield f"To fit the length, the lyrics are sung {SQUEEZED[score.tightness]}."
    if abs(score.style.tempo / style.tempo - 1.0) > 1.001 * BEND:
        yield f"To fit the length, the tempo was raised from {style.tempo:.0f} to {score.style.tempo:.0f} bpm."


def key_name(key: Key) -> str:
    """Such as `F# minor`."""
    return f"{NOTE_NAMES[key.tonic]} {key.mode}"


def read_key(text: str) -> Key:
    """The reverse: `text` matches the options' pattern."""
    tonic, mode = text.split()
    return Key((LETTERS[tonic[0]] + ACCIDENTALS[tonic[1:]]) % 12, "minor" if mode == "minor" else "major")


def _obey(options: HouseBandOptions, style: Style) -> Style:
    """Options are exact, whatever the genre's words say."""
    if options.tempo is not None:
        style = replace(style, tempo=options.tempo, tempo_asked=True)
    if options.voice != "auto":
        style = with_voice(style, options.voice)
    if options.key is not None:
        style = replace(style, key=read_key(options.key), key_asked=True)
    return style
