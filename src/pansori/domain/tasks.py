"""What engines are asked to do, one task a family. Contracts parse requests into these."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pansori.domain.media import Quality
from pansori.domain.units import Decibels, SampleRateHz, Seconds

GENRE_MAX_CHARACTERS = 1_000
PROMPT_MAX_CHARACTERS = 4_000
LYRICS_MAX_CHARACTERS = 20_000
SPEECH_MAX_CHARACTERS = 10_000
SAID_MAX_CHARACTERS = 4_000
HISTORY_MAX_MESSAGES = 100
SEED_MAX = 2**32 - 1
SHORTEST, LONGEST = Seconds(1.0), Seconds(600.0)  #: of a song
SAMPLE_RATES: tuple[SampleRateHz, ...] = tuple(map(SampleRateHz, (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)))

TAG_OR_AUTO = "^(auto|[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*)$"  #: a BCP 47 tag, simply

SampleRate = Literal[16_000, 22_050, 24_000, 32_000, 44_100, 48_000]  #: one of `SAMPLE_RATES`, as a schema says it


class Family(StrEnum):
    """The capabilities that engines come in."""

    ANALYZE = "analyze"
    COMPOSE = "compose"
    SPEAK = "speak"
    TRANSCRIBE = "transcribe"
    WRITE = "write"


class Kind(StrEnum):
    """What a recording is, which decides over what can be said of it."""

    MUSIC = "music"  #: with instruments, sung or not
    SPEECH = "speech"
    SINGING = "singing"  #: a voice alone
    NOISE = "noise"
    SILENCE = "silence"


class Part(StrEnum):
    """Groups of measures, as one may ask for them. The format and the kind are always told."""

    SIGNAL = "signal"
    FINGERPRINT = "fingerprint"
    LOUDNESS = "loudness"
    STEREO = "stereo"
    VOICE = "voice"
    MUSIC = "music"


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
        ge=SHORTEST,
        le=LONGEST,
        description="Length of the song in seconds. Default: what the lyrics need.",
    )
    seed: int | None = Field(
        default=None,
        ge=0,
        le=SEED_MAX,
        description="The same seed gives the same song, to the byte. Default: chosen.",
    )
    title: str = Field(default="", max_length=200, description="Title for the file's tags. Default: the first line.")
    sample_rate: SampleRate | None = Field(
        default=None,
        description="Samples a second of the finished song, 16000 to 48000. Default: the engine's own. Opus is always "
        "48000.",
    )
    quality: Quality = Field(
        default=Quality.STANDARD,
        description="draft: soon there, at half the bandwidth (up to 11 kHz), one singer in choruses, 128 kbit/s. "
        "standard: 44.1 kHz, 256 kbit/s. high: mixed at 48 kHz, every singer at full bandwidth, 320 kbit/s.",
    )


class WriteTask(Task):
    """A prompt in, what it means in more words out, and lyrics where they are asked for."""

    purpose: Literal["expand", "lyrics"] = Field(
        default="expand", description="expand: say more precisely what is meant. lyrics: that, and write what is sung."
    )
    prompt: Annotated[str, StringConstraints(strip_whitespace=True, max_length=PROMPT_MAX_CHARACTERS)] = Field(
        description="What the song should be, in free words, Korean or English."
    )
    language: Literal["auto", "ko", "en"] = Field(
        default="auto", description="Language to write in. auto: the prompt's, or the one that it asks for."
    )
    lyrics: str = Field(
        default="",
        max_length=LYRICS_MAX_CHARACTERS,
        description="What is to be sung already. Nothing is written over it; it tells language, structure and theme.",
    )
    voice: Literal["auto", "female", "male"] = Field(
        default="auto", description="Who sings. Named, it asks for singing. auto: as the prompt asks."
    )
    duration: Seconds | None = Field(
        default=None,
        ge=SHORTEST,
        le=LONGEST,
        description="Length of the song in seconds, which the words are made to fit.",
    )
    seed: int | None = Field(
        default=None, ge=0, le=SEED_MAX, description="The same seed writes the same words. Default: chosen."
    )


class SpeakTask(Task):
    """A text in, speech out."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SPEECH_MAX_CHARACTERS)] = (
        Field(description="What is said, as it is written: nothing in it is a command, unless `markup` says so.")
    )
    markup: Literal["none", "ssml"] = Field(
        default="none", description="ssml: the text is in the Speech Synthesis Markup Language, a subset of it."
    )
    normalise: bool = Field(
        default=True,
        description="Say numbers, dates, units, abbreviations and addresses in words, in Korean and English. Without: "
        "as the engine reads them by itself.",
    )
    language: str = Field(
        default="auto",
        max_length=40,
        pattern=TAG_OR_AUTO,
        description="BCP 47 tag of the text's language, such as ko or en-US. auto: Korean where there is Hangul, else "
        "English.",
    )
    voice: str = Field(default="", max_length=100, description="One of the engine's voices. Default: its own choice.")
    rate: float = Field(default=1.0, ge=0.25, le=4.0, description="How fast: 2 takes half the time.")
    pitch: float = Field(default=0.0, ge=-12.0, le=12.0, description="Semitones above the voice's own pitch.")
    intonation: float = Field(
        default=1.0, ge=0.0, le=2.0, description="How far the pitch moves: 0 stays on one, 1 is the voice's own way."
    )
    volume: Decibels = Field(
        default=Decibels(0.0), ge=-60.0, le=0.0, description="Decibels below the level that the engine speaks at."
    )


class Message(BaseModel):
    """What was said before, by whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    role: Literal["user", "assistant"]
    text: str = Field(max_length=SPEECH_MAX_CHARACTERS)


class ReplyTask(Task):
    """What somebody said in, an answer out."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SAID_MAX_CHARACTERS)] = (
        Field(description="What was said.")
    )
    language: str = Field(
        default="auto",
        max_length=40,
        pattern=TAG_OR_AUTO,
        description="BCP 47 tag of the language to answer in. auto: the language of what was said.",
    )
    history: tuple[Message, ...] = Field(
        default=(), max_length=HISTORY_MAX_MESSAGES, description="The conversation so far, oldest first."
    )
    instructions: str = Field(
        default="",
        max_length=PROMPT_MAX_CHARACTERS,
        description="How to answer, for engines that can be told. Default: the engine's own.",
    )


class TranscribeTask(Task):
    """Speech in, text out. The recording itself is an input of the run."""

    language: str = Field(
        default="auto",
        max_length=40,
        pattern=TAG_OR_AUTO,
        description="BCP 47 tag of the language that is spoken, such as ko or en-US. auto: told by its sound, where "
        "the engine can.",
    )
    expect: Literal["anything", "commands"] = Field(
        default="anything",
        description="What is listened for. commands: what the assistant understands, which a small engine hears far "
        "better than free speech.",
    )
    translate: bool = Field(default=False, description="Write it in English, whatever is spoken.")
    hints: str = Field(
        default="", max_length=1_000, description="Names and words that come up, or what was said just before."
    )
    words: bool = Field(default=True, description="Tell when each word is said, where the engine can.")


class AnalyzeTask(Task):
    """A recording in, measures out. The recording itself is an input of the run."""

    include: tuple[Part, ...] = Field(default=(), description="Which groups to measure. Empty: all.")
    kind: Kind | None = Field(
        default=None, description="What the recording is, where one knows better. Default: told by its sound."
    )

    def wants(self, part: Part) -> bool:
        return not self.include or part in self.include
