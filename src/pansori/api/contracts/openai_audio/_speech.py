"""`POST /v1/audio/speech`: a text read out, sent while it is spoken."""

from __future__ import annotations

import base64
from collections.abc import Generator
from contextlib import AsyncExitStack, closing
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.openai_audio._asked import SpeechAsked, ignored, of_json
from pansori.api.contracts.openai_audio._attending import Attending
from pansori.api.contracts.openai_audio._names import speaker, voice_of
from pansori.api.contracts.openai_audio._shape import OpenaiRoute, refuses
from pansori.api.contracts.openai_audio._stream import EVENTS, Pieces, Streamed
from pansori.api.contracts.openai_audio._told import data, headers, renamed, telling
from pansori.api.deps import LanguageDep, OwnerDep, ServerDep
from pansori.api.limits import whole_body
from pansori.api.routing import Router
from pansori.domain.errors import PansoriError
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SpeakTask
from pansori.engines.base import EngineOptions
from pansori.engines.speak.base import Speaker
from pansori.media import StreamFormat
from pansori.workflows import Services, voice

PATH: Final = "/v1/audio/speech"
AT_ONCE: Final = 48 * 1024  #: bytes of sound in one event; whole samples, and whole groups of base64's three
NO_TOKENS: Final = {"input_tokens": 0, "output_tokens": 0, "total_tokens": 0}  #: nobody here counts in them
SPOKEN: Final[JsonDict] = {
    "description": "The sound, while it is spoken.",
    "content": {
        **{form.media_type: {"schema": {"type": "string", "format": "binary"}} for form in StreamFormat},
        EVENTS: {"schema": {"type": "string"}},
    },
}
BODY: Final[JsonDict] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": SpeechAsked.model_json_schema()}}}
}

router = Router(tags=["openai_audio"], route_class=OpenaiRoute)


@router.post(PATH, response_class=Response, responses={200: SPOKEN, **refuses(413, 429, 503)}, openapi_extra=BODY)
async def speech(request: Request, server: ServerDep, owner: OwnerDep, language: LanguageDep) -> Response:
    """Read a text out. Each sentence is sent as soon as it is spoken. `X-Pansori-Model` and `X-Pansori-Voice` name who
    has spoken, `X-Pansori-Ignored` what was passed over. Nothing of it is kept."""
    asked = of_json(await whole_body(request, server.services.settings.max_body), SpeechAsked)
    passed = ignored(asked)
    async with AsyncExitStack() as held:
        attending = Attending(server, request, held.enter_context(server.speaking.place(owner)))
        reading = await run_in_threadpool(_chosen, server.services, asked)
        told = headers(model=reading.model, voice=reading.task.voice, ignored=(*passed, *reading.left))
        in_events = asked.stream_format == "sse"
        made = _spoken(server.services, reading, attending)
        pieces = Pieces(attending, _in_events(made) if in_events else made, held.pop_all())
    first = await pieces.begin()
    if in_events:
        return Streamed(pieces, first, told, EVENTS, tell=telling(language))
    return Streamed(pieces, first, told, asked.form.media_type)


@dataclass(frozen=True)
class _Reading:
    """`left`: what the engine cannot be told."""

    model: str
    engine: Speaker[Any]
    options: EngineOptions
    task: SpeakTask
    form: StreamFormat
    left: tuple[str, ...]


def _chosen(services: Services, asked: SpeechAsked) -> _Reading:
    from pansori.engines.speak.script import script_of  # which reads the text

    found = speaker(services, asked.model)
    options, left = found.with_options(instructions=asked.instructions or None)
    task = SpeakTask(text=asked.input, language=asked.language, rate=asked.speed)
    try:
        named = voice_of(found.engine, asked.voice, script_of(task).language)
        task = task.model_copy(update={"voice": named})
        found.engine.check(task, options)
    except PansoriError as error:
        raise renamed(error) from error
    return _Reading(found.name, found.engine, options, task, asked.form, left)


def _spoken(services: Services, reading: _Reading, attending: Attending) -> Generator[bytes]:
    with services.kernel.folder() as folder:
        context = voice.Aside(folder, services.settings, look=attending.look)
        try:
            yield from voice.read_out(reading.engine, reading.task, reading.options, context, reading.form)
        except PansoriError as error:
            raise renamed(error) from error


def _in_events(made: Generator[bytes]) -> Generator[bytes]:
    with closing(made):
        for piece in made:
            for at in range(0, len(piece), AT_ONCE):
                sound = base64.b64encode(piece[at : at + AT_ONCE]).decode()
                yield data({"type": "speech.audio.delta", "audio": sound})
    yield data({"type": "speech.audio.done", "usage": NO_TOKENS})
