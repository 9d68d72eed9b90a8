"""From a task to a song on paper: style, words and score. No sound is made here, so it takes a moment only."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.compose.house_band.model import Key, LyricSection, Score, Style
from pansori.engines.compose.house_band.score.composer import compose_score, plan_song
from pansori.engines.compose.house_band.score.form import BEND, Form
from pansori.engines.compose.house_band.style.genres import genre_of
from pansori.engines.compose.house_band.style.reading import read_style, with_tempo, with_voice
from pansori.engines.compose.house_band.words.text import Lyrics, read_lyrics
from pansori.lexicon.music import key_name as key_name

if TYPE_CHECKING:
    from pansori.engines.compose.house_band.engine import HouseBandOptions

Made = TypeVar("Made")
Chance = Callable[[str], random.Random]  #: a generator for a purpose

LETTERS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SQUEEZED = {
    1: Text("without pauses between lines and sections", "줄이나 구간 사이를 쉬지 않고"),
    2: Text("line upon line, with hardly a breath between", "숨 돌릴 틈도 거의 없이"),
}
ACCIDENTALS = {"": 0, "#": 1, "♯": 1, "b": -1, "♭": -1}


@dataclass(frozen=True)
class Plan:
    """The song on paper."""

    score: Score
    notices: tuple[Text, ...]


@dataclass(frozen=True)
class Sketch:
    """The song's form, before a note is written. `style` has the tempo that is played."""

    style: Style
    form: Form
    notices: tuple[Text, ...]


def plan(task: ComposeTask, options: HouseBandOptions, chance: Chance) -> Plan:
    """Raises `InvalidRequest` for what cannot be sung or does not fit: at any tempo of the style, where none was asked
    for, so that what is refused does not depend on chance."""
    style, lyrics, notices = _read(task, options, chance)
    score, once = _fitting(style, lyrics, lambda tried, words: compose_score(tried, words, task.duration, chance))
    return Plan(score=score, notices=(*notices, *once, *_squeezed(score.tightness, score.style, style)))


def sketch(task: ComposeTask, options: HouseBandOptions, chance: Chance) -> Sketch:
    """The form that `plan` would fill with notes, in a fraction of its time. Raises the same."""
    style, lyrics, notices = _read(task, options, chance)
    (played, form), once = _fitting(style, lyrics, lambda tried, words: plan_song(tried, words, task.duration))
    return Sketch(style=played, form=form, notices=(*notices, *once, *_squeezed(form.tightness, played, style)))


def _read(task: ComposeTask, options: HouseBandOptions, chance: Chance) -> tuple[Style, Lyrics, tuple[Text, ...]]:
    """What is meant, and what of it is done otherwise."""
    lyrics = read_lyrics(task.lyrics)
    style = _obey(options, read_style(task.genre, chance("style")))
    style, heard = _audible(style, sung=bool(lyrics.sections))
    return style, lyrics, (*lyrics.notices, *heard)


def _fitting(
    style: Style, lyrics: Lyrics, make: Callable[[Style, Sequence[LyricSection]], Made]
) -> tuple[Made, tuple[Text, ...]]:
    """What `make` makes of all the words; of words that would be sung twice, once where there is no time for more."""
    try:
        return _at_any_tempo(style, lambda tried: make(tried, lyrics.sections)), ()
    except InvalidRequest:
        if not lyrics.doubled:
            raise
    notice = Text("To fit the length, the words are sung once.", "길이에 맞추려고 가사를 한 번만 불러요.")
    return _at_any_tempo(style, lambda tried: make(tried, lyrics.sections[1:])), (notice,)


def _at_any_tempo(style: Style, make: Callable[[Style], Made]) -> Made:
    try:
        return make(style)
    except InvalidRequest:
        if style.tempo_asked:
            raise
        fastest = genre_of(style.name).tempo[1]
        return make(replace(style, tempo=BeatsPerMinute(max(fastest, style.tempo) if style.compound else fastest)))


def _audible(style: Style, *, sung: bool) -> tuple[Style, tuple[Text, ...]]:
    """A song without words is not unaccompanied, whatever was asked for: somebody has to play."""
    if sung or style.programs:
        return style, ()
    everybody = replace(style, programs=dict(genre_of(style.name).programs))
    notice = Text(
        "Without lyrics there is nobody to sing unaccompanied, so the band plays.",
        "가사가 없어 무반주로 노래할 수 없으니 밴드가 연주해요.",
    )
    return everybody, (notice,)


def _squeezed(tightness: int, played: Style, meant: Style) -> Iterator[Text]:
    """What was done to the words so that they fit."""
    if tightness:
        how = SQUEEZED[tightness]
        yield Text(f"To fit the length, the lyrics are sung {how.en}.", f"길이에 맞추려고 가사를 {how.ko} 불러요.")
    if abs(played.tempo / meant.tempo - 1.0) > 1.001 * BEND:
        yield Text(
            f"To fit the length, the tempo was raised from {meant.felt_tempo:.0f} to {played.felt_tempo:.0f} bpm.",
            f"길이에 맞추려고 빠르기를 {meant.felt_tempo:.0f}에서 {played.felt_tempo:.0f} BPM으로 올렸어요.",
        )


def read_key(text: str) -> Key:
    """The reverse of `key_name`: `text` matches the options' pattern."""
    tonic, mode = text.split()
    return Key((LETTERS[tonic[0]] + ACCIDENTALS[tonic[1:]]) % 12, "minor" if mode == "minor" else "major")


def _obey(options: HouseBandOptions, style: Style) -> Style:
    """Options are exact, whatever the genre's words say."""
    if options.tempo is not None:
        style = with_tempo(style, options.tempo)
    if options.voice != "auto":
        style = with_voice(style, options.voice)
    if options.key is not None:
        style = replace(style, key=read_key(options.key), key_asked=True)
    return style
