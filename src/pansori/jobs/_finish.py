"""The ends of an attempt: done, failed, cancelled, lost. Each is one transaction, and counts only if still current."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, case, select, update
from sqlalchemy.orm import Session

from pansori.db.tables import Job, Step
from pansori.domain.errors import Cancelled, DeadlineExceeded, InternalError, PansoriError, Text, WorkerLost
from pansori.domain.jobs import ErrorInfo, JobState, JsonDict, Progress, StepSpec, StepState
from pansori.domain.units import Seconds
from pansori.jobs._artifacts import attach
from pansori.jobs._backoff import backoff
from pansori.jobs._claim import Claim, outputs
from pansori.jobs._kernel import Kernel
from pansori.jobs._plan import append_steps
from pansori.jobs._rows import (
    STEPS,
    Attempt,
    AttemptLost,
    LockedJob,
    NewEvent,
    cancel_open_steps,
    end_job,
    is_running,
    lock_job,
    progress_event,
    record,
)

_CLOSE = (
    update(STEPS)
    .where(
        STEPS.c.id == bindparam("step"),
        STEPS.c.state == StepState.RUNNING,
        STEPS.c.attempt == bindparam("number"),
    )
    .returning(STEPS.c.dependents)
)
_UNBLOCK = (
    update(STEPS)
    .where(
        STEPS.c.job_id == bindparam("job"),
        STEPS.c.name.in_(bindparam("names", expanding=True)),
        STEPS.c.state == StepState.WAITING,
    )
    .values(
        blockers=STEPS.c.blockers - 1,
        state=case((STEPS.c.blockers == 1, StepState.READY), else_=StepState.WAITING),
    )
    .returning(STEPS.c.queue, STEPS.c.state)
)
_UNDONE = select(STEPS.c.id).where(STEPS.c.job_id == bindparam("job"), STEPS.c.state != StepState.SUCCEEDED).limit(1)

FIRST_PAUSE = Seconds(0.5)  #: before the second attempt; doubled each time
LONGEST_PAUSE = Seconds(60.0)


@dataclass(frozen=True)
class Outcome:
    """What an attempt that is done leaves behind."""

    output: JsonDict
    written: Mapping[str, UUID] = field(default_factory=dict)
    """Pending assets by role; they become artifacts."""
    reused: Mapping[str, UUID] | None = None
    """Assets of an earlier step with the same cache key, by role. None: the step was worked on."""
    appended: Sequence[StepSpec] = ()
    progress: Progress | None = None
    """The last one reported, where it was not written yet."""


def succeed(kernel: Kernel, session: Session, claim: Claim, outcome: Outcome) -> set[str]:
    """Store what the step leaves, unblock what waited for it, and end the job with its last step.

    Returns the queues with newly ready steps. Raises `AttemptLost`.
    """
    now = kernel.database.now(session)
    job = lock_job(session, claim.attempt.job_id)
    if job.state.finished:  # another step has ended it
        raise AttemptLost
    ended: JsonDict = {"output": outcome.output, "error": None, "reused": outcome.reused is not None}
    if claim.delivery is not None:
        ended["delivery"] = {}  # what it brought is in the output now; that it came is remembered
    dependents = close_attempt(session, claim.attempt, StepState.SUCCEEDED, now, **ended)
    events = [progress_event(claim.name, outcome.progress)] if outcome.progress is not None else []
    events += _attach(kernel, session, job, claim.attempt, outcome)
    events.append(NewEvent("step_succeeded", {"step": claim.name, "attempt": claim.attempt.number}))
    queues = _unblock(session, job.id, dependents)
    if outcome.appended:
        queues |= append_steps(session, job.id, outcome.appended, priority=job.priority, now=now)
    changes: JsonDict = {}
    if outcome.progress is not None:
        changes = {"progress": outcome.progress.model_dump(), "progress_at": now}
    if job.cancel:
        return _after_cancel(session, job, now, events, changes)
    if _all_done(session, job.id):
        workflow = kernel.workflow(job.kind)
        result = workflow.result(outputs(session, job.id))
        end_job(session, job, JobState.SUCCEEDED, now, events, result=result, **changes)
        workflow.keep(session, job.id, result)
        return set()
    record(session, job.id, now, events, **changes)
    return queues


def fail(kernel: Kernel, session: Session, claim: Claim, error: PansoriError) -> set[str]:
    """Note that the attempt failed: try again later where the error allows it, or end the job.

    Returns the queues with newly ready steps. Raises `AttemptLost`.
    """
    now = kernel.database.now(session)
    job = lock_job(session, claim.attempt.job_id)
    if job.cancel or job.state.finished:
        cancel_step(session, job, claim.attempt, now)
        return set()
    if isinstance(error, Cancelled):
        error = InternalError("The step ended as cancelled, and nobody had asked for that.")
    columns = (Step.failures, Step.max_attempts, Step.delivery.is_not(None).label("delivered"))
    row = session.execute(select(*columns).where(claim.attempt.is_current)).one_or_none()
    if row is None:
        raise AttemptLost
    if row.delivered and claim.delivery is None:  # it came while the attempt gave up
        close_attempt(session, claim.attempt, StepState.READY, now, run_after=now)
        return {claim.queue}
    failures = row.failures + 1
    if not error.retryable or failures >= row.max_attempts:
        _fail_job(kernel, session, job, claim.attempt, now, error, failures=failures)
        return set()
    run_after = now + timedelta(seconds=pause_after(failures))
    info = ErrorInfo.of(error).model_dump(mode="json")
    close_attempt(session, claim.attempt, StepState.READY, now, failures=failures, run_after=run_after, error=info)
    data = {"step": claim.name, "attempt": claim.attempt.number, "error": info, "run_after": run_after.isoformat()}
    record(session, job.id, now, (NewEvent("step_retried", data),))
    return {claim.queue}


def pause_after(failures: int) -> Seconds:
    """How long to wait after the so-manieth failure: doubled each time, and spread so that not all come at once."""
    jitter = random.uniform(0.75, 1.25)  # noqa: S311 - no secret
    return Seconds(backoff(FIRST_PAUSE, failures, LONGEST_PAUSE) * jitter)


def release(kernel: Kernel, session: Session, attempt: Attempt, reason: str, *, counted: bool = True) -> set[str]:
    """Take a step back from a worker that is gone. It runs again at once, unless its job is over or its luck is.

    `counted` is False where the worker was ended by us for its host's sake. Returns the queues with newly ready steps.
    Raises `AttemptLost` where somebody else was faster.
    """
    now = kernel.database.now(session)
    job = lock_job(session, attempt.job_id)
    columns = (Step.name, Step.queue, Step.losses, Step.deadline)
    row = session.execute(select(*columns).where(attempt.is_current)).one_or_none()
    if row is None:
        raise AttemptLost
    if job.cancel or job.state.finished:
        cancel_step(session, job, attempt, now)
        return set()
    if row.deadline is not None and row.deadline <= now:
        _fail_job(kernel, session, job, attempt, now, too_late(row.name))
        return set()
    losses = row.losses + int(counted)
    data = {"step": row.name, "attempt": attempt.number, "losses": losses, "reason": reason}
    lost = NewEvent("step_lost", data)
    if losses > kernel.settings.worker_losses:
        _fail_job(kernel, session, job, attempt, now, _unlucky(row.name, losses), (lost,), losses=losses)
        return set()
    close_attempt(session, attempt, StepState.READY, now, losses=losses, run_after=now)
    record(session, job.id, now, (lost,))
    return {row.queue}


def too_late(step: str) -> DeadlineExceeded:
    return DeadlineExceeded(
        Text(f"The step “{step}” took longer than it was allowed.", f"“{step}” 단계가 허용된 시간을 넘겼어요.")
    )


def _unlucky(step: str, losses: int) -> WorkerLost:
    return WorkerLost(
        Text(
            f"The process that ran the step “{step}” died {losses} times.",
            f"“{step}” 단계를 맡은 프로세스가 {losses}번 죽었어요.",
        ),
        cure=Text("See whether it needs more memory than there is.", "메모리가 모자라지 않은지 확인하세요."),
    )


# -- pieces ------------


def close_attempt(session: Session, attempt: Attempt, to: StepState, now: datetime, **changes: Any) -> list[str]:
    """Let go of the step in a new state. Returns its dependents' names; raises `AttemptLost`."""
    finished = {} if to is StepState.READY else {"finished_at": now}
    values = {"state": to, "lease": None, "host": None, "pid": None, "pid_started": None, **finished, **changes}
    current = {"step": attempt.step_id, "number": attempt.number}
    dependents: list[str] | None = session.execute(_CLOSE, {**current, **values}).scalar_one_or_none()
    if dependents is None:
        raise AttemptLost
    return dependents


