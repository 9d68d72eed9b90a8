"""`/v1/generations`: songs from prompts, asked for, watched and cancelled."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator
from pydantic_core import PydanticKnownError
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.contracts.texttune._views import Generation, Refusal, generation_of
from pansori.api.deps import GuestOwnerDep, LanguageDep, OwnerDep, Server, ServerDep, ServicesDep, parse_id
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.api.sse import KEEP_ALIVE, EventStream, Waiter, event, resume_after
from pansori.db import AWAY
from pansori.domain.errors import InvalidRequest, Language, NotFound, Text
from pansori.domain.jobs import JobView, JsonDict
from pansori.domain.media import AudioFormat, Quality
from pansori.domain.tasks import (
    GENRE_MAX_CHARACTERS,
    LYRICS_MAX_CHARACTERS,
    PROMPT_MAX_CHARACTERS,
    SEED_MAX,
    SHORTEST,
    SampleRate,
)
from pansori.domain.units import Seconds
from pansori.library import tracks
from pansori.workflows import GenerationTask, Services, Voice

ORIGIN = "texttune"
KIND = "generation"
EVENT = "generation"
MISSING = Text("There is no such generation.", "그런 생성 작업은 없어요.")

router = Router(prefix="/v1/generations", tags=["texttune"], route_class=route_with(detail))


def fails(*statuses: int) -> dict[int | str, JsonDict]:
    return {status: {"model": Refusal} for status in statuses}


class GenerationRequest(BaseModel):
    """A prompt, and how its song should be delivered. All but the prompt may be left out; there are no other fields."""

    model_config = ConfigDict(extra="forbid")

    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        max_length=PROMPT_MAX_CHARACTERS,
        description="What the song should be, in free words, Korean or English.",
        examples=["비 오는 밤의 잔잔한 피아노 발라드, 여성 보컬"],
    )
    duration: Seconds | None = Field(
        default=None,
        ge=SHORTEST,
        allow_inf_nan=False,
        description="Seconds, at most `MAX_DURATION_SECONDS`. Default: that many.",
    )
    samplerate: SampleRate | None = Field(default=None, description="Samples a second. Default: the engine's own.")
    seed: int | None = Field(
        default=None, ge=0, le=SEED_MAX, description="The same seed gives the same song. Default: chosen."
    )
    quality: Quality | None = Field(default=None, description="How much work goes into it. Default: standard.")
    lyrics: str | None = Field(
        default=None,
        max_length=LYRICS_MAX_CHARACTERS,
        description="What is sung. Empty: an instrumental. Default: written where the prompt asks for singing or a "
        "voice is named.",
    )
    expanded_prompt: str | None = Field(
        default=None,
        max_length=GENRE_MAX_CHARACTERS,
        description="The prompt in more words, as the engine is to get it. Default: written from the prompt.",
    )
    voice: Voice | None = Field(default=None, description="Who sings. Default: as the prompt asks.")
    title: str | None = Field(default=None, max_length=200, description="Default: written from the prompt.")
    format: AudioFormat | None = Field(default=None, description="Format of the file. Default: mp3, or as it came.")
    engine: str | None = Field(default=None, max_length=64, description="Who composes. Default: as set.")
    options: JsonDict | None = Field(default=None, description="Options of that engine; see GET /v1/engines.")

    @field_validator("duration", "seed", mode="before")
    @classmethod
    def _is_number(cls, value: Any) -> Any:
        if isinstance(value, bool):  # which would count as 0 or 1
            raise PydanticKnownError("float_type")
        return value

    def task(self, longest: Seconds) -> GenerationTask:
        """Raises `InvalidRequest` for a song that is longer."""
        given = self.model_dump(exclude_none=True)
        return GenerationTask.model_validate({**given, "duration": allowed(self.duration, longest)})


def allowed(duration: Seconds | None, longest: Seconds) -> Seconds:
    """As long as is asked for, or else as may be. Raises `InvalidRequest` for a longer one."""
    if duration is not None and duration > longest:
        raise InvalidRequest(
            Text(
                f"At most {longest:g} seconds are made here (MAX_DURATION_SECONDS).",
                f"여기서는 최대 {longest:g}초까지 만들 수 있어요 (MAX_DURATION_SECONDS).",
            ),
            field="duration",
        )
    return longest if duration is None else duration


def begin(services: Services, owner: UUID, request: GenerationRequest, *, key: str | None = None) -> JobView:
    """Accept a generation. `key`: the same with the same request gives the same one. Raises `InvalidRequest` naming
    the field, `EngineUnavailable`."""
    task = request.task(services.settings.max_duration_seconds)
    return services.submit(KIND, task, owner=owner, origin=ORIGIN, idempotency_key=key)


@router.post(
    "", status_code=202, response_model=Generation, responses={202: {"description": "`Location` says where it is."}}
)
def generate(
    body: GenerationRequest,
    services: ServicesDep,
    owner: GuestOwnerDep,
    language: LanguageDep,
    response: Response,
    idempotency_key: Annotated[str | None, Header(min_length=1, max_length=255)] = None,
) -> Generation:
    """Begin a song. It is `queued` at once, and a track of the library when it has `succeeded`."""
    job = begin(services, owner, body, key=idempotency_key)
    response.headers["Location"] = f"{router.prefix}/{job.id}"
    return _told(services, job, language)


@router.get("/{generation_id}", response_model=Generation, responses=fails(404))
def generation(generation_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> Generation:
    """How far it is, and its track when it is done."""
    return _told(services, _find(services, owner, generation_id), language)


@router.post("/{generation_id}/cancel", response_model=Generation, responses=fails(404))
def cancel(generation_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> Generation:
    """Stop making it. It is `failed` with the error `cancelled` a moment later; a finished one stays as it is."""
    job = _find(services, owner, generation_id)
    with services.database.write() as session:
        job = jobs.cancel(session, job.id)
    services.kernel.wake()
    return _told(services, job, language)


@router.get("/{generation_id}/events", status_code=200, response_class=EventStream, responses=fails(404))
async def events(
    generation_id: str,
    server: ServerDep,
    owner: OwnerDep,
    language: LanguageDep,
    last_event_id: Annotated[str | None, Header(description="Go on after this event.")] = None,
) -> Response:
    """`generation` events: the generation as it is now, and after every change. The stream ends with it.

    204 where `Last-Event-ID` was the last one, so that browsers do not come back for more.
    """
    job = await run_in_threadpool(_find, server.services, owner, generation_id)
    after = resume_after(last_event_id, job.seq)
    if job.state.finished and after == job.seq:
        return Response(status_code=204)
    return EventStream(_follow(server, job.id, after, language))


async def _follow(server: Server, job_id: UUID, after: int, language: Language) -> AsyncIterator[bytes]:
    waiter = Waiter(server)
    while True:
        seen = await run_in_threadpool(_look, server.services, job_id, language)
        if seen is not None:
            number, is_over, shown = seen
            if number > after:
                yield event(shown, name=EVENT, number=number)
                after = number
                waiter.sent()
            if is_over:
                return
        if not await waiter.sleep():
            return
        if waiter.keep_alive_due():
            yield KEEP_ALIVE
            waiter.sent()


def _look(services: Services, job_id: UUID, language: Language) -> tuple[int, bool, str] | None:
    """The number of the newest event, whether it was the last, and the generation in JSON; of one that was deleted
    while it was followed, nothing new. None: the database is away, which has nothing to tell of now."""
    try:
        with services.database.read() as session:
            job = jobs.get(session, job_id)
            track = tracks.of_jobs(session, [job.id]).get(job.id)
    except AWAY:
        return None
    except NotFound:
        return 0, True, ""
    return job.seq, job.state.finished, generation_of(job, track, language).model_dump_json()


def _find(services: Services, owner: UUID, generation_id: str) -> JobView:
    with services.database.read() as session:
        try:
            job = jobs.get(session, parse_id(generation_id, MISSING), owner=owner)
        except NotFound:
            raise NotFound(MISSING) from None
    if job.kind != KIND:
        raise NotFound(MISSING)
    return job


def _told(services: Services, job: JobView, language: Language) -> Generation:
    with services.database.read() as session:
        track = tracks.of_jobs(session, [job.id]).get(job.id)
    return generation_of(job, track, language)
