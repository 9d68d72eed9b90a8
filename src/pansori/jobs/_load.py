"""What there is to do at this moment, and who does it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session, aliased

from pansori.db import now as now_of
from pansori.db.tables import Job, Step, Utc, WorkerProcess
from pansori.domain.jobs import QUEUES, JobState, StepState
from pansori.domain.units import Seconds
from pansori.jobs._presence import FORGOTTEN

MOST = 500  #: jobs that run, of which more would be looked at in vain: there are few


@dataclass(frozen=True)
class QueueLoad:
    """Of one queue. A step that is `due` could be begun by a worker that has time."""

    due: int
    oldest: Seconds
    """How long the oldest of those that are due could have been begun."""
    later: int
    """Ready, and their time has not come yet: the next try after an error."""
    parked: int
    """They wait for something from outside."""
    running: int
    workers: int
    """Processes, on all machines, that host workers of this queue and were heard of lately."""


@dataclass(frozen=True)
class Load:
    """Of the whole installation."""

    jobs: Mapping[tuple[str, str], int]
    """By kind and state, of those that are not finished."""
    queues: Mapping[str, QueueLoad]


def load(session: Session) -> Load:
    """A few statements; where there may be many rows, each is answered by an index alone."""
    now = now_of(session)
    jobs = count_jobs(session, (JobState.QUEUED, JobState.RUNNING))
    begun = _of_begun_jobs(session, now)
    due = _due(session, now, begun)
    later = _later(session, now)
    running = _by_queue(session, Step.queue, Step.state == StepState.RUNNING)
    workers = _by_queue(session, WorkerProcess.queue, WorkerProcess.seen >= now - timedelta(seconds=FORGOTTEN))
    queues: dict[str, QueueLoad] = {}
    for queue in QUEUES:
        number, since = due.get(queue, (0, None))
        first = min((at for at in (since, *(one.at for one in begun if one.queue == queue)) if at), default=now)
        waiting, parked = later.get(queue, (0, 0))
        queues[queue] = QueueLoad(
            due=number,
            oldest=Seconds(max(0.0, (now - first).total_seconds())),
            later=waiting - parked,
            parked=parked,
            running=running.get(queue, 0),
            workers=workers.get(queue, 0),
        )
    return Load(jobs, queues)


def count_jobs(session: Session, states: Collection[JobState]) -> dict[tuple[str, str], int]:
    """How many jobs there are in the database, by kind and state. An index tells, which all of them are in: of 100,000
    finished ones it takes a tenth of a second."""
    counted = select(Job.kind, Job.state, func.count()).where(Job.state.in_(states)).group_by(Job.state, Job.kind)
    return {(kind, state): number for kind, state, number in session.execute(counted)}


@dataclass(frozen=True)
class _Due:
    """A step that is due, and since when."""

    id: int
    queue: str
    at: datetime


def _of_begun_jobs(session: Session, now: datetime) -> list[_Due]:
    """Steps that are due of jobs that run, which are few. Their `run_after` is of the job's planning: they could begin
    when the last step before them was done."""
    other = aliased(Step)
    done = select(func.max(other.finished_at)).where(other.job_id == Step.job_id, other.state == StepState.SUCCEEDED)
    columns = (Step.id, Step.queue, Step.state, Step.run_after, done.scalar_subquery().label("done"))
    begun = session.scalars(select(Job.id).where(Job.state == JobState.RUNNING).limit(MOST)).all()
    if not begun:
        return []
    # which of their steps are due is seen here: SQLite would rather look through all that are
    rows = session.execute(select(*columns).where(Step.job_id.in_(begun))).all()
    due = (row for row in rows if row.state == StepState.READY and row.run_after <= now)
    return [_Due(row.id, row.queue, max(row.run_after, row.done or row.run_after)) for row in due]


def _due(session: Session, now: datetime, begun: Sequence[_Due]) -> dict[str, tuple[int, datetime | None]]:
    """By queue: how many are due, and since when the oldest of a job that was not begun yet."""
    others = Step.id.not_in([one.id for one in begun])
    since = func.min(case((others, Step.run_after)), type_=Utc())
    grouped = select(Step.queue, func.count(), since).group_by(Step.queue)
    rows = session.execute(grouped.where(Step.queue.in_(QUEUES), Step.state == StepState.READY, Step.run_after <= now))
    return {queue: (number, at) for queue, number, at in rows}


def _later(session: Session, now: datetime) -> dict[str, tuple[int, int]]:
    """By queue: how many are ready and not due, and how many of these are parked."""
    parked = func.coalesce(func.sum(case((Step.parked, 1), else_=0)), 0)
    grouped = select(Step.queue, func.count(), parked).group_by(Step.queue)
    rows = session.execute(grouped.where(Step.queue.in_(QUEUES), Step.state == StepState.READY, Step.run_after > now))
    return {queue: (number, waiting) for queue, number, waiting in rows}


def _by_queue(session: Session, queue: Any, *where: Any) -> dict[str, int]:
    return dict(iter(session.execute(select(queue, func.count()).where(*where).group_by(queue))))
