"""What a comparison of two clips tells. The version's first number changes when a field's meaning does."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Decibels, Hertz, Seconds
from pansori.engines.analyze.measure import Curve, Frozen, Refusal, Span

IMITATION_VERSION = "1.0"


class Mark(Frozen):
    """From 0 to 100, or the reason why there is none. The explanation says what the number came from."""

    score: float | None = Field(default=None, ge=0.0, le=100.0)
    refused: Refusal | None = None
    explanation: str
    explanation_ko: str

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.score is None) == (self.refused is None):
            raise ValueError("a mark has either a score or a refusal")
        return self

    @property
    def explained(self) -> Text:
        return Text(self.explanation, self.explanation_ko)


class WordsMark(Mark):
    """How alike is what is said."""

    method: str = Field(
        default="sound",
        description="sound: by how much nearer the attempt's sounds are to the reference's in order than out of order.",
    )
    distance: float | None = Field(
        default=None, ge=0.0, description="0: the same sounds; 1: as far as another text in the same voice."
    )


class TimingMark(Mark):
    rate: float | None = Field(default=None, gt=0.0, description="Speed over the reference's; 0.8 is 20 % slower.")
    deviation: Seconds | None = Field(
        default=None, ge=0.0, description="How far moments are off once the rate is allowed for: root mean square."
    )


class PitchMark(Mark):
    deviation: float | None = Field(
        default=None, ge=0.0, description="Semitones between the contours, each about its own median: root mean square."
    )
    correlation: float | None = Field(default=None, ge=-1.0, le=1.0, description="Of the two contours.")
    movement: float | None = Field(
        default=None, ge=0.0, description="How far the attempt's pitch moves, over the reference's. 0: it is flat."
    )
    transposition: float | None = Field(default=None, description="Semitones from median to median. It costs nothing.")


class IntensityMark(Mark):
    deviation: Decibels | None = Field(
        default=None, ge=0.0, description="dB between the courses, each about its own mean: root mean square."
    )
    correlation: float | None = Field(default=None, ge=-1.0, le=1.0, description="Of the two courses.")
    level: Decibels | None = Field(default=None, description="dB from mean to mean. It costs nothing.")


class WordMark(Frozen):
    """One word of the text in both clips. A mark that makes no sense for this word (pitch of a whisper) is null."""

    text: str
    reference: Span
    attempt: Span
    words: float = Field(ge=0.0, le=100.0)
    timing: float = Field(ge=0.0, le=100.0)
    pitch: float | None = Field(default=None, ge=0.0, le=100.0)
    intensity: float = Field(ge=0.0, le=100.0)


class Clip(Frozen):
    duration: Seconds
    sha256: str = Field(description="Of the file's bytes.")
    speech: Span | None = Field(description="From first to last sound. Null: there is none.")
    pitch: Hertz | None = Field(description="Median. Null: nothing is voiced.")


class Contours(Frozen):
    """All on the reference's own time, so that the attempt is drawn over it."""

    attempt_time: Curve = Field(description="Seconds in the attempt that belong to each moment of the reference.")
    reference_pitch: Curve = Field(description="Semitones about the speaker's median; null where unvoiced.")
    attempt_pitch: Curve = Field(description="The same of the attempt.")
    reference_intensity: Curve = Field(description="dB about the speaker's mean.")
    attempt_intensity: Curve = Field(description="The same of the attempt.")
    likeness: Curve = Field(description="Of the sounds, from 0 to 1.")


class Imitation(Frozen):
    """How near an attempt comes to a reference, part by part."""

    schema_version: str = IMITATION_VERSION
    versions: dict[str, str]
    settings: JsonDict = Field(description="Weights and scales that the marks were made with.")
    text: str = Field(description="What the reference says; empty where that is not known.")
    language: str = Field(description="BCP 47 tag of the text; empty without one.")
    reference: Clip
    attempt: Clip
    overall: Mark
    words: WordsMark
    timing: TimingMark
    pitch: PitchMark
    intensity: IntensityMark
    each_word: tuple[WordMark, ...] = Field(description="In order. Empty where the text is not known.")
    contours: Contours | None = Field(description="Null where there is nothing to compare.")
