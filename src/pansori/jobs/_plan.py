"""Plans as rows: each step knows how many others block it, and which it blocks itself."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from graphlib import CycleError, TopologicalSorter
from uuid import UUID

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from pansori.db.tables import Step
from pansori.domain.jobs import JsonDict, StepSpec, StepState


def check_plan(specs: Sequence[StepSpec], known: Collection[str] = ()) -> None:
    """Raise `ValueError` for names given twice, steps after unknown ones and circles: faults of a workflow."""
    names = [*known, *(spec.name for spec in specs)]
    if len(names) != len(set(names)):
        raise ValueError(f"two steps have one name: {sorted(names)}")
    for spec in specs:
        if strangers := set(spec.after) - set(names):
            raise ValueError(f"step {spec.name} is after unknown steps: {sorted(strangers)}")
    try:
        TopologicalSorter({spec.name: spec.after for spec in specs}).prepare()
    except CycleError as error:
        raise ValueError(f"steps wait for each other: {error.args[1]}") from error


def insert_steps(
    session: Session, job_id: UUID, specs: Sequence[StepSpec], *, priority: int, now: datetime
) -> set[str]:
    """Write the first steps of a new job. Returns the queues of those that are ready."""
    check_plan(specs)
    return _insert(session, job_id, specs, {}, priority, now)


def insert_ended(
    session: Session, job_id: UUID, specs: Sequence[StepSpec], ends: Mapping[str, JsonDict], now: datetime
) -> dict[str, int]:
    """Write all steps of a job that has ended. `ends`: what became of each, as columns, the same of all. Returns their
    ids by name."""
    check_plan(specs)
    rows = [{**row, **ends[row["name"]], "blockers": 0} for row in _rows(job_id, specs, {}, 0, now)]
    session.execute(insert(Step), rows)
    return {row.name: row.id for row in session.execute(select(Step.name, Step.id).where(Step.job_id == job_id))}


def append_steps(
    session: Session, job_id: UUID, specs: Sequence[StepSpec], *, priority: int, now: datetime
) -> set[str]:
    """Write further steps of a job whose row is locked. Returns the queues of those that are ready."""
    columns = (Step.name, Step.state, Step.dependents)
    present = {row.name: row for row in session.execute(select(*columns).where(Step.job_id == job_id))}
    check_plan(specs, present)
    done = {name: row.state == StepState.SUCCEEDED for name, row in present.items()}
    for name, row in present.items():
        new = [spec.name for spec in specs if name in spec.after]
        if new and not done[name]:
            where = (Step.job_id == job_id, Step.name == name)
            session.execute(update(Step).where(*where).values(dependents=[*row.dependents, *new]))
    return _insert(session, job_id, specs, done, priority, now)


def _insert(
    session: Session, job_id: UUID, specs: Sequence[StepSpec], done: Mapping[str, bool], priority: int, now: datetime
) -> set[str]:
    rows = _rows(job_id, specs, done, priority, now)
    session.execute(insert(Step), rows)
    return {row["queue"] for row in rows if row["state"] == StepState.READY}


def _rows(
    job_id: UUID, specs: Sequence[StepSpec], done: Mapping[str, bool], priority: int, now: datetime
) -> list[JsonDict]:
    dependents: dict[str, list[str]] = defaultdict(list)
    for spec in specs:
        for name in set(spec.after):
            dependents[name].append(spec.name)
    return [_row(job_id, spec, dependents[spec.name], done, priority, now) for spec in specs]


def _row(
    job_id: UUID, spec: StepSpec, dependents: Sequence[str], done: Mapping[str, bool], priority: int, now: datetime
) -> JsonDict:
    blockers = sum(not done.get(name, False) for name in set(spec.after))
    return {
        "job_id": job_id,
        "name": spec.name,
        "queue": spec.queue,
        "params": spec.params,
        "blockers": blockers,
        "dependents": list(dependents),
        "state": StepState.WAITING if blockers else StepState.READY,
        "priority": priority,
        "max_attempts": spec.max_attempts,
        "timeout": spec.timeout,
        "grace": spec.grace,
        "cache_key": spec.cache_key,
        "run_after": now,
    }
