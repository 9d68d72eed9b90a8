"""`/v1/jobs`: any kind of work, asked for, watched, ended and begun again."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated, Any
from uuid import UUID

from fastapi import Header, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.deps import LanguageDep, OwnerDep, Server, ServerDep, ServicesDep, parse_id
from pansori.api.fields import joined
from pansori.api.prefer import wait_of
from pansori.api.routing import Router
from pansori.api.shown import Artifacts, Job, JobPage, told
from pansori.api.sse import KEEP_ALIVE, EventStream, Waiter, event, resume_after
from pansori.api.waiting import ClientGone, until_finished
from pansori.db import AWAY
from pansori.domain.errors import InvalidRequest, Language, NotFound, Text
from pansori.domain.jobs import EventView, JobState, JobView, JsonDict
from pansori.domain.units import Seconds
from pansori.domain.words import explain
from pansori.workflows import Services

ORIGIN = "v1"
HIGHEST_PRIORITY = 1000
EVENTS_AT_ONCE = 500
NAME = r"^[A-Za-z0-9_.-]{0,64}$"
NO_SUCH_JOB = Text("There is no such job.", "그런 작업은 없어요.")

AS_TOLD: JsonDict = {"response_model_exclude_unset": True}  #: an error leaves out what there is nothing to say of

router = Router(prefix="/v1/jobs", tags=["jobs"])
IdempotencyKey = Annotated[
    str | None,
    Header(
        description="The same key with the same request gives the same job, however often it is sent.",
        min_length=1,
        max_length=255,
    ),
]
Prefer = Annotated[
    list[str] | None, Header(description="`wait=30`: answer when the job is finished, within 30 seconds.")
]


class JobRequest(BaseModel):
    """Work to be done. What `task` holds depends on `kind`."""

    model_config = ConfigDict(extra="forbid")

    kind: str = Field(description="What is to be made.", examples=["song"])
    task: JsonDict = Field(description="The work itself; its fields depend on the kind.")
    priority: int = Field(default=0, ge=-HIGHEST_PRIORITY, le=HIGHEST_PRIORITY, description="Higher goes first.")
    deadline: Annotated[Seconds, Field(gt=0, le=604_800)] | None = Field(
        default=None, description="Seconds from now after which the job fails if it is not finished."
    )


@router.post(
    "",
    status_code=202,
    response_model=Job,
    responses={
        200: {"model": Job, "description": "It was finished in the time that `Prefer` gave it."},
        202: {"description": "It is accepted; `Location` says where it is."},
    },
)
async def submit(
    body: JobRequest,
    request: Request,
    server: ServerDep,
    owner: OwnerDep,
    language: LanguageDep,
    prefer: Prefer = None,
    idempotency_key: IdempotencyKey = None,
) -> Response:
    """Submit a job. 202 with the job, or with `Prefer: wait=…` 200 when it was finished in that time."""
    job = await run_in_threadpool(_submit, server, owner, body, idempotency_key)
    headers = {"Location": f"/v1/jobs/{job.id}"}
    wait = wait_of(joined(prefer))
    if wait is not None:
        headers["Preference-Applied"] = f"wait={wait:g}"
        try:
            job = await until_finished(server, job.id, request, wait)
        except ClientGone:
            return Response(status_code=202)  # nobody reads it; the job goes on
    return JSONResponse(told(job, language), 200 if job.state.finished else 202, headers)


def _submit(server: Server, owner: UUID, body: JobRequest, key: str | None) -> JobView:
    task = parse_task(server.services, body.kind, body.task)
    return server.services.submit(
        body.kind,
        task,
        owner=owner,
        origin=ORIGIN,
        priority=body.priority,
        deadline=body.deadline,
        idempotency_key=key,
    )


def parse_task(services: Services, kind: str, given: JsonDict) -> Any:
    """`given` as the task of that kind. Raises `UnknownKind`, `InvalidRequest` naming the field."""
    model = services.kernel.workflow(kind).Task
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(("task", *map(str, first["loc"])))
        words = explain(first["type"], first["msg"], first.get("ctx", {}))
        raise InvalidRequest(Text(f"{field}: {words.en}", f"{field}: {words.ko}"), field=field) from error


@router.get("", response_model=JobPage, **AS_TOLD)
def list_jobs(
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    kind: Annotated[str | None, Query(pattern=NAME)] = None,
    state: Annotated[list[JobState] | None, Query(description="May be given several times.")] = None,
    origin: Annotated[
        str | None, Query(description="The contract that asked for it: `v1`, `memoria`, `cli` …", pattern=NAME)
    ] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    cursor: str | None = None,
) -> JsonDict:
    """Jobs, newest first. `next_cursor` asks for the page after this one; null: there is none."""
    with services.database.read() as session:
        page = jobs.list_jobs(session, owner=owner, origin=origin, kind=kind, states=state, cursor=cursor, limit=limit)
    return {"jobs": [told(job, language) for job in page.items], "next_cursor": page.next_cursor}


@router.get("/{job_id}", response_model=Job, **AS_TOLD)
def get(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> JsonDict:
    """A job with its steps, artifacts, progress, and its result or error."""
    with services.database.read() as session:
        return told(jobs.get(session, parse_id(job_id, NO_SUCH_JOB), owner=owner), language)


@router.post("/{job_id}/cancel", response_model=Job, **AS_TOLD)
def cancel(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> JsonDict:
    """Ask for a job's end. One that runs is `cancelled` a moment later; a finished one stays as it is."""
    return _change(jobs.cancel, job_id, services, owner, language)


