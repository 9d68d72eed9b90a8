"""Claiming: one step goes to one worker, in one statement."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session, aliased

from pansori.db.tables import Job, Step
from pansori.domain.jobs import JobState, JsonDict, StepState
from pansori.domain.units import Seconds
from pansori.jobs._kernel import Kernel
from pansori.jobs._process import Worker
from pansori.jobs._rows import Attempt, NewEvent, record

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


def earliest_start(kernel: Kernel, queue: str, job_id: UUID | None = None) -> tuple[datetime | None, datetime]:
    """When the next ready step of `queue` may begin (None: there is none), and the clock. Takes no lock."""
    ready = _ready(Step, queue, job_id)
    with kernel.database.read() as session:
        now = kernel.database.now(session)
        due = session.execute(select(Step.run_after).where(*ready, Step.run_after <= now).limit(1)).scalar()
        if due is not None:  # the usual answer under load, however long the queue is
            return due, now
        return session.execute(select(func.min(Step.run_after)).where(*ready)).scalar(), now


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
    best = _best(kernel, queue, now, job_id).scalar_subquery()
    taken = session.execute(
        update(Step)
        .where(Step.id == best)
        .values(
            state=StepState.RUNNING,
            attempt=Step.attempt + 1,
            lease=now + timedelta(seconds=kernel.settings.lease),
            host=worker.host,
            pid=worker.pid,
            pid_started=worker.started,
            started_at=now,
            finished_at=None,
            deadline=None,
        )
        .returning(Step.id, Step.job_id, Step.attempt, Step.name, Step.params, Step.cache_key, Step.timeout)
    ).one_or_none()
    if taken is None:
        return None
    job = session.execute(
        select(Job.kind, Job.owner, Job.state, Job.task, Job.deadline, Job.priority).where(Job.id == taken.job_id)
    ).one()
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
    )


def outputs(session: Session, job_id: UUID) -> dict[str, JsonDict]:
    """Outputs of the job's finished steps, in the order of the plan."""
    done = select(Step.name, Step.output).where(Step.job_id == job_id, Step.state == StepState.SUCCEEDED)
    return {row.name: row.output or {} for row in session.execute(done.order_by(Step.id))}


def _ready(step: Any, queue: str, job_id: UUID | None) -> tuple[Any, ...]:
    conditions = (step.queue == queue, step.state == StepState.READY)
    return conditions if job_id is None else (*conditions, step.job_id == job_id)


def _best(kernel: Kernel, queue: str, now: datetime, job_id: UUID | None) -> Select[int]:
    step = aliased(Step)
    best = (
        select(step.id)
        .where(*_ready(step, queue, job_id), step.run_after <= now)
        .order_by(step.priority.desc(), step.run_after, step.id)
        .limit(1)
    )
    if kernel.database.dialect == "sqlite":
        return best
    return best.join(Job, Job.id == step.job_id).with_for_update(skip_locked=True)  # of the step and of its job


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
