"""Jobs as readers see them. However many are read, the statements are few and of a fixed number."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Artifact, Asset, Event, Job, Step
from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.domain.jobs import ArtifactView, ErrorInfo, EventView, JobState, JobView, Progress, StepState, StepView
from pansori.lexicon.particles import attach

T = TypeVar("T")
PAGE = 50
LARGEST_PAGE = 500


@dataclass(frozen=True)
class Page(Generic[T]):
    """A part of a list. `next_cursor` asks for the part after it; None: that was all."""

    items: tuple[T, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class Counts:
    """How many jobs there are in which state."""

    queued: int
    running: int
    total: int


def get(session: Session, job_id: UUID, *, owner: UUID | None = None) -> JobView:
    """Raises `NotFound`, also where `owner` is given and it is somebody else's."""
    row = session.execute(owned(select(*Job.__table__.columns).where(Job.id == job_id), owner)).one_or_none()
    if row is None:
        raise NotFound(Text(f"There is no job {job_id}.", f"작업 {attach(str(job_id), '이/가')} 없어요."))
    return _views(session, [row])[0]


def list_jobs(
    session: Session,
    *,
    owner: UUID | None = None,
    origin: str | None = None,
    kind: str | None = None,
    states: Collection[JobState] | None = None,
    cursor: str | None = None,
    limit: int = PAGE,
) -> Page[JobView]:
    """Jobs that fit every filter given, newest first. Raises `InvalidRequest` for a cursor that is not ours."""
    if kind is not None and "\0" in kind:  # which PostgreSQL refuses to compare
        return Page((), None)
    limit = max(1, min(limit, LARGEST_PAGE))
    wanted = select(*Job.__table__.columns).order_by(Job.created_at.desc(), Job.id.desc()).limit(limit + 1)
    for column, value in ((Job.origin, origin), (Job.kind, kind)):
        if value is not None:
            wanted = wanted.where(column == value)
    if states is not None:
        wanted = wanted.where(Job.state.in_(states))
    if cursor is not None:
        at, job_id = _parse_cursor(cursor)
        wanted = wanted.where(or_(Job.created_at < at, and_(Job.created_at == at, Job.id < job_id)))
    rows = session.execute(owned(wanted, owner)).all()
    views = tuple(_views(session, rows[:limit]))
    more = len(rows) > limit
    return Page(views, _cursor(views[-1]) if more else None)


def counts(session: Session, *, origin: str | None = None, owner: UUID | None = None) -> Counts:
    """Of one contract's jobs, of one owner's, or of all."""
    mine = () if origin is None else (Job.origin == origin,)
    grouped = session.execute(owned(select(Job.state, func.count()).where(*mine).group_by(Job.state), owner))
    found: dict[str, int] = dict(iter(grouped))
    return Counts(found.get(JobState.QUEUED, 0), found.get(JobState.RUNNING, 0), sum(found.values()))


def running(session: Session, *, origin: str | None = None, owner: UUID | None = None) -> list[UUID]:
    """Jobs that a worker has begun, the oldest first: of one contract, of one owner, or all."""
    mine = () if origin is None else (Job.origin == origin,)
    where = (Job.state == JobState.RUNNING, *mine)
    return list(session.scalars(owned(select(Job.id).where(*where).order_by(Job.started_at, Job.id), owner)))


def events(session: Session, job_id: UUID, *, after: int = 0, limit: int = 1000) -> list[EventView]:
    """The job's events numbered above `after`, in order."""
    wanted = select(*Event.__table__.columns).where(Event.job_id == job_id, Event.seq > after)
    return [_event(row) for row in session.execute(wanted.order_by(Event.seq).limit(limit))]


def latest_event_id(session: Session) -> int:
    """Of all jobs. 0: there are none yet."""
    return session.execute(select(func.max(Event.id))).scalar() or 0


# -- rows to views ------------


def _views(session: Session, rows: Sequence[Any]) -> list[JobView]:
    ids = [row.id for row in rows]
    steps = _grouped(_steps(session, ids))
    artifacts = _grouped(_artifacts(session, ids))
    return [
        JobView(
            id=row.id,
            kind=row.kind,
            origin=row.origin,
            owner=row.owner,
            state=JobState(row.state),
            priority=row.priority,
            task=row.task,
            progress=Progress.model_validate(row.progress),
            cancel_requested=row.cancel,
            created_at=row.created_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            error=_error(row.error),
            result=row.result,
            seq=row.seq,
            steps=tuple(steps.get(row.id, ())),
            artifacts=tuple(artifacts.get(row.id, ())),
        )
        for row in rows
    ]


def _steps(session: Session, ids: Collection[UUID]) -> Iterable[tuple[UUID, StepView]]:
    columns = (Step.job_id, Step.name, Step.state, Step.queue, Step.attempt, Step.error, Step.started_at)
    wanted = select(*columns, Step.finished_at, Step.parked, Step.reused).where(Step.job_id.in_(ids)).order_by(Step.id)
    for row in session.execute(wanted):
        view = StepView(
            name=row.name,
            state=row.state,
            queue=row.queue,
            attempt=row.attempt,
            error=_error(row.error),
            started_at=row.started_at,
            finished_at=row.finished_at,
            parked=row.parked and row.state == StepState.READY,
            reused=row.reused,
        )
        yield row.job_id, view


def _artifacts(session: Session, ids: Collection[UUID]) -> Iterable[tuple[UUID, ArtifactView]]:
    columns = (Artifact.job_id, Artifact.role, Asset.id, Asset.name, Asset.media_type, Asset.size, Asset.sha256)
    wanted = select(*columns, Asset.duration).join(Asset, Asset.id == Artifact.asset_id)
    for row in session.execute(wanted.where(Artifact.job_id.in_(ids)).order_by(Artifact.id)):
        view = ArtifactView(
            asset_id=row.id,
            role=row.role,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            sha256=row.sha256,
            duration=row.duration,
        )
        yield row.job_id, view


def _grouped(pairs: Iterable[tuple[UUID, T]]) -> dict[UUID, list[T]]:
    groups: dict[UUID, list[T]] = {}
    for key, item in pairs:
        groups.setdefault(key, []).append(item)
    return groups


def _event(row: Any) -> EventView:
    return EventView(id=row.id, job_id=row.job_id, seq=row.seq, type=row.type, at=row.at, data=row.data)


def _error(info: Any) -> ErrorInfo | None:
    return None if info is None else ErrorInfo.model_validate(info)


def _cursor(view: JobView) -> str:
    return (
        base64.urlsafe_b64encode(json.dumps([view.created_at.isoformat(), view.id.hex]).encode()).decode().rstrip("=")
    )


def _parse_cursor(cursor: str) -> tuple[datetime, UUID]:
    try:
        at, job_id = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        moment, key = datetime.fromisoformat(at), UUID(job_id)
        if moment.tzinfo is None:
            raise ValueError("naive time")
        moment = moment.astimezone(UTC)  # near the ends of the calendar not every zone has a UTC
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidRequest(
            Text("The cursor is not one of ours.", "커서가 올바르지 않아요."),
            field="cursor",
            cure=Text("Leave it out to begin with the newest.", "빼고 처음부터 읽으세요."),
        ) from error
    return moment, key