@router.post("/{job_id}/retry", response_model=Job, **AS_TOLD)
def retry(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> JsonDict:
    """Run a failed or cancelled job again. What its finished steps left is used."""
    return _change(jobs.retry, job_id, services, owner, language)


def _change(change: Any, job_id: str, services: Services, owner: UUID, language: Language) -> JsonDict:
    key = parse_id(job_id, NO_SUCH_JOB)
    with services.database.write() as session:
        jobs.get(session, key, owner=owner)
        job = change(session, key)
    services.kernel.wake()
    return told(job, language)


@router.get("/{job_id}/artifacts", response_model=Artifacts)
def artifacts(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> JsonDict:
    """What the job has made: role, name, type, size, SHA-256 and the path of the bytes."""
    return {"artifacts": get(job_id, services, owner, language)["artifacts"]}


@router.get("/{job_id}/events", status_code=200, response_class=EventStream)
async def events(
    job_id: str,
    server: ServerDep,
    owner: OwnerDep,
    last_event_id: Annotated[str | None, Header(description="Go on after this event.")] = None,
) -> Response:
    """The job's events as they happen, from its first, or after `Last-Event-ID`. The stream ends with the job.

    204 where that was the last one, so that browsers do not come back for more.
    """
    job = await run_in_threadpool(_find, server, owner, job_id)
    after = resume_after(last_event_id, job.seq)
    if job.state.finished and after == job.seq:
        return Response(status_code=204)
    return EventStream(_follow(server, job.id, after))


async def _follow(server: Server, job_id: UUID, after: int) -> AsyncIterator[bytes]:
    waiter = Waiter(server)
    while True:
        is_last, found = await run_in_threadpool(_look, server, job_id, after)
        for one in found:
            data = {"job_id": str(one.job_id), "type": one.type, "at": one.at.isoformat(), **one.data}
            yield event(json.dumps(data, ensure_ascii=False), name=one.type, number=one.seq)
            after = one.seq
            waiter.sent()
        if len(found) == EVENTS_AT_ONCE:
            continue
        if is_last or not await waiter.sleep():
            return
        if waiter.keep_alive_due():
            yield KEEP_ALIVE
            waiter.sent()


def _find(server: Server, owner: UUID, job_id: str) -> JobView:
    with server.services.database.read() as session:
        return jobs.get(session, parse_id(job_id, NO_SUCH_JOB), owner=owner)


def _look(server: Server, job_id: UUID, after: int) -> tuple[bool, list[EventView]]:
    """Whether no more events will come, and those after `after`. A database that is away has none to tell of now."""
    try:
        with server.services.database.read() as session:
            job = jobs.get(session, job_id)
            found = jobs.events(session, job_id, after=after, limit=EVENTS_AT_ONCE)
    except AWAY:
        return False, []
    except NotFound:  # it was deleted while it was followed
        return True, []
    return job.state.finished, found
