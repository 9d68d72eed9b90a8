"""The routes as documented, each with and without its trailing slash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.contracts.memoria._places import ON_THE_LINE, gate
from pansori.api.contracts.memoria._stream import Snapshots, follow
from pansori.api.contracts.memoria._views import (
    STATUSES,
    Queued,
    ServerStatus,
    SongPage,
    SongStatus,
    songs_of,
    status_of,
)
from pansori.api.delivery import deliver
from pansori.api.deps import LanguageDep, OwnerDep, Server, ServerDep, ServicesDep, parse_id
from pansori.api.problems import Failure, detail, failure, failure_of_job, route_with
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.api.waiting import ClientGone, until_finished
from pansori.domain.errors import Cancelled, Conflict, InvalidRequest, Language, NotFound, Text
from pansori.domain.jobs import JobState, JobView, JsonDict
from pansori.domain.media import AudioFormat
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, LYRICS_MAX_CHARACTERS
from pansori.lexicon.particles import attach
from pansori.workflows import Services, SongTask

ORIGIN = "memoria"
MESSAGE = "Memoria Music API"
KIND = "song"
FIELDS = {"genre": "genre_txt", "lyrics": "lyrics_txt"}  #: our names of a task's fields → this contract's
NO_SUCH_JOB = "해당 작업을 찾을 수 없습니다."
NOT_DOWNLOADABLE = "다운로드할 수 없습니다. 현재 상태: {status}"
MP3: dict[int | str, JsonDict] = {
    200: {"description": "The song.", "content": {"audio/mpeg": {"schema": {"type": "string", "format": "binary"}}}}
}


class Refusal(BaseModel):
    detail: str


def _fails(*statuses: int) -> dict[int | str, JsonDict]:
    return {status: {"model": Refusal} for status in statuses}


class SongRequest(BaseModel):
    genre_txt: str = Field(
        max_length=GENRE_MAX_CHARACTERS,
        description="Style of the music in free words, Korean or English.",
        examples=["신나는 K-POP"],
    )
    lyrics_txt: str = Field(
        max_length=LYRICS_MAX_CHARACTERS,
        description="What is sung, a line each; `[verse]`, `[chorus]` … may mark its parts. Empty: an instrumental.",
        examples=["여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께"],
    )

    def task(self) -> SongTask:
        return SongTask(genre=self.genre_txt, lyrics=self.lyrics_txt, format=AudioFormat.MP3)


router = Router(tags=["memoria"], route_class=route_with(detail))
Route = Callable[..., Any]


def _both(method: str, path: str, **documented: Any) -> Callable[[Route], Route]:
    """The route as documented, and the same answer with or without its trailing slash."""

    def register(route: Route) -> Route:
        other = path.removesuffix("/") if path.endswith("/") else f"{path}/"
        router.add_api_route(path, route, methods=[method], **documented)
        router.add_api_route(other, route, methods=[method], include_in_schema=False, **documented)
        return route

    return register


# -- making songs ------------


@_both("POST", "/generate-music-async/", response_model=Queued)
def generate_music_async(body: SongRequest, server: ServerDep, owner: OwnerDep) -> Queued:
    """Begin a song and return its id at once."""
    job = _submit(server, owner, body)
    return Queued(job_id=str(job.id), status="queued")


@_both("POST", "/generate-music-sync/", response_class=Response, responses={**MP3, **_fails(429, 503)})
async def generate_music_sync(
    body: SongRequest, request: Request, server: ServerDep, owner: OwnerDep, language: LanguageDep
) -> Response:
    """Make a song and return its MP3. 429 while another one is being made. Hanging up cancels it."""
    job = await run_in_threadpool(_submit, server, owner, body, on_the_line=True)
    try:
        job = await until_finished(server, job.id, request)
    except ClientGone:
        await run_in_threadpool(_cancel, server.services, job.id)
        return Response(status_code=499)  # nobody reads it
    if job.state is JobState.SUCCEEDED:
        return await run_in_threadpool(_song, request, server.services, job)
    return detail(_why_not(job, language))


def _submit(server: Server, owner: UUID, body: SongRequest, *, on_the_line: bool = False) -> JobView:
    settings = server.services.settings
    try:
        return server.services.submit(
            KIND,
            body.task(),
            owner=owner,
            origin=ORIGIN,
            priority=ON_THE_LINE if on_the_line else 0,
            gate=gate(ORIGIN, owner, settings.memoria_concurrency) if on_the_line else None,
        )
    except InvalidRequest as error:
        field = FIELDS.get(error.field or "", error.field)
        raise InvalidRequest(error.message, field=field, cure=error.cure) from error


def _why_not(job: JobView, language: Language) -> Failure:
    """Why a song that was waited for is not there."""
    if job.error is not None:
        failed = failure_of_job(job.error, language)
        return replace(failed, field=FIELDS.get(failed.field or "", failed.field))
    if job.state is JobState.CANCELLED:
        return failure(Cancelled(Text("The song was cancelled.", "음악 생성이 취소되었어요.")), language)
    words = Text(
        f"The server is about to stop. The song goes on as job {job.id}.",
        f"서버가 곧 멈춰요. 음악은 작업 {attach(str(job.id), '으로/로')} 이어서 만들어져요.",
    )
    return Failure(503, "unavailable", words.in_language(language), headers={"Retry-After": "10"})


def _cancel(services: Services, job_id: UUID) -> JobView:
    with services.database.write() as session:
        job = jobs.cancel(session, job_id)
    services.kernel.wake()
    return job


# -- watching and fetching them ------------


@_both("GET", "/job-status/{job_id}", response_model=SongStatus, responses=_fails(404))
def job_status(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> SongStatus:
    """State of one song."""
    return status_of(_find(services, owner, job_id), language)


@_both("DELETE", "/job-status/{job_id}", response_model=SongStatus, responses=_fails(404, 409))
def cancel_job(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> SongStatus:
    """Cancel a song. One that is being made is `failed` with the error `cancelled` a moment later."""
    job = _find(services, owner, job_id)
    if job.state in (JobState.SUCCEEDED, JobState.FAILED):
        raise Conflict(Text("The song is finished already.", "이미 끝난 작업이에요."))
    return status_of(_cancel(services, job.id), language)


@_both("GET", "/music/download/{job_id}", response_class=Response, responses={**MP3, **_fails(400, 404)})
def download_music(job_id: str, request: Request, services: ServicesDep, owner: OwnerDep) -> Response:
    """The finished song as an MP3 file. Ranges are understood."""
    job = _find(services, owner, job_id)
    if job.state is not JobState.SUCCEEDED:
        words = NOT_DOWNLOADABLE.format(status=STATUSES[job.state])
        return detail(Failure(400, "not_finished", words))
    return _song(request, services, job)


@_both("GET", "/status", response_model=ServerStatus)
def server_status(services: ServicesDep, owner: OwnerDep) -> ServerStatus:
    """The song that is being made, how many wait, and how many there have been."""
    with services.database.read() as session:
        active = jobs.running(session, origin=ORIGIN, owner=owner)
        counted = jobs.counts(session, origin=ORIGIN, owner=owner)
    return ServerStatus(
        active_job=str(active[0]) if active else None, queue_size=counted.queued, job_count=counted.total
    )


@_both("GET", "/jobs", response_model=SongPage)
def list_songs(
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
    cursor: str | None = None,
) -> SongPage:
    """All songs with their states, newest first."""
    with services.database.read() as session:
        active = jobs.running(session, origin=ORIGIN, owner=owner)
        page = jobs.list_jobs(session, owner=owner, origin=ORIGIN, cursor=cursor, limit=limit)
    songs = songs_of(page.items, active[0] if active else None, language)
    return SongPage(active_job=songs.active_job, jobs=songs.jobs, next_cursor=page.next_cursor)


@_both("GET", "/events", status_code=200, response_class=EventStream)
async def song_events(
    server: ServerDep,
    owner: OwnerDep,
    language: LanguageDep,
    last_event_id: Annotated[str | None, Header(description="Sent by browsers that come back.")] = None,
) -> EventStream:
    """`job_update` events: the state of every unfinished and recently finished song, now and after every change."""
    snapshots = server.shared(Snapshots, (ORIGIN, owner))
    return EventStream(follow(server, snapshots, last_event_id, language))


def _find(services: Services, owner: UUID, job_id: str) -> JobView:
    """A song of this contract's."""
    missing = Text(NO_SUCH_JOB, NO_SUCH_JOB)
    with services.database.read() as session:
        try:
            job = jobs.get(session, parse_id(job_id, missing), owner=owner)
        except NotFound:
            raise NotFound(missing) from None
    if job.origin != ORIGIN:
        raise NotFound(missing)
    return job


def _song(request: Request, services: Services, job: JobView) -> Response:
    assert job.result is not None, "a job that succeeded has its result"
    with services.database.read() as session:
        info = services.assets.info(session, UUID(job.result["asset_id"]), owner=job.owner)
    return deliver(request, services.assets, info, name=f"{job.id}.mp3", how="attachment")
