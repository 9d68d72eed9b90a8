"""What a writing engine is, and what it gives back."""

from __future__ import annotations

from typing import Generic, Literal

from pydantic import BaseModel, ConfigDict

from pansori.domain.errors import Text
from pansori.domain.tasks import Family, WriteTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.base import Engine, OptionsT


class Writing(BaseModel):
    """A prompt, understood. What it left open was chosen; what it named is as it was named."""

    model_config = ConfigDict(frozen=True)

    expanded_prompt: str
    """The prompt in more words, fit for a composing engine: at most `GENRE_MAX_CHARACTERS` long."""
    genre: str
    """In words of `language`, such as `K-POP 댄스`."""
    mood: str
    instruments: tuple[str, ...] = ()
    tempo: BeatsPerMinute
    key: str
    """Such as `C major` or `F# minor`."""
    structure: tuple[str, ...] = ()
    """Labels of the sections in order: `verse`, `chorus` …"""
    voice: Literal["female", "male"] | None = None
    """Who sings. None: nobody does."""
    language: Literal["ko", "en"]
    wants_singing: bool
    """The prompt asks for a voice, or words for one were given."""
    theme: str = ""
    """What the song is about, in the prompt's own words; empty where it says nothing but how it should sound."""
    lyrics: str = ""
    """With tags such as [verse]. Empty where none were asked for."""
    title: str
    notices: tuple[Text, ...] = ()
    """What was understood otherwise than one may expect, in words."""


class Writer(Engine[WriteTask, OptionsT, Writing], Generic[OptionsT]):
    """Writes. MUST give the same for the same task, options and seed, MUST keep what the prompt names, and MUST leave
    lyrics that were given as they are."""

    family = Family.WRITE

    def preview(self, task: WriteTask, options: OptionsT) -> Writing | None:
        """The same as `run`, at once: for what answers while somebody types. Without a seed in the task, as with seed
        0. None: this engine takes longer than 50 ms. Raises what `check` raises."""
        return None
