"""What must be true after any drill, whatever was killed, stopped or full while it ran."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db import Database
from pansori.db.tables import Artifact, Asset, Event, Job, Step
from pansori.domain.jobs import JobState, StepState
from pansori.media import AssetStore


@dataclass(frozen=True)
class Ending:
    """How a job has to end: its state, its error's code, and what its result has to hold."""

    state: JobState
    code: str | None = None
    digest: str | None = None
    roles: frozenset[str] = frozenset()
    """Of its artifacts, one each."""


def violations(database: Database, store: AssetStore, scratch: Path, endings: Mapping[UUID, Ending]) -> list[str]:
    """Everything that is not as it must be, in words; empty when all is well. Processes are looked at elsewhere."""
    with database.read() as session:
        return [
            *_jobs(session, endings),
            *_steps(session),
            *_events(session),
            *_artifacts(session, endings),
            *_files(session, store),
            *(f"scratch folder {path.name} was left" for path in sorted(scratch.glob("*"))),
        ]


def _jobs(session: Session, endings: Mapping[UUID, Ending]) -> Iterator[str]:
    """No job is lost, and each ended as it had to."""
    found = {job.id: job for job in session.scalars(select(Job))}
    for job_id, ending in endings.items():
        job = found.get(job_id)
        if job is None:
            yield f"job {job_id} is lost"
            continue
        code = None if job.error is None else job.error["code"]
        if (job.state, code) != (ending.state, ending.code):
            yield f"job {job_id} is {job.state} ({job.error}), not {ending.state} ({ending.code})"
        elif ending.digest is not None and job.result != {"digest": ending.digest}:
            yield f"job {job_id} has the result {job.result}, not {ending.digest}"


def _steps(session: Session) -> Iterator[str]:
    """With its job every step has ended, and nobody holds one."""
    over = (StepState.SUCCEEDED, StepState.FAILED, StepState.CANCELLED)
    for step, state in session.execute(select(Step, Job.state).join(Job, Job.id == Step.job_id)):
        name = f"step {step.name} of job {step.job_id}"
        if JobState(state).finished and step.state not in over:
            yield f"{name} is {step.state} though its job is {state}"
        if state == JobState.SUCCEEDED and step.state != StepState.SUCCEEDED:
            yield f"{name} is {step.state} though its job succeeded"
        if step.state in over and step.lease is not None:
            yield f"{name} is {step.state} and has a lease"


def _events(session: Session) -> Iterator[str]:
    """Numbered from 1 without gaps up to the job's own number; the last one says how the job ended, and only it."""
    ends = {state.value for state in JobState if state.finished}
    events: dict[UUID, list[tuple[int, str]]] = defaultdict(list)
    for job_id, seq, kind in session.execute(select(Event.job_id, Event.seq, Event.type).order_by(Event.seq)):
        events[job_id].append((seq, kind))
    for job in session.scalars(select(Job)):
        numbers = [seq for seq, _ in events[job.id]]
        kinds = [kind for _, kind in events[job.id]]
        if numbers != list(range(1, job.seq + 1)):
            yield f"job {job.id}: events are numbered {numbers}, the job says {job.seq}"
        if job.state in ends and (kinds[-1:] != [job.state] or len(ends.intersection(kinds)) != 1):
            yield f"job {job.id} is {job.state}, its events are {kinds}"


def _artifacts(session: Session, endings: Mapping[UUID, Ending]) -> Iterator[str]:
    """Each result is there once, with a stored file of its own."""
    roles: dict[UUID, Counter[str]] = defaultdict(Counter)
    assets: Counter[UUID] = Counter()
    for artifact, state in session.execute(select(Artifact, Asset.state).join(Asset, Asset.id == Artifact.asset_id)):
        roles[artifact.job_id][artifact.role] += 1
        assets[artifact.asset_id] += 1
        if state != "ready":
            yield f"artifact {artifact.role} of job {artifact.job_id} has a file that is {state}"
    yield from (f"file {asset} is the artifact of {times} steps" for asset, times in assets.items() if times > 1)
    for job_id, ending in endings.items():
        if ending.state == JobState.SUCCEEDED and roles[job_id] != Counter(ending.roles):
            yield f"job {job_id} has the artifacts {dict(roles[job_id])}, not one each of {sorted(ending.roles)}"


def _files(session: Session, store: AssetStore) -> Iterator[str]:
    """Every row has its file, whole, and belongs to something; every file has its row."""
    used = set(session.scalars(select(Artifact.asset_id)))
    rows = {asset.key: asset for asset in session.scalars(select(Asset))}
    files = set(store.keys())
    yield from (f"file {key} has no row" for key in sorted(files - set(rows)))
    yield from (f"row {key} has no file" for key in sorted(set(rows) - files))
    for key in sorted(files & set(rows)):
        asset = rows[key]
        if asset.id not in used:
            yield f"file {key} ({asset.state}) belongs to nothing"
        elif hashlib.sha256(b"".join(store.read(key))).hexdigest() != asset.sha256:
            yield f"file {key} is not what its row says"
