"""What a live conversation's two sides tell each other. Messages are JSON objects told apart by `type`; sound goes in
binary frames beside them."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from pansori.domain.errors import PansoriError
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SAID_MAX_CHARACTERS, TAG_OR_AUTO
from pansori.domain.units import SampleRateHz, Seconds

LOWEST_RATE, HIGHEST_RATE = SampleRateHz(8_000), SampleRateHz(48_000)


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


# -- from whoever speaks ------------


class Start(_Message):
    """The first message. Binary frames after it are sound."""

    type: Literal["start"]
    format: Literal["pcm16", "opus"] = Field(
        default="pcm16",
        description="Of the sound that is sent. pcm16: 16-bit little-endian samples of one channel. opus: one packet "
        "of Opus (RFC 6716) a frame.",
    )
    rate: int = Field(
        default=16_000, ge=LOWEST_RATE, le=HIGHEST_RATE, description="Samples a second of pcm16. Opus needs none."
    )
    language: str = Field(
        default="auto", max_length=40, pattern=TAG_OR_AUTO, description="What is spoken, as a BCP 47 tag. auto: told."
    )
    voice: str = Field(default="", max_length=100, description="Who answers. Default: the engine's own voice.")
    hands_free: bool = Field(
        default=True,
        description="Speech is over when nobody speaks for `silence`. Otherwise when `speech_end` says so.",
    )
    silence: Seconds = Field(default=Seconds(0.6), ge=0.2, le=5.0, description="Seconds after which speech is over.")
    conversation_id: UUID | None = Field(default=None, description="One to go on with. Default: a new one.")
    user_id: int | None = Field(
        default=None, ge=1, le=2**31 - 1, description="Number of the user who speaks. Default: the account's own."
    )
    resume: str = Field(
        default="", max_length=100, description="`session` of a connection that broke off less than a minute ago."
    )
    after: int = Field(default=0, ge=0, description="With `resume`: the number of the last message that arrived.")


class SpeechEnd(_Message):
    """What was said is over: the button was let go."""

    type: Literal["speech_end"]


class Typed(_Message):
    """Words in place of speech."""

    type: Literal["text"]
    text: str = Field(min_length=1, max_length=SAID_MAX_CHARACTERS)


class Cancel(_Message):
    """Stop the answer."""

    type: Literal["cancel"]


class Played(_Message):
    """How much of an answer was heard so far, for nobody else knows."""

    type: Literal["played"]
    turn: int = Field(ge=1)
    seconds: Seconds = Field(ge=0, le=86_400)


class Stop(_Message):
    """The conversation is over."""

    type: Literal["stop"]


Asked = Annotated[Start | SpeechEnd | Typed | Cancel | Played | Stop, Field(discriminator="type")]
ASKED: Final[TypeAdapter[Asked]] = TypeAdapter(Asked)


# -- from whoever answers ------------


class Event(_Message):
    """`n`, a number that grows, goes with each; `turn` counts the utterances of a session from 1."""

    type: str


class Ready(Event):
    """`rate`: that of the answers' sound is told with each piece."""

    type: Literal["ready"] = "ready"
    session: str
    conversation_id: UUID
    resumed: bool
    engines: dict[Literal["hear", "answer", "say"], str]


class SpeechStarted(Event):
    """`at`: seconds of sound since the start."""

    type: Literal["speech_started"] = "speech_started"
    turn: int
    at: Seconds


class SpeechEnded(Event):
    type: Literal["speech_ended"] = "speech_ended"
    turn: int
    at: Seconds


class Partial(Event):
    """What is understood so far; it may still change."""

    type: Literal["partial"] = "partial"
    turn: int
    text: str


class Understood(Event):
    """What was said. Empty: nothing was understood, and nothing is answered. `engine`: who understood it; empty of
    what was typed. `notice`: what is otherwise than one may expect, such as what it would take to be understood."""

    type: Literal["final"] = "final"
    turn: int
    text: str
    language: str = ""
    confidence: float | None = None
    engine: str = ""
    notice: str | None = None
    notice_ko: str | None = None


class Reply(Event):
    """The next piece of the answer."""

    type: Literal["reply"] = "reply"
    turn: int
    delta: str


class Acted(Event):
    """Something was done, such as a song begun. `facts`: as the tool of that name tells."""

    type: Literal["action"] = "action"
    turn: int
    name: str
    facts: JsonDict


class WordAt(_Message):
    text: str
    start: Seconds
    end: Seconds


class Audio(Event):
    """A sentence of the answer, spoken. The binary frame that follows holds `samples` 16-bit little-endian samples of
    one channel."""

    type: Literal["audio"] = "audio"
    turn: int
    sentence: int
    text: str
    rate: SampleRateHz
    samples: int
    words: tuple[WordAt, ...] = Field(default=(), description="With their seconds in this sentence, where known.")


class Interrupted(Event):
    """The answer stops, for somebody speaks or wants it to. What is not played yet is to be dropped. `heard`: what was
    heard of it."""

    type: Literal["interrupted"] = "interrupted"
    turn: int
    heard: str
    seconds: Seconds


class Done(Event):
    """The turn is over, and all of its answer sent. `turn_id`: under which it is kept; none: nothing was understood.

    `timings`: in seconds from the moment in which speech was found to be over. `speech_ended` (before that),
    `hear_first` (of what was understood so far), `hear_last`, `answer_first`, `answer_last`, `say_first` (sound),
    `say_last`, `total`. What there was not is left out.
    """

    type: Literal["done"] = "done"
    turn: int
    state: Literal["done", "failed", "interrupted", "nothing"]
    turn_id: UUID | None = None
    timings: dict[str, Seconds] = Field(default_factory=dict)


class Failed(Event):
    """What went wrong. Without a `turn`, the message before was refused."""

    type: Literal["error"] = "error"
    turn: int | None = None
    code: str
    message: str
    message_ko: str
    field: str | None = None
    cure: str | None = None
    cure_ko: str | None = None

    @classmethod
    def of(cls, error: PansoriError, turn: int | None = None) -> Failed:
        cure = error.cure
        return cls(
            turn=turn,
            code=error.code,
            message=error.message.en,
            message_ko=error.message.ko,
            field=error.field,
            cure=cure.en if cure else None,
            cure_ko=cure.ko if cure else None,
        )


class Bye(Event):
    """The last message."""

    type: Literal["bye"] = "bye"
    reason: Literal["stopped", "idle", "replaced", "closing", "logged_out"]


def told(event: Event, number: int) -> dict[str, Any]:
    return {"n": number, **event.model_dump(mode="json", exclude_none=True)}
