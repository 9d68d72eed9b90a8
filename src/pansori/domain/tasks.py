"""What engines are asked to do, one task a family. Contracts parse requests into these."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pansori.domain.units import Seconds

GENRE_MAX_CHARACTERS = 1_000
LYRICS_MAX_CHARACTERS = 20_000
SEED_MAX = 2**32 - 1


class Family(StrEnum):
    """The capabilities that engines come in."""

    COMPOSE = "compose"
    WRITE = "write"


class Task(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ComposeTask(Task):
    """Genre and lyrics in, a finished song out."""

    genre: Annotated[str, StringConstraints(strip_whitespace=True, max_length=GENRE_MAX_CHARACTERS)] = Field(
        description="Style in free words, Korean or English: genre, mood, tempo, instruments, voice."
    )
    lyrics: str = Field(
        default="",
        max_length=LYRICS_MAX_CHARACTERS,
        description="What is sung, a line each; [verse], [chorus], [후렴] … may mark sections. Empty: an instrumental.",
    )
    duration: Seconds | None = Field(
        default=None,
        ge=5,
        le=600,
        description="Length of the song in seconds. Default: what the lyrics need.",
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=SEED_MAX,
        description="The same seed gives the same song, to the byte. Default: chosen.",
    )
    title: str = Field(default="", max_length=200, description="Title for the file's tags. Default: the first line.")


TASKS: dict[Family, type[Task]] = {Family.COMPOSE: ComposeTask}