def _attach(kernel: Kernel, session: Session, job: LockedJob, attempt: Attempt, outcome: Outcome) -> list[NewEvent]:
    if outcome.written:
        kernel.assets.commit(session, list(outcome.written.values()), job.owner)
    if outcome.reused:
        kernel.assets.hold(session, list(outcome.reused.values()))
    return attach(session, attempt.job_id, attempt.step_id, {**(outcome.reused or {}), **outcome.written})


def _unblock(session: Session, job_id: UUID, names: list[str]) -> set[str]:
    """They keep the `run_after` of their planning: a job that was begun goes on before younger ones begin."""
    if not names:
        return set()
    unblocked = session.execute(_UNBLOCK, {"job": job_id, "names": names})
    return {row.queue for row in unblocked if row.state == StepState.READY}


def _all_done(session: Session, job_id: UUID) -> bool:
    return session.execute(_UNDONE, {"job": job_id}).first() is None


def cancel_step(session: Session, job: LockedJob, attempt: Attempt, now: datetime) -> None:
    close_attempt(session, attempt, StepState.CANCELLED, now)
    if not job.state.finished:
        _after_cancel(session, job, now, (), {})


def _after_cancel(
    session: Session, job: LockedJob, now: datetime, events: Sequence[NewEvent], changes: JsonDict
) -> set[str]:
    """The job is cancelled as soon as none of its steps runs any more."""
    if is_running(session, job.id):
        cancel_open_steps(session, job.id, now)  # also those that a step appended as its last deed
        record(session, job.id, now, events, **changes)
    else:
        end_job(session, job, JobState.CANCELLED, now, events, **changes)
    return set()


def _fail_job(
    kernel: Kernel,
    session: Session,
    job: LockedJob,
    attempt: Attempt,
    now: datetime,
    error: PansoriError,
    events: Sequence[NewEvent] = (),
    **changes: Any,
) -> None:
    info = ErrorInfo.of(error).model_dump(mode="json")
    close_attempt(session, attempt, StepState.FAILED, now, error=info, **changes)
    end_job(session, job, JobState.FAILED, now, events, error=error)
    kernel.workflow(job.kind).failed(job.id, error)


def expire_job(kernel: Kernel, session: Session, job_id: UUID) -> None:
    """Fail a job that is past its deadline while none of its steps runs."""
    now = kernel.database.now(session)
    job = lock_job(session, job_id)
    deadline = session.execute(select(Job.deadline).where(Job.id == job_id)).scalar_one()
    if job.state.finished or deadline is None or deadline > now or is_running(session, job_id):
        return
    error = DeadlineExceeded(
        Text("The job took longer than it was allowed.", "작업이 허용된 시간을 넘겼어요."),
    )
    end_job(session, job, JobState.CANCELLED if job.cancel else JobState.FAILED, now, error=error)
    if not job.cancel:
        kernel.workflow(job.kind).failed(job_id, error)
