"""The rows of a job: locked together, changed by the tables of transitions, every change with its event.

The job's row is the lock of all its rows. Whoever changes any of them takes it first; only a claim takes a step and
its job at once, skipping what is locked, so that nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, exists, insert, select, update
from sqlalchemy.orm import Session

from pansori import telemetry
from pansori.db.tables import Event, Job, Step
from pansori.domain.errors import NotFound, PansoriError, Text
from pansori.domain.jobs import TRANSITIONS, ErrorInfo, JobState, JsonDict, Progress, StepState
from pansori.lexicon.particles import attach

# statements of the hot paths are built once, on the bare tables: building them took most of a step's time
JOBS, STEPS, EVENTS = (cast(Table, model.__table__) for model in (Job, Step, Event))
_LOCK = (
    select(JOBS.c.id, JOBS.c.kind, JOBS.c.owner, JOBS.c.state, JOBS.c.cancel, JOBS.c.priority)
    .where(JOBS.c.id == bindparam("job"))
    .with_for_update()
)
_ADVANCE = (
    update(JOBS).where(JOBS.c.id == bindparam("job")).values(seq=JOBS.c.seq + bindparam("more")).returning(JOBS.c.seq)
)
_APPEND = insert(EVENTS)

OPEN = (StepState.WAITING, StepState.READY)  #: steps that nobody has begun


@dataclass(frozen=True)
class LockedJob:
    id: UUID
    kind: str
    owner: UUID
    state: JobState
    cancel: bool
    priority: int


@dataclass(frozen=True)
class Attempt:
    """The fencing token: one attempt at one step. Its writes count only while the step runs with this number."""

    step_id: int
    job_id: UUID
    number: int

    @property
    def is_current(self) -> Any:
        """For the WHERE of a statement on steps."""
        return (Step.id == self.step_id) & (Step.state == StepState.RUNNING) & (Step.attempt == self.number)


def about_attempt(attempt: Attempt) -> AbstractContextManager[None]:
    """For what others than the attempt itself log of it."""
    return telemetry.about(job_id=str(attempt.job_id), attempt=attempt.number)


class AttemptLost(Exception):
    """The step was taken away from this attempt; whatever it does is void."""


@dataclass(frozen=True)
class NewEvent:
    type: str
    data: JsonDict


def lock_job(session: Session, job_id: UUID) -> LockedJob:
    """Raises `NotFound`."""
    row = session.execute(_LOCK, {"job": job_id}).one_or_none()
    if row is None:
        raise NotFound(Text(f"There is no job {job_id}.", f"작업 {attach(str(job_id), '이/가')} 없어요."))
    return LockedJob(row.id, row.kind, row.owner, JobState(row.state), row.cancel, row.priority)


def record(session: Session, job_id: UUID, now: datetime, events: Iterable[NewEvent], **changes: Any) -> None:
    """Change the job's row and append its events, numbered without gaps."""
    new = list(events)
    last = session.execute(_ADVANCE, {"job": job_id, "more": len(new), **changes}).scalar_one()
    if new:
        insert_events(session, job_id, last - len(new) + 1, now, new)


def insert_events(session: Session, job_id: UUID, first: int, now: datetime, events: list[NewEvent]) -> None:
    """Append events whose numbers, from `first` on, were taken from the job's row in this transaction."""
    rows = [
        {"job_id": job_id, "seq": first + index, "type": event.type, "at": now, "data": event.data}
        for index, event in enumerate(events)
    ]
    session.execute(_APPEND, rows)


def move_job(job: LockedJob, to: JobState) -> JsonDict:
    """The change of a job's state, by the table."""
    assert to in TRANSITIONS[job.state], f"{job.state} → {to}"
    return {"state": to}


def end_job(
    session: Session,
    job: LockedJob,
    to: JobState,
    now: datetime,
    events: Iterable[NewEvent] = (),
    *,
    error: PansoriError | None = None,
    **changes: Any,
) -> None:
    """End the job, and those of its steps that nobody has begun. What still runs is ended by its watcher."""
    cancel_open_steps(session, job.id, now)
    info = None if error is None else ErrorInfo.of(error).model_dump(mode="json")
    data = {} if info is None else {"error": info}
    if "result" in changes:
        data["result"] = changes["result"]
    record(
        session,
        job.id,
        now,
        (*events, NewEvent(to.value, data)),
        **move_job(job, to),
        finished_at=now,
        error=info,
        **changes,
    )


def cancel_open_steps(session: Session, job_id: UUID, now: datetime) -> None:
    """End the steps of the job that nobody has begun."""
    open_steps = (Step.job_id == job_id, Step.state.in_(OPEN))
    session.execute(update(Step).where(*open_steps).values(state=StepState.CANCELLED, finished_at=now))


def is_running(session: Session, job_id: UUID) -> bool:
    """Whether a worker holds one of the job's steps."""
    return bool(
        session.execute(select(exists().where(Step.job_id == job_id, Step.state == StepState.RUNNING))).scalar()
    )


def progress_event(step: str, progress: Progress) -> NewEvent:
    return NewEvent("progress", {"step": step, **progress.model_dump()})
