"""Claiming: one step goes to one worker, in one statement."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from pansori.db import Dialect
from pansori.db.tables import Step
from pansori.domain.jobs import JobState, JsonDict, StepState
from pansori.domain.units import Seconds
from pansori.jobs._kernel import Kernel
from pansori.jobs._process import Worker
from pansori.jobs._rows import JOBS, STEPS, Attempt, NewEvent, record

NEEDED = ("kind", "owner", "state", "task", "deadline", "priority", "trace", "request_id")
_JOB = select(*(JOBS.c[name] for name in NEEDED)).where(JOBS.c.id == bindparam("job"))
_OUTPUTS = (
    select(STEPS.c.name, STEPS.c.output)
    .where(STEPS.c.job_id == bindparam("job"), STEPS.c.state == StepState.SUCCEEDED)
    .order_by(STEPS.c.id)
)

TAKEN = ("id", "job_id", "attempt", "name", "params", "cache_key", "timeout", "parked", "delivery")
TRIES = 20  #: when every ready step is locked by somebody, look again so often
PAUSE = Seconds(0.01)  #: between those looks, at most


@dataclass(frozen=True)
class Claim:
    """A step that is this worker's, with all it needs to run it."""

    attempt: Attempt
    name: str
    queue: str
    params: JsonDict
    cache_key: str | None
    deadline: datetime | None
    kind: str
    owner: UUID
    priority: int
    task: JsonDict
    outputs: Mapping[str, JsonDict]
    parked: bool = False
    """An earlier attempt chose to wait for a delivery."""
    delivery: JsonDict | None = None
    trace: str | None = None
    """W3C trace context of what asked for the job."""
    request_id: str | None = None
    """Of the request that asked for the job."""


def earliest_start(kernel: Kernel, queue: str, job_id: UUID | None = None) -> tuple[datetime | None, datetime]:
    """When the next ready step of `queue` may begin (None: there is none), and the clock. Takes no lock."""
    which = {"of_queue": queue, "of_job": job_id}
    with kernel.database.read() as session:
        now = kernel.database.now(session)
        due = session.execute(_due(job_id is not None), {**which, "now": now}).scalar()
        if due is not None:  # the usual answer under load, however long the queue is
            return due, now
        return session.execute(_earliest(job_id is not None), which).scalar(), now


def claim(kernel: Kernel, queue: str, worker: Worker, job_id: UUID | None = None) -> Claim | None:
    """The best ready step of `queue` (of one job only, where `job_id` says so), or None where there is none."""
    for _ in range(TRIES):
        earliest, now = earliest_start(kernel, queue, job_id)
        if earliest is None or earliest > now:
            return None
        with kernel.database.write() as session:
            found = _take(kernel, session, queue, worker, job_id)
        if found is not None:
            return found
        time.sleep(random.uniform(0, PAUSE))  # noqa: S311 - others hold the ready ones at this moment
    return None


def _take(kernel: Kernel, session: Session, queue: str, worker: Worker, job_id: UUID | None) -> Claim | None:
    now = kernel.database.now(session)
    taken = session.execute(
        _take_best(kernel.database.dialect, job_id is not None),
        {
            "of_queue": queue,
            "of_job": job_id,
            "now": now,
            "state": StepState.RUNNING,
            "lease": now + timedelta(seconds=kernel.settings.lease),
            "host": worker.host,
            "pid": worker.pid,
            "pid_started": worker.started,
            "started_at": now,
            "finished_at": None,
            "deadline": None,
        },
    ).one_or_none()
    if taken is None:
        return None
    job = session.execute(_JOB, {"job": taken.job_id}).one()
    deadline = _deadline(now, taken.timeout, job.deadline)
    if deadline is not None:
        session.execute(update(Step).where(Step.id == taken.id).values(deadline=deadline))
    _record_start(session, taken, JobState(job.state), queue, now)
    return Claim(
        attempt=Attempt(taken.id, taken.job_id, taken.attempt),
        name=taken.name,
        queue=queue,
        params=taken.params,
        cache_key=taken.cache_key,
        deadline=deadline,
        kind=job.kind,
        owner=job.owner,
        priority=job.priority,
        task=job.task,
        outputs=outputs(session, taken.job_id),
        parked=taken.parked,
        delivery=taken.delivery,
        trace=job.trace,
        request_id=job.request_id,
    )


def outputs(session: Session, job_id: UUID) -> dict[str, JsonDict]:
    """Outputs of the job's finished steps, in the order of the plan."""
    return {row.name: row.output or {} for row in session.execute(_OUTPUTS, {"job": job_id})}


def _ready(step: Any, of_one_job: bool) -> tuple[Any, ...]:
    conditions = (step.queue == bindparam("of_queue"), step.state == StepState.READY)
    return (*conditions, step.job_id == bindparam("of_job")) if of_one_job else conditions


@cache
def _due(of_one_job: bool) -> Select[Any]:
    step = STEPS.c
    return select(step.run_after).where(*_ready(step, of_one_job), step.run_after <= bindparam("now")).limit(1)


@cache
def _earliest(of_one_job: bool) -> Select[Any]:
    return select(func.min(STEPS.c.run_after)).where(*_ready(STEPS.c, of_one_job))


@cache
def _take_best(dialect: Dialect, of_one_job: bool) -> ReturningUpdate[Any]:
    other = STEPS.alias("best")
    step = other.c
    best = (
        select(step.id)
        .where(*_ready(step, of_one_job), step.run_after <= bindparam("now"))
        .order_by(step.priority.desc(), step.run_after, step.id)
        .limit(1)
    )
    if dialect == "postgresql":  # lock the step and its job, and wait for neither
        best = best.join(JOBS, JOBS.c.id == step.job_id).with_for_update(skip_locked=True)
    taken = STEPS.c
    claimed = update(STEPS).where(taken.id == best.scalar_subquery()).values(attempt=taken.attempt + 1)
    return claimed.returning(*(taken[name] for name in TAKEN))


def _deadline(now: datetime, timeout: float | None, job: datetime | None) -> datetime | None:
    own = None if timeout is None else now + timedelta(seconds=timeout)
    return min((moment for moment in (own, job) if moment is not None), default=None)


def _record_start(session: Session, step: Any, state: JobState, queue: str, now: datetime) -> None:
    started = NewEvent("step_started", {"step": step.name, "attempt": step.attempt, "queue": queue})
    if state is JobState.QUEUED:
        begun = NewEvent("running", {})
        record(session, step.job_id, now, (begun, started), state=JobState.RUNNING, started_at=now)
    else:
        record(session, step.job_id, now, (started,))
