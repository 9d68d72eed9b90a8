"""What is asked for, as OpenAI's clients send it; and what of it is passed over."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi.exceptions import RequestValidationError
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from pansori.api.plain import keepable
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SPEECH_MAX_CHARACTERS, TAG_OR_AUTO
from pansori.lexicon.particles import attach
from pansori.media import StreamFormat

HARMLESS: Final = ("user", "safety_identifier", "metadata", "store", "chunking_strategy")
"""Fields that change nothing in what is answered: who asks, what others keep, where recordings are cut. Any other that
is not known is refused, since the answer would not be what was asked for."""
LISTS: Final = (
    "timestamp_granularities",
    "include",
    "keywords",
    "languages",
    "known_speaker_names",
    "known_speaker_references",
)
DIARIZED: Final = "diarized_json"  #: a format in which speakers are named
PROMPT: Final = 1_000  #: last characters of a prompt, with the keywords behind it, that are heeded
NOT_TOLD_APART: Final = Text("Speakers are not told apart.", "말하는 사람을 구별하지 않아요.")
BY_ANALYSES: Final = Text(
    "Use json or verbose_json. An analysis (POST /v1/analyses) tells who speaks where PANSORI_TRANSCRIBE_ENGINE=openai "
    "and PANSORI_OPENAI_TRANSCRIBE_MODEL name a model that does, such as gpt-4o-transcribe-diarize.",
    "json이나 verbose_json을 쓰세요. 누가 말하는지는 PANSORI_TRANSCRIBE_ENGINE=openai와 "
    "PANSORI_OPENAI_TRANSCRIBE_MODEL로 구별하는 모델(gpt-4o-transcribe-diarize 등)을 정하면 분석(POST /v1/analyses)이 "
    "알려 줘요.",
)
NO_JSON: Final = Text("The body has to be a JSON object.", "본문은 JSON 객체여야 해요.")

ModelT = TypeVar("ModelT", bound="Asked")
Whole = AfterValidator(keepable)
Name = Annotated[str, StringConstraints(min_length=1, max_length=200), Whole]
Language = Annotated[str, StringConstraints(max_length=40, pattern=TAG_OR_AUTO)]


class Asked(BaseModel):
    """What is not known is judged by `ignored`."""

    model_config = ConfigDict(extra="allow", frozen=True)

    model: Name = Field(description="One of `/v1/models`.")


def _named(voice: Any) -> Any:
    """The newest clients may send `{"id": …}`."""
    return voice.get("id") if isinstance(voice, dict) else voice


class SpeechAsked(Asked):
    """A text to be spoken."""

    input: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=SPEECH_MAX_CHARACTERS), Whole
    ] = Field(description="What is said, as it is written: nothing in it is a command.")
    voice: Annotated[str, StringConstraints(max_length=100), Whole, BeforeValidator(_named)] = Field(
        default="", description="One of the engine's, or of OpenAI's: `alloy` … Default: the engine's own choice."
    )
    response_format: Literal["mp3", "opus", "aac", "flac", "wav", "pcm"] = Field(
        default="mp3", description="pcm: 16-bit samples at 24 kHz."
    )
    speed: float = Field(default=1.0, ge=0.25, le=4.0, description="How fast: 2 takes half the time.")
    instructions: Annotated[str, StringConstraints(max_length=4_096), Whole] = Field(
        default="", description="How to speak, for engines that can be told. Else passed over."
    )
    stream_format: Literal["audio", "sse"] = Field(
        default="audio", description="sse: events `speech.audio.delta`, at their end `speech.audio.done`."
    )
    language: Language = Field(default="auto", description="BCP 47 tag. auto: told by the text.")

    @property
    def form(self) -> StreamFormat:
        return StreamFormat(self.response_format)


class HearingAsked(Asked):
    """What is asked beside the recording."""

    language: Language = Field(default="auto", description="What is spoken.")
    languages: list[Language] = Field(
        default=[], description="What may be spoken. One counts as `language`; several are passed over."
    )
    prompt: Annotated[str, Whole] = Field(
        default="", description=f"Names and words that come up. Of longer ones the last {PROMPT:,} characters count."
    )
    keywords: list[Name] = Field(default=[], description="The same, one by one.")
    response_format: Literal["json", "text", "srt", "vtt", "verbose_json"] = Field(default="json")
    temperature: float | None = Field(default=None, ge=0.0, le=1.0, description="For engines that have it.")
    stream: bool = Field(
        default=False, description="Events `transcript.text.delta`, at the end `transcript.text.done`."
    )
    timestamp_granularities: list[Literal["word", "segment"]] = Field(
        default=["segment"], description="What `verbose_json` tells the times of. Default: segments."
    )

    @property
    def hints(self) -> str:
        return " ".join((self.prompt, ", ".join(self.keywords)))[-PROMPT:].strip()

    @property
    def spoken(self) -> str:
        """The language, as far as it is certain."""
        only = self.languages[0] if len(self.languages) == 1 else "auto"
        return only if self.language == "auto" else self.language


def of_json(body: bytes, model: type[ModelT]) -> ModelT:
    """null counts as not sent. Raises `InvalidRequest`, `RequestValidationError`."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequest(NO_JSON) from error
    if not isinstance(told, dict):
        raise InvalidRequest(NO_JSON)
    return _parsed({name: value for name, value in told.items() if value is not None}, model)


def of_form(fields: Iterable[tuple[str, str]], model: type[ModelT]) -> ModelT:
    """A name may end in `[]`, and then come more than once; `name[part]` counts as `name`. What is empty counts as not
    sent. Raises `InvalidRequest`, `RequestValidationError`."""
    told: dict[str, Any] = {}
    for name, value in fields:
        plain = name.partition("[")[0]
        if value == "":
            continue
        if plain in LISTS:
            told.setdefault(plain, []).append(value)
        else:
            told[plain] = value
    if told.get("response_format") == DIARIZED:
        raise InvalidRequest(NOT_TOLD_APART, field="response_format", cure=BY_ANALYSES)
    return _parsed(told, model)


def _parsed(told: Mapping[str, Any], model: type[ModelT]) -> ModelT:
    try:
        return model.model_validate(told)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found, body=dict(told)) from error


def ignored(asked: Asked, known: Iterable[str] = ()) -> tuple[str, ...]:
    """Names of the fields that are passed over. Raises `InvalidRequest` naming one that must not be."""
    unknown = tuple(asked.model_extra or {})
    for name in unknown:
        if name not in (*HARMLESS, *known):
            raise _refused(name[:100])
    return unknown


def _refused(name: str) -> InvalidRequest:
    why = REFUSED.get(name, Text("This server does not have it.", "이 서버에는 그런 기능이 없어요."))
    return InvalidRequest(
        Text(f"Unknown parameter: {name}. {why.en}", f"{attach(name, '은/는')} 쓸 수 없어요. {why.ko}"),
        field=name,
        cure=BY_ANALYSES if why is NOT_TOLD_APART else None,
    )


REFUSED: Final[Mapping[str, Text]] = {
    "include": Text("Nothing is told beyond the text and its times.", "글과 시각 말고는 알려 드리지 않아요."),
    "known_speaker_names": NOT_TOLD_APART,
    "known_speaker_references": NOT_TOLD_APART,
    "file": Text("It has to be a file, and not words.", "글이 아니라 파일이어야 해요."),
}
"""Why, where there is more to say."""


def form_fields(model: type[Asked]) -> JsonDict:
    """Schemas of the fields of a form, as the document describes them."""
    found: JsonDict = model.model_json_schema(ref_template="#/components/schemas/{model}")["properties"]
    return found
