"""What a writing engine is, and what it gives back: songs to be made, or replies to what somebody said."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, Literal

from pydantic import BaseModel, ConfigDict

from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family, ReplyTask, WriteTask
from pansori.domain.units import BeatsPerMinute
from pansori.engines.base import Engine, OptionsT, RunContext
from pansori.lexicon.hangul import is_block

SONGS: Final = "songs"  #: the ability of a `Writer`, as its card names it
REPLIES: Final = "replies"  #: that of what is `Replying`


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


@dataclass(frozen=True)
class Tool:
    """Something that a reply may do, such as beginning a song. Who gives it decides for whom."""

    name: str
    description: str
    """For a language model, in English: what it does and when to use it."""
    Parameters: type[BaseModel]
    call: Callable[[Any], JsonDict]
    """Takes `Parameters`; returns facts to be told. Raises `PansoriError` for what cannot be done, in words that can be
    said."""


class Replying(ABC):
    """Answers what somebody said. A writing engine that can do it is this too, or this alone."""

    @abstractmethod
    def reply(
        self, task: ReplyTask, options: Any, context: RunContext, tools: Mapping[str, Tool] | None = None
    ) -> Iterator[str]:
        """The answer in pieces as they come; joined, they are all of it, and it is never empty. `tools`: what may be
        done for who asks, by name; none: nothing can. Closing the iterator ends the work. Raises `EngineFailed`,
        `Cancelled`, `InvalidRequest`; a `NetworkError` where another server is asked."""


def reply_language(task: ReplyTask) -> Literal["ko", "en"]:
    """The language to answer in, of the two that everything here speaks: Korean where it is asked for, or where nothing
    is and there is Hangul."""
    if task.language == "auto":
        return "ko" if any(map(is_block, task.text)) else "en"
    return "ko" if task.language.partition("-")[0].lower() == "ko" else "en"
