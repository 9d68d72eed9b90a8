"""`POST /v1/audio/transcriptions` and `/v1/audio/translations`: what is said in a recording."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.openai_audio._asked import HearingAsked, form_fields, ignored, of_form
from pansori.api.contracts.openai_audio._attending import Attending
from pansori.api.contracts.openai_audio._loose import Loose
from pansori.api.contracts.openai_audio._names import transcriber
from pansori.api.contracts.openai_audio._shape import OpenaiRoute, refuses
from pansori.api.contracts.openai_audio._stream import EVENTS, Pieces, Streamed
from pansori.api.contracts.openai_audio._told import data, headers, renamed, telling
from pansori.api.deps import LanguageDep, OwnerDep, Server, ServerDep
from pansori.api.problems import NO_STORE
from pansori.api.routing import Router
from pansori.api.sse import KEEP_ALIVE
from pansori.api.uploads import drain, file_body, receive
from pansori.domain.errors import Busy, InvalidRequest, Language, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Bytes, Seconds
from pansori.engines.transcribe.base import Transcript
from pansori.workflows import Services, voice

PATHS: Final = ("/v1/audio/transcriptions", "/v1/audio/translations")
LARGEST: Final = Bytes(1024**3)  #: of a recording: an hour at 96 kHz, in two channels of 24 bits, fits as FLAC
TYPES: Final = {"text": "text/plain; charset=utf-8", "srt": "application/x-subrip; charset=utf-8", "vtt": "text/vtt"}
UNKNOWN: Final = "und"  #: BCP 47's tag of a language that nobody knows
NOT_STREAMED: Final = Text(
    "A stream tells the text alone: use json or text.", "스트림으로는 글만 보내요. json이나 text를 쓰세요."
)


class TranscribedSegment(BaseModel):
    """With all that a Whisper tells of one, for clients read it; what nobody knows is as of one that is certain."""

    id: int
    seek: int = Field(description="Where it begins, in hundredths of a second.")
    start: Seconds
    end: Seconds
    text: str
    tokens: list[int] = Field(description="None: they are each model's own.")
    temperature: float = Field(description="As it was asked for.")
    avg_logprob: float = Field(description="How sure the engine is. 0: it cannot say.")
    compression_ratio: float = Field(description="Of the text; above 2.4 it repeats itself.")
    no_speech_prob: float = Field(description="0: where nobody speaks is no segment.")


class TranscribedWord(BaseModel):
    word: str
    start: Seconds
    end: Seconds


class SpokenLanguage(BaseModel):
    code: str = Field(description="BCP 47 tag.")


class TranscribedUsage(BaseModel):
    type: Literal["duration"] = "duration"
    seconds: int = Field(description="Of the recording, rounded up.")


class Transcription(BaseModel):
    """What is said; of `verbose_json` with more."""

    text: str = Field(description="Empty where nobody speaks.")
    languages: list[SpokenLanguage] = Field(description="Empty where it is not known.")
    usage: TranscribedUsage
    task: Literal["transcribe", "translate"] | None = None
    language: str | None = Field(default=None, description="Its name, such as `korean`; else its BCP 47 tag.")
    duration: Seconds | None = None
    segments: list[TranscribedSegment] | None = None
    words: list[TranscribedWord] | None = None


HEARD: Final[JsonDict] = {
    "model": Transcription,
    "description": "What is said; nothing, where nobody speaks.",
    "content": {
        **{kind.partition(";")[0]: {"schema": {"type": "string"}} for kind in (*TYPES.values(), EVENTS)},
    },
}

router = Router(tags=["openai_audio"], route_class=OpenaiRoute)


def _described() -> JsonDict:
    body = file_body()
    schema = body["requestBody"]["content"]["multipart/form-data"]["schema"]
    schema["properties"] |= form_fields(HearingAsked)
    schema["required"] = ["file", "model"]
    return body


RESPONSES: Final = {200: HEARD, **refuses(408, 413, 429, 503, 507)}


@router.post(PATHS[0], response_class=Response, responses=RESPONSES, openapi_extra=_described())
async def transcriptions(request: Request, server: ServerDep, owner: OwnerDep, language: LanguageDep) -> Response:
    """Write down what is said in a recording of whatever format, of at most an hour. `X-Pansori-Model` names who has
    heard it, `X-Pansori-Ignored` what was passed over. Nothing of it is kept."""
    return await _answer(request, server, owner, language, translate=False)


@router.post(PATHS[1], response_class=Response, responses=RESPONSES, openapi_extra=_described())
async def translations(request: Request, server: ServerDep, owner: OwnerDep, language: LanguageDep) -> Response:
    """The same in English, whatever is spoken, by an engine that can."""
    return await _answer(request, server, owner, language, translate=True)


async def _answer(request: Request, server: Server, owner: UUID, language: Language, *, translate: bool) -> Response:
    async with AsyncExitStack() as held:
        try:
            attending = Attending(server, request, held.enter_context(server.hearing.place(owner)))
        except Busy:
            await drain(request)
            raise
        folder = await _folder(server.services, held)
        asked, path = await _received(request, server, folder)
        passed = (*ignored(asked), *(["languages"] if len(asked.languages) > 1 else ()))
        hearing = await run_in_threadpool(_chosen, server.services, asked, attending, translate)
        told = {"model": hearing.model, "ignored": (*passed, *hearing.left)}
        if asked.stream:
            made = _followed(hearing, path, folder)
            pieces = Pieces(attending, made, held.pop_all())
        else:
            transcript = await attending.wait(attending.work(_heard, hearing, path, folder))
            notices = [notice.en for notice in transcript.notices]
            return _written(transcript, asked, headers(notices=notices, **told), translate=translate)
    return Streamed(pieces, await pieces.begin(), headers(**told), EVENTS, tell=telling(language))


async def _folder(services: Services, held: AsyncExitStack) -> Path:
    """A scratch folder, until `held` is left."""
    stack = ExitStack()
    held.push_async_callback(run_in_threadpool, stack.close)
    return await run_in_threadpool(stack.enter_context, services.kernel.folder())


async def _received(request: Request, server: Server, folder: Path) -> tuple[HearingAsked, Path]:
    most = Bytes(min(LARGEST, server.services.settings.max_upload))
    try:
        path, fields = await receive(
            request, server, lambda _, expected: Loose(folder, most, expected), "file", limit=most
        )
    except PansoriError as error:
        raise renamed(error) from error
    assert path is not None, "a form without a file is refused"
    asked = of_form(fields, HearingAsked)
    if asked.stream and asked.response_format not in ("json", "text"):
        raise InvalidRequest(NOT_STREAMED, field="response_format")
    return asked, path


@dataclass(frozen=True)
class _Hearing:
    """`left`: what the engine cannot be told."""

    model: str
    once: voice.Once
    left: tuple[str, ...]


def _chosen(services: Services, asked: HearingAsked, attending: Attending, translate: bool) -> _Hearing:
    found = transcriber(services, asked.model)
    options, left = found.with_options(temperature=asked.temperature)
    task = TranscribeTask(
        language=asked.spoken,
        translate=translate,
        hints=asked.hints,
        words=asked.response_format in ("srt", "vtt") or "word" in asked.timestamp_granularities,
    )
    try:
        once = voice.Once(found.engine, task, options, services.settings, attending.look)
    except PansoriError as error:
        raise renamed(error) from error
    return _Hearing(found.name, once, left)


def _heard(hearing: _Hearing, path: Path, folder: Path) -> Transcript:
    try:
        return hearing.once.hear(hearing.once.read(path), folder)
    except PansoriError as error:
        raise renamed(error) from error


def _followed(hearing: _Hearing, path: Path, folder: Path) -> Generator[bytes]:
    """Events: what is said, piece by piece, and at the end all of it."""
    text = ""
    languages: dict[str, None] = {}
    try:
        for told in hearing.once.follow(hearing.once.read(path), folder):
            if not told.text:
                yield KEEP_ALIVE
                continue
            delta = f" {told.text}" if text else told.text
            text += delta
            languages[told.language] = None
            yield data({"type": "transcript.text.delta", "delta": delta})
    except PansoriError as error:
        raise renamed(error) from error
    yield data({"type": "transcript.text.done", "text": text, "languages": _codes(languages)})


def _codes(languages: Iterable[str]) -> list[JsonDict]:
    return [{"code": tag} for tag in languages if tag != UNKNOWN]


def _written(transcript: Transcript, asked: HearingAsked, headers: dict[str, str], *, translate: bool) -> Response:
    from pansori.reports import transcripts  # what draws is loaded with it

    match asked.response_format:
        case "json":
            told: JsonDict = {"text": transcript.text}
        case "verbose_json":
            wanted = asked.timestamp_granularities
            told = transcripts.verbose(
                transcript, segments="segment" in wanted, words="word" in wanted, temperature=asked.temperature or 0.0
            )
            told["task"] = "translate" if translate else "transcribe"
        case form:
            write = {"text": transcripts.plain, "srt": transcripts.srt, "vtt": transcripts.vtt}[form]
            return Response(write(transcript), 200, {**NO_STORE, **headers}, TYPES[form])
    told["languages"] = _codes([transcript.language] if transcript.text else ())
    told["usage"] = {"seconds": math.ceil(transcript.duration)}
    content = Transcription.model_validate(told).model_dump_json(exclude_none=True)
    return Response(content, 200, {**NO_STORE, **headers}, "application/json")
