"""Where an analysis is: as one answer, and as a stream that ends with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.contracts.audio_analysis._kept import refuses
from pansori.api.contracts.audio_analysis._views import (
    KINDS,
    AnalysisState,
    gone_line,
    last_line_of,
    line_of,
    stage_of,
    state_of,
)
from pansori.api.deps import LanguageDep, OwnerDep, Server, ServerDep, ServicesDep, parse_id
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.api.sse import KEEP_ALIVE, EventStream, Waiter
from pansori.db import AWAY
from pansori.domain.errors import Language, NotFound, Text
from pansori.domain.jobs import EventView, JobView
from pansori.workflows import Services

NO_SUCH_JOB = Text("There is no such analysis.", "그런 분석은 없어요.")
EVENTS_AT_ONCE = 500

router = Router(prefix="/tokens", tags=["audio_analysis"], route_class=route_with(detail))


@router.get("/analysis-result/{job_id}", response_model=AnalysisState, responses=refuses(404))
def analysis_result(job_id: str, services: ServicesDep, owner: OwnerDep, language: LanguageDep) -> AnalysisState:
    """The state of an analysis, and its result when it is done."""
    return state_of(find(services, owner, job_id), language)


@router.get("/analysis-progress/{job_id}", status_code=200, response_class=EventStream, responses=refuses(404))
async def analysis_progress(job_id: str, server: ServerDep, owner: OwnerDep, language: LanguageDep) -> EventStream:
    """`data:` lines: what is being done, from the beginning, and at last the result, with which the stream ends."""
    job = await run_in_threadpool(find, server.services, owner, job_id)
    return EventStream(_follow(server, job.id, language))


def find(services: Services, owner: UUID | None, job_id: str) -> JobView:
    """An analysis of that owner's, or anybody's. Raises `NotFound`."""
    with services.database.read() as session:
        try:
            job = jobs.get(session, parse_id(job_id, NO_SUCH_JOB), owner=owner)
        except NotFound:
            raise NotFound(NO_SUCH_JOB) from None
    if job.kind not in KINDS:
        raise NotFound(NO_SUCH_JOB)
    return job


async def _follow(server: Server, job_id: UUID, language: Language) -> AsyncIterator[bytes]:
    waiter, after, told, reached = Waiter(server), 0, set[str](), 0
    while True:
        try:
            job, found = await run_in_threadpool(_look, server, job_id, after)
        except NotFound:  # it was cancelled and deleted in one go
            yield gone_line(reached)
            return
        for one in found:
            after = one.seq
            step = one.data.get("step", "") if one.type == "step_started" else ""
            stage = stage_of(job, step) if job is not None and step not in told else None
            if stage is not None:  # once, however often the step is tried
                told.add(step)
                reached = stage.progress
                yield line_of(stage, language)
                waiter.sent()
        if len(found) == EVENTS_AT_ONCE:
            continue
        if job is not None and job.state.finished:
            yield last_line_of(job, language)
            return
        if not await waiter.sleep():
            return
        if waiter.keep_alive_due():
            yield KEEP_ALIVE
            waiter.sent()


def _look(server: Server, job_id: UUID, after: int) -> tuple[JobView | None, list[EventView]]:
    """The job, and its events after `after`. A database that is away has none to tell of now. Raises `NotFound`."""
    try:
        with server.services.database.read() as session:
            job = jobs.get(session, job_id)
            return job, jobs.events(session, job_id, after=after, limit=EVENTS_AT_ONCE)
    except AWAY:
        return None, []
