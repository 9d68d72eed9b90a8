"""Work that no worker did, such as a turn of a conversation that somebody waited for: kept as a job that has ended.

So it is listed, counted and shown like all others, and what failed of it can be run again from where it failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID, uuid4

from pydantic import BaseModel
from sqlalchemy import insert
from sqlalchemy.orm import Session

from pansori import telemetry
from pansori.db import now as now_of
from pansori.db.tables import Artifact, Job
from pansori.domain.errors import Cancelled, PansoriError
from pansori.domain.jobs import ErrorInfo, JobState, JsonDict, Progress, StepState
from pansori.jobs._artifacts import events_of
from pansori.jobs._keepable import keepable
from pansori.jobs._plan import insert_ended
from pansori.jobs._rows import NewEvent, insert_events
from pansori.jobs._workflow import Workflow


@dataclass(frozen=True)
class Deed:
    """A step that was carried out, or that failed by `error`."""

    name: str
    started: datetime
    finished: datetime
    output: JsonDict = field(default_factory=dict)
    files: Mapping[str, UUID] = field(default_factory=dict)
    """Ready assets by role; they become artifacts."""
    error: PansoriError | None = None

    @property
    def state(self) -> StepState:
        if self.error is None:
            return StepState.SUCCEEDED
        return StepState.CANCELLED if isinstance(self.error, Cancelled) else StepState.FAILED


def journal(
    session: Session, workflow: Workflow, task: BaseModel, deeds: Sequence[Deed], *, owner: UUID, origin: str
) -> UUID:
    """Store a job that has ended, in the caller's transaction. Returns its id.

    `deeds`: the first steps of the plan in an order in which they could have been carried out, up to the one that
    failed. Where all of the plan was carried out the job has succeeded; its result is the workflow's. `Workflow.keep`
    is not called: whoever writes the job writes what it leaves. Raises `InvalidRequest` as `submit` does, `ValueError`
    for deeds that do not fit the plan.
    """
    specs = workflow.plan(task)
    if not deeds or {deed.name for deed in deeds} - {spec.name for spec in specs}:
        raise ValueError("these are not steps of the plan")
    job_id, state, error = uuid4(), _state(deeds, len(specs)), deeds[-1].error
    done = {deed.name: deed.output for deed in deeds if deed.error is None}
    result = workflow.result({spec.name: done[spec.name] for spec in specs}) if state is JobState.SUCCEEDED else None
    info = None if error is None else ErrorInfo.of(error).model_dump(mode="json")
    begun, ended = deeds[0].started, deeds[-1].finished
    told = [event for deed in deeds for event in _carried_out(session, deed)]
    events = [NewEvent("queued", {}), NewEvent("running", {}), *told, NewEvent(state.value, _told(state, info, result))]
    row = {
        "id": job_id,
        "kind": workflow.kind,
        "origin": origin,
        "owner": owner,
        "state": state,
        "task": keepable(task),
        "trace": telemetry.traceparent(),
        "request_id": telemetry.known().get("request_id"),
        "progress": Progress(fraction=len(done) / len(specs)).model_dump(),
        "error": info if state is JobState.FAILED else None,
        "result": result,
        "seq": len(events),
        "created_at": begun,
        "started_at": begun,
        "finished_at": ended,
    }
    session.execute(insert(Job).values(row))
    ends = {spec.name: _never(ended) for spec in specs} | {deed.name: _end(deed) for deed in deeds}
    ids = insert_ended(session, job_id, specs, ends, begun)
    artifacts = [
        {"step_id": ids[deed.name], "job_id": job_id, "asset_id": asset, "role": role}
        for deed in deeds
        for role, asset in deed.files.items()
    ]
    if artifacts:
        session.execute(insert(Artifact), artifacts)
    # at their writing, not at what they tell of: who counts events relies on it that new ones are not old
    insert_events(session, job_id, 1, now_of(session), events)
    return job_id


def _state(deeds: Sequence[Deed], planned: int) -> JobState:
    if any(deed.error is not None for deed in deeds[:-1]):
        raise ValueError("a step was carried out after one that failed")
    last = deeds[-1].state
    if last is StepState.SUCCEEDED:
        if len(deeds) != planned:
            raise ValueError("a step of the plan was neither carried out nor failed")
        return JobState.SUCCEEDED
    return JobState.CANCELLED if last is StepState.CANCELLED else JobState.FAILED


def _carried_out(session: Session, deed: Deed) -> list[NewEvent]:
    """The events of a step."""
    told = {"step": deed.name, "attempt": 1}
    events = [NewEvent("step_started", told), *events_of(session, deed.files)]
    if deed.state is StepState.SUCCEEDED:
        events.append(NewEvent("step_succeeded", told))
    return events


def _end(deed: Deed) -> JsonDict:
    """What became of a step, as columns."""
    info = None if deed.state is not StepState.FAILED else ErrorInfo.of(_error(deed)).model_dump(mode="json")
    return {
        "state": deed.state,
        "attempt": 1,
        "failures": int(deed.state is StepState.FAILED),
        "output": deed.output if deed.state is StepState.SUCCEEDED else None,
        "error": info,
        "started_at": deed.started,
        "finished_at": deed.finished,
    }


def _never(over: datetime) -> JsonDict:
    """Of one that nobody came to before all was over."""
    return {
        "state": StepState.CANCELLED,
        "attempt": 0,
        "failures": 0,
        "output": None,
        "error": None,
        "started_at": None,
        "finished_at": over,
    }


def _error(deed: Deed) -> PansoriError:
    assert deed.error is not None, "a step that failed has its error"
    return deed.error


def _told(state: JobState, info: JsonDict | None, result: JsonDict | None) -> JsonDict:
    if state is JobState.SUCCEEDED:
        return {"result": result}
    return {"error": info} if state is JobState.FAILED else {}
