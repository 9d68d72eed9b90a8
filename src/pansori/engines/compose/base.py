"""What a composing engine is, and what it gives back."""

from __future__ import annotations

from typing import Generic

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.tasks import ComposeTask, Family
from pansori.domain.units import Beats, BeatsPerMinute, Seconds
from pansori.engines.base import Engine, OptionsT


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True)


class SongSection(Frozen):
    label: str
    start: Seconds
    end: Seconds


class TimedSyllable(Frozen):
    text: str
    """As written, with the space that follows it, so that joining the syllables gives the line."""
    start: Seconds
    end: Seconds


class TimedLine(Frozen):
    text: str
    start: Seconds
    end: Seconds
    syllables: tuple[TimedSyllable, ...] = ()


class Song(Frozen):
    """A finished song. The sound itself went to the context's sink under the role `song` (and `stem.*`)."""

    title: str
    duration: Seconds
    seed: int
    tempo: BeatsPerMinute | None = None
    key: str | None = None
    """Such as `C major` or `F# minor`."""
    beats_per_bar: Beats | None = None
    sections: tuple[SongSection, ...] = ()
    lines: tuple[TimedLine, ...] = ()
    notices: tuple[str, ...] = Field(default=())
    """What the engine did otherwise than asked, in words."""


class Composer(Engine[ComposeTask, OptionsT, Song], Generic[OptionsT]):
    """Makes a song. MUST save the mastered stereo sound as `song`; SHOULD save its stems as `stem.vocal`,
    `stem.drums`, `stem.bass`, `stem.rest`, the notes as `midi`, the timed words as `lrc`, and `recipe`.
    MUST give the same bytes for the same task, options and seed. One that gets its song as a finished file from
    elsewhere saves that by `save_media` under `song` in place of both, and it is delivered as it came."""

    family = Family.COMPOSE
