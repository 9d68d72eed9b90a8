"""What an engine that hears words is, and what every one of them tells."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import Text
from pansori.domain.tasks import Family, TranscribeTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import Engine, OptionsT, RunContext

if TYPE_CHECKING:  # servers do not calculate
    import numpy as np
    import numpy.typing as npt

RECORDING = "recording"  #: role of the sound that is heard
SPEECH, COMMANDS = "speech", "commands"  #: abilities: to hear whatever is said; or only what the assistant understands
HEARD_RATE = SampleRateHz(16_000)  #: of sound that comes while it is spoken


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class HeardWord(_Told):
    """From `start` up to `end`, in seconds from the beginning."""

    text: str
    start: Seconds
    end: Seconds
    confidence: float | None = Field(default=None, ge=0.0, le=1.0, description="None: the engine cannot say.")


class HeardSegment(_Told):
    """A sentence or so, from `start` up to `end`."""

    text: str
    start: Seconds
    end: Seconds
    words: tuple[HeardWord, ...] = Field(default=(), description="Empty where their times are not known.")
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)
    speaker: str = Field(default="", description="Who speaks, as a label of this recording. Empty: not told apart.")


class Transcript(_Told):
    """What was said. Empty where nobody speaks: silence is no error."""

    text: str
    language: str = Field(description="BCP 47 tag of what was spoken; of the text itself where it was translated.")
    duration: Seconds = Field(description="Of the recording.")
    segments: tuple[HeardSegment, ...] = Field(default=(), description="In order, without overlap.")
    confidence: float | None = Field(default=None, ge=0.0, le=1.0)
    engine: str = Field(default="", description="Who heard it. Empty: the one that was asked.")
    notices: tuple[Text, ...] = Field(default=(), description="What is otherwise than one may expect, in words.")


class Listening(ABC):
    """One utterance, heard as it is spoken. Used by one thread at a time."""

    @abstractmethod
    def feed(self, samples: npt.NDArray[np.float32]) -> str:
        """Hear more: mono at `HEARD_RATE`, shape [n], full scale ±1.0. Returns what is understood so far, which may
        still change; empty where the engine only tells at the end. Takes less time than the sound lasts."""

    @abstractmethod
    def finish(self) -> Transcript:
        """What was said in all of it. Once. Raises `EngineFailed`, `Cancelled`."""

    def close(self) -> None:  # noqa: B027 - most hold nothing
        """Give back what it holds, where nobody asks any more what was said. Any number of times, after `finish` too;
        nothing is fed to it afterwards. By the thread that feeds it, or once that one is done with it."""


class Transcriber(Engine[TranscribeTask, OptionsT, Transcript], Generic[OptionsT]):
    """Hears words. MUST find none in silence and noise, MUST tell times within the recording and in order, and MUST
    refuse languages that it does not have, naming those that it has. The recording is the input `recording`, at any
    rate, with any number of channels."""

    family = Family.TRANSCRIBE

    @abstractmethod
    def listen(self, task: TranscribeTask, options: OptionsT, context: RunContext) -> Listening:
        """Begin to hear an utterance while it is spoken. Raises what `check` raises."""
