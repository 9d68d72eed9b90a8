"""What a composing engine is, and what it gives back."""

from __future__ import annotations

from typing import Generic, Literal

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
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
    notices: tuple[Text, ...] = ()
    """What the engine did otherwise than asked, in words."""
    report: JsonDict = Field(default_factory=dict)
    """How the engine took the task, in its own terms; empty where there is nothing to tell."""


class PlannedSection(Frozen):
    """A part of the form as it is planned. `syllables`: how many are sung in it."""

    label: str
    start: Seconds
    end: Seconds
    lines: tuple[str, ...] = ()
    syllables: int = 0


class Plan(Frozen):
    """What a song would be, before anybody plays it."""

    duration: Seconds
    style: str
    """What the engine took the genre's words for, in its own name, such as `kpop_dance`."""
    words: tuple[str, ...] = ()
    """The words of the genre that were understood."""
    tempo: BeatsPerMinute | None = None
    key: str | None = None
    beats_per_bar: Beats | None = None
    voice: Literal["female", "male"] | None = None
    """Who sings. None: nobody."""
    languages: tuple[str, ...] = ()
    """BCP 47 tags of the languages that are sung."""
    instruments: tuple[str, ...] = ()
    """The parts that play, such as `drums`."""
    sections: tuple[PlannedSection, ...] = ()
    notices: tuple[Text, ...] = ()
    """What would be done otherwise than asked, in words."""


class Composer(Engine[ComposeTask, OptionsT, Song], Generic[OptionsT]):
    """Makes a song. MUST save the mastered stereo sound as `song`; SHOULD save its stems as `stem.vocal`,
    `stem.drums`, `stem.bass`, `stem.rest`, the notes as `midi`, the timed words as `lrc`, and `recipe`; of an
    instrumental there is neither `stem.vocal` nor `lrc`.
    MUST give the same bytes for the same task, options and seed. One that gets its song as a finished file from
    elsewhere saves that by `save_media` under `song` in place of both, and it is delivered as it came."""

    family = Family.COMPOSE

    def preview(self, task: ComposeTask, options: OptionsT) -> Plan | None:
        """What the song would be, in at most 50 ms: pages show it while somebody types. Without a seed in the task it
        is one of the songs that might come. None: this engine cannot tell. Raises what `check` raises."""
        return None
