"""What is asked of jobs: submit, cancel, retry. The caller commits, and wakes afterwards."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pansori import telemetry
from pansori.db import insert_into
from pansori.db import now as now_of
from pansori.db.tables import Event, Job, Step
from pansori.domain.errors import Conflict, IdempotencyMismatch, InvalidRequest, Text
from pansori.domain.jobs import JobState, JobView, JsonDict, Progress, StepSpec, StepState, StepView
from pansori.domain.units import Seconds
from pansori.jobs._keepable import keepable
from pansori.jobs._plan import insert_steps
from pansori.jobs._rows import (
    NewEvent,
    cancel_open_steps,
    end_job,
    insert_events,
    is_running,
    lock_job,
    move_job,
    record,
)
from pansori.jobs._views import get
from pansori.jobs._workflow import Workflow

KEY_MAX_CHARACTERS = 255


def submit(
    session: Session,
    workflow: Workflow,
    task: BaseModel,
    *,
    owner: UUID,
    origin: str = "v1",
    priority: int = 0,
    deadline: Seconds | None = None,
    idempotency_key: str | None = None,
) -> JobView:
    """Store a job, its steps and its first event, in the caller's transaction.

    `priority`: higher goes first. `deadline`: seconds from now after which it fails. The same `idempotency_key` of the
    same owner gives the job that it gave before. Raises `IdempotencyMismatch` if that was another request,
    `InvalidRequest` for a value that not every database can keep.
    """
    if idempotency_key is not None and len(idempotency_key) > KEY_MAX_CHARACTERS:
        raise InvalidRequest(
            Text(
                f"An idempotency key may have {KEY_MAX_CHARACTERS} characters.",
                f"멱등 키는 {KEY_MAX_CHARACTERS}자까지예요.",
            ),
            field="idempotency_key",
        )
    now = now_of(session)
    request = keepable(task)
    row = {
        "id": uuid4(),
        "kind": workflow.kind,
        "origin": origin,
        "owner": owner,
        "state": JobState.QUEUED,
        "priority": priority,
        "task": request,
        "idempotency_key": idempotency_key,
        "request_hash": _hash(workflow.kind, workflow.identity(request), priority, deadline),
        "trace": telemetry.traceparent(),
        "request_id": telemetry.known().get("request_id"),
        "cancel": False,
        "seq": 1,
        "progress": Progress().model_dump(),
        "deadline": None if deadline is None else now + timedelta(seconds=deadline),
        "created_at": now,
    }
    job_id = _insert(session, row)
    if job_id is None:
        return _earlier(session, row)
    specs = workflow.plan(task)
    insert_steps(session, job_id, specs, priority=priority, now=now)
    insert_events(session, job_id, 1, now, [NewEvent("queued", {})])
    return _as_accepted(row, specs)


def cancel(session: Session, job_id: UUID) -> JobView:
    """Ask for the end of the job: at once where nobody works on it. A finished one stays so. Raises `NotFound`."""
    job = lock_job(session, job_id)
    if not job.state.finished:
        session.execute(update(Job).where(Job.id == job_id).values(cancel=True))
        now = now_of(session)
        if is_running(session, job_id):  # its watcher ends the job with the last of them
            cancel_open_steps(session, job_id, now)
        else:
            end_job(session, job, JobState.CANCELLED, now)
    return get(session, job_id)


def retry(session: Session, job_id: UUID) -> JobView:
    """Run a failed or cancelled job again; what its finished steps left is used. Raises `NotFound`, `Conflict`."""
    job = lock_job(session, job_id)
    if job.state not in (JobState.FAILED, JobState.CANCELLED):
        raise Conflict(
            Text(
                f"The job is {job.state}; only a failed or cancelled one is run again.",
                "끝나지 못한 작업만 다시 할 수 있어요.",
            )
        )
    if is_running(session, job_id):
        raise Conflict(
            Text("A step of the job is still being ended.", "작업의 한 단계가 아직 끝나는 중이에요."),
            cure=Text("Try again in a moment.", "잠시 뒤에 다시 해 보세요."),
        )
    now = now_of(session)
    _reopen(session, job_id, now)
    deadline = _deadline_of_another_try(session, job_id, now)
    record(
        session,
        job_id,
        now,
        (NewEvent("queued", {"retry": True}),),
        **move_job(job, JobState.QUEUED),
        cancel=False,
        error=None,
        progress=Progress().model_dump(),
        started_at=None,
        finished_at=None,
        deadline=deadline,
    )
    return get(session, job_id)


def _deadline_of_another_try(session: Session, job_id: UUID, now: datetime) -> datetime | None:
    """As long after `now` as the last one was after the job was last queued."""
    queued = select(func.max(Event.at)).where(Event.job_id == job_id, Event.type == "queued").scalar_subquery()
    last = session.execute(select(Job.deadline, queued.label("queued")).where(Job.id == job_id)).one()
    return None if last.deadline is None else now + (last.deadline - last.queued)


def _reopen(session: Session, job_id: UUID, now: datetime) -> None:
    """Put every step that is not done back to its beginning."""
    columns = (Step.id, Step.name, Step.state, Step.dependents)
    steps = session.execute(select(*columns).where(Step.job_id == job_id)).all()
    undone = [step for step in steps if step.state != StepState.SUCCEEDED]
    blockers = Counter(name for step in undone for name in step.dependents)
    afresh: JsonDict = {
        "failures": 0,
        "losses": 0,
        "error": None,
        "run_after": now,
        "deadline": None,
        "started_at": None,
        "finished_at": None,
        "parked": False,
        "delivery": None,
    }
    changes = [
        {
            "id": step.id,
            "state": StepState.WAITING if blockers[step.name] else StepState.READY,
            "blockers": blockers[step.name],
            **afresh,
        }
        for step in undone
    ]
    session.execute(update(Step), changes)


def _insert(session: Session, row: JsonDict) -> UUID | None:
    """The new job's id. None: its owner used the idempotency key before."""
    statement = insert_into(session, Job).values(row)
    if row["idempotency_key"] is not None:
        statement = statement.on_conflict_do_nothing(index_elements=["owner", "idempotency_key"])
    inserted: UUID | None = session.execute(statement.returning(Job.id)).scalar_one_or_none()
    return inserted


def _as_accepted(row: JsonDict, specs: Sequence[StepSpec]) -> JobView:
    """A new job as its readers see it. It is not read back: that would be part of the time until a worker starts."""
    steps = (
        StepView(
            name=spec.name, state=StepState.WAITING if spec.after else StepState.READY, queue=spec.queue, attempt=0
        )
        for spec in specs
    )
    shown = {name: row[name] for name in JobView.model_fields.keys() & row.keys()}
    unset = dict.fromkeys(("started_at", "finished_at", "error", "result"))
    return JobView.model_validate({**shown, **unset, "cancel_requested": row["cancel"], "steps": tuple(steps)})


def _earlier(session: Session, row: JsonDict) -> JobView:
    key = (Job.owner == row["owner"], Job.idempotency_key == row["idempotency_key"])
    found = session.execute(select(Job.id, Job.request_hash).where(*key)).one()
    if found.request_hash != row["request_hash"]:
        raise IdempotencyMismatch(
            Text(
                "The idempotency key was used before, for another request.", "이 멱등 키는 다른 요청에 이미 쓰였어요."
            ),
            field="idempotency_key",
            cure=Text("Use a new key for a new request.", "새 요청에는 새 키를 쓰세요."),
        )
    return get(session, found.id)


def _hash(kind: str, task: JsonDict, priority: int, deadline: Seconds | None) -> str:
    canonical = json.dumps([kind, task, priority, deadline], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
