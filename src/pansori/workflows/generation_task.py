"""What a generation is asked for."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from pansori.domain.jobs import JsonDict
from pansori.domain.media import AudioFormat, Quality
from pansori.domain.tasks import (
    GENRE_MAX_CHARACTERS,
    LONGEST,
    LYRICS_MAX_CHARACTERS,
    PROMPT_MAX_CHARACTERS,
    SEED_MAX,
    SHORTEST,
    SampleRate,
    Task,
)
from pansori.domain.units import Seconds

Voice = Literal["auto", "female", "male"]
Prompt = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=PROMPT_MAX_CHARACTERS)]


class GenerationTask(Task):
    """A song in words: what it is to be like, and how it is to be delivered."""

    prompt: Prompt = Field(description="What the song should be, in free words, Korean or English.")
    expanded_prompt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=GENRE_MAX_CHARACTERS)] = Field(
        default="",
        description="The prompt in more words, as the engine is to get it. Default: written from the prompt.",
    )
    lyrics: Annotated[str, StringConstraints(max_length=LYRICS_MAX_CHARACTERS)] | None = Field(
        default=None,
        description="What is sung. Empty: an instrumental. Default: written where the prompt asks for singing or a "
        "voice is named, else an instrumental.",
    )
    duration: Seconds | None = Field(
        default=None, ge=SHORTEST, le=LONGEST, description="Length in seconds. Default: what the lyrics need."
    )
    samplerate: SampleRate | None = Field(
        default=None, description="Samples a second of the finished song. Default: the engine's own."
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=SEED_MAX,
        description="The same seed gives the same song, to the byte. Default: chosen.",
    )
    quality: Quality = Field(default=Quality.STANDARD, description="How much work goes into it.")
    engine: str | None = Field(default=None, description="Who composes. Default: as the installation is set.")
    options: JsonDict = Field(default_factory=dict, description="Options of that engine; see GET /v1/engines.")
    format: AudioFormat | None = Field(
        default=None, description="Format of the finished song. Default: mp3, or as an engine finished it."
    )
    voice: Voice = Field(default="auto", description="Who sings. auto: as the prompt asks.")
    title: Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)] = Field(
        default="", description="Title of the track. Default: written from the prompt."
    )
