"""What a speaking engine is, and what every one of them tells."""

from __future__ import annotations

from abc import abstractmethod
from typing import Generic, Literal

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import Text
from pansori.domain.tasks import Family, SpeakTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import Engine, OptionsT

SPEECH = "speech"  #: role of the sound


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Voice(_Told):
    """One that a task may name."""

    name: str
    languages: tuple[str, ...] = Field(default=(), description="BCP 47 tags. Empty: every language of the engine.")
    gender: Literal["female", "male", ""] = Field(default="", description="Empty: neither, or not known.")


class SpokenPhoneme(_Told):
    """From `start` up to `end`, in seconds from the beginning."""

    ipa: str
    start: Seconds
    end: Seconds


class SpokenWord(_Told):
    text: str = Field(description="As it is written, with the punctuation that touches it.")
    first: int = Field(ge=0, description="Index of its first character in the text.")
    start: Seconds
    end: Seconds
    phonemes: tuple[SpokenPhoneme, ...] = Field(description="Empty where the engine does not know them.")


class Speech(_Told):
    """What was said. The sound is the output `speech`."""

    text: str = Field(description="What the words' indices are of: the task's, its letters composed.")
    language: str = Field(description="BCP 47 tag of the language it was read in.")
    voice: str = Field(description="Name of the voice; empty where the language's own spoke.")
    duration: Seconds
    sample_rate: SampleRateHz
    words: tuple[SpokenWord, ...] = Field(description="In order, without overlap. What is only punctuation is none.")
    notices: tuple[Text, ...] = Field(default=(), description="What is otherwise than one may expect, in words.")


class Speaker(Engine[SpeakTask, OptionsT, Speech], Generic[OptionsT]):
    """Says a text. MUST save one mono output `speech` of the told duration, MUST give the same for the same task and
    options, and MUST refuse voices and languages that it does not have, naming those that it has."""

    family = Family.SPEAK

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Whom a task may name. Cheap: loads nothing."""
