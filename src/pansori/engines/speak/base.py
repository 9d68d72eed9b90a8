"""What a speaking engine is, and what every one of them tells."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Generic, Literal

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.errors import Text
from pansori.domain.tasks import Family, SpeakTask
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import Engine, OptionsT, RunContext
from pansori.engines.speak.script import script_of, text_of

if TYPE_CHECKING:  # servers do not calculate
    import numpy as np
    import numpy.typing as npt

SPEECH = "speech"  #: role of the sound
NOTHING_SAID = Text("There is nothing to say in it: this is silence.", "읽을 말이 없어서 소리가 비어 있어요.")


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

    def later(self, seconds: float) -> SpokenWord:
        """The same, so much later."""
        return self.model_copy(
            update={
                "start": _rounded(self.start + seconds),
                "end": _rounded(self.end + seconds),
                "phonemes": tuple(
                    one.model_copy(update={"start": _rounded(one.start + seconds), "end": _rounded(one.end + seconds)})
                    for one in self.phonemes
                ),
            }
        )


class Speech(_Told):
    """What was said. The sound is the output `speech`."""

    text: str = Field(
        description="What the words' indices are of: the task's, its letters composed; of SSML the text alone."
    )
    language: str = Field(description="BCP 47 tag of the language it was read in.")
    voice: str = Field(description="Name of the voice; empty where the language's own spoke.")
    duration: Seconds
    sample_rate: SampleRateHz
    words: tuple[SpokenWord, ...] = Field(
        description="In order, without overlap. What is only punctuation is none. Empty where the engine does not know "
        "when it says them."
    )
    notices: tuple[Text, ...] = Field(default=(), description="What is otherwise than one may expect, in words.")


@dataclass(frozen=True)
class SpokenPart:
    """A sentence or so, spoken; parts follow each other without a gap."""

    text: str  #: as it is written, with the spaces around it
    first: int  #: index of its first character in the whole text
    samples: npt.NDArray[np.float32]  #: mono, shape [n], full scale ±1.0
    rate: SampleRateHz  #: the same of all parts
    words: tuple[SpokenWord, ...]  #: their indices are of the whole text, their times from the beginning of the part
    language: str  #: BCP 47 tag
    notices: tuple[Text, ...] = ()

    @property
    def duration(self) -> Seconds:
        return Seconds(len(self.samples) / self.rate)

    @property
    def pcm(self) -> bytes:
        """Its sound as 16-bit little-endian samples."""
        import numpy as np

        return (np.clip(self.samples, -1.0, 1.0) * 32767.0).round().astype("<i2").tobytes()

    def after(self, pause: float) -> SpokenPart:
        """The same, behind so many seconds of silence."""
        import numpy as np

        silence = np.zeros(round(pause * self.rate), np.float32)
        words = tuple(word.later(pause) for word in self.words)
        return replace(self, samples=np.concatenate((silence, self.samples)), words=words)


class Speaker(Engine[SpeakTask, OptionsT, Speech], Generic[OptionsT]):
    """Says a text. MUST save one mono output `speech` of the told duration, MUST give the same for the same task and
    options as far as its card says nothing else, and MUST refuse voices and languages that it does not have, naming
    those that it has."""

    family = Family.SPEAK

    @abstractmethod
    def voices(self) -> tuple[Voice, ...]:
        """Whom a task may name. Cheap: loads nothing."""

    @abstractmethod
    def stream(self, task: SpeakTask, options: OptionsT, context: RunContext) -> Iterator[SpokenPart]:
        """The text sentence by sentence, each as soon as it is spoken; together, what `run` saves. Closing the iterator
        ends the work. Raises what `check` raises, `EngineFailed`, `Cancelled`."""

    def run(self, task: SpeakTask, options: OptionsT, context: RunContext) -> Speech:
        import numpy as np

        self.check(task, options)
        context.progress("speak", 0.0)
        context.check_cancelled()
        text = text_of(task)
        parts: list[SpokenPart] = []
        for part in self.stream(task, options, context):
            parts.append(part)
            context.progress("speak", min((part.first + len(part.text)) / max(len(text), 1), 0.99))
            context.check_cancelled()
        words: list[SpokenWord] = []
        count = 0
        for part in parts:
            words += (word.later(count / part.rate) for word in part.words)
            count += len(part.samples)
        samples = np.concatenate([part.samples for part in parts])
        silence = () if script_of(task).is_said else (NOTHING_SAID,)
        context.save_audio(SPEECH, samples[None], parts[0].rate)
        context.progress("speak", 1.0)
        return Speech(
            text=text,
            language=parts[0].language,
            voice=task.voice,
            duration=Seconds(count / parts[0].rate),
            sample_rate=parts[0].rate,
            words=tuple(words),
            notices=tuple(dict.fromkeys((*silence, *(notice for part in parts for notice in part.notices)))),
        )


def _rounded(seconds: float) -> Seconds:
    return Seconds(round(seconds, 4))
