"""What people say against an analysis of music."""

from __future__ import annotations

from itertools import pairwise
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pansori.domain.units import BeatsPerMinute, Seconds
from pansori.lexicon.music import NOTE_NAMES

FACTORS: Final = (0.25, 0.5, 1.0, 2.0, 4.0)
SLOWEST, FASTEST = 20.0, 400.0  #: beats a minute
MOST_TAPS = 2000
CLOSEST = Seconds(60.0 / FASTEST)  #: taps
ENHARMONIC: Final = {"Db": "C#", "D#": "Eb", "Gb": "F#", "G#": "Ab", "A#": "Bb"}
MODES: Final = ("major", "minor")


class Corrections(BaseModel):
    """What a person says of the analysis that an engine made. Nothing said, nothing changes."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    tempo_factor: float = Field(
        default=1.0,
        description="How many times faster the music is than was measured.",
        json_schema_extra={"enum": list(FACTORS)},
    )
    tempo: BeatsPerMinute | None = Field(default=None, ge=SLOWEST, le=FASTEST, description="In beats a minute.")
    taps: tuple[Seconds, ...] = Field(
        default=(), max_length=MOST_TAPS, description="Seconds at which a person tapped; some beats, two at least."
    )
    metre: str | None = Field(default=None, pattern=r"^([2-7]/4|(5|6|7|9|12)/8)$", description="Such as `3/4`.")
    downbeat_shift: int = Field(default=0, ge=-12, le=12, description="Beats by which bars begin later.")
    key: str | None = Field(default=None, description="Such as `C major` or `F# minor`.")
    section_merges: frozenset[int] = Field(
        default=frozenset(), description="Numbers of sections, from 0, that belong to the one before."
    )
    section_names: dict[int, str] = Field(
        default_factory=dict, description="New names of sections, by the numbers that they had before merging."
    )

    @field_validator("tempo_factor")
    @classmethod
    def _known_factor(cls, value: float) -> float:
        if value not in FACTORS:
            raise ValueError(f"must be one of {', '.join(f'{one:g}' for one in FACTORS)}")
        return value

    @field_validator("taps")
    @classmethod
    def _apart(cls, taps: tuple[Seconds, ...]) -> tuple[Seconds, ...]:
        if taps and (len(taps) < 2 or taps[0] < 0 or min(after - before for before, after in pairwise(taps)) < CLOSEST):
            raise ValueError(f"must be two or more, rising, each {CLOSEST:g} s after the one before at least")
        return taps

    @field_validator("key")
    @classmethod
    def _known_key(cls, key: str | None) -> str | None:
        if key is None:
            return None
        tonic, _, mode = key.partition(" ")
        tonic = ENHARMONIC.get(tonic, tonic)
        if tonic not in NOTE_NAMES or mode not in MODES:
            raise ValueError("must be a note and `major` or `minor`, such as `Eb major`")
        return f"{tonic} {mode}"

    @field_validator("section_names")
    @classmethod
    def _plain_names(cls, names: dict[int, str]) -> dict[int, str]:
        cleaned = {number: " ".join(name.split()) for number, name in names.items()}
        if any(not 0 < len(name) <= 60 for name in cleaned.values()):
            raise ValueError("names have 1 to 60 characters")
        return cleaned

    @model_validator(mode="after")
    def _one_way_of_tempo(self) -> Self:
        if sum((self.tempo_factor != 1.0, self.tempo is not None, bool(self.taps))) > 1:
            raise ValueError("say the tempo in one way: as a factor, in beats a minute, or by tapping")
        return self

    @property
    def empty(self) -> bool:
        return self == Corrections()
