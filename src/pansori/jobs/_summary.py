"""What is going on, briefly: for streams that show many jobs at once and are written anew with every change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Event, Job
from pansori.domain.jobs import ErrorInfo, JobState, JsonDict, Progress


@dataclass(frozen=True)
class JobSummary:
    """A job without its task, steps and artifacts."""

    id: UUID
    state: JobState
    progress: Progress
    created_at: datetime
    finished_at: datetime | None
    error: ErrorInfo | None
    result: JsonDict | None


def summaries(
    session: Session, *, origin: str, since: datetime, after: int | None = None, owner: UUID | None = None
) -> list[JobSummary]:
    """Jobs of one contract, and of one owner or of all, that are not finished, or finished at or later than `since`.
    The newest come first.

    `after`: also those that have events numbered above this id, so that who was away misses none.
    """
    columns = (Job.id, Job.state, Job.progress, Job.created_at, Job.finished_at, Job.error, Job.result)
    ours = Job.origin == origin  # said in each alternative, so that each finds its rows by an index
    shown = or_(and_(ours, Job.finished_at.is_(None)), and_(ours, Job.finished_at >= since))
    if after is not None:
        shown = or_(shown, and_(ours, Job.id.in_(select(Event.job_id).where(Event.id > after))))
    newest_first = select(*columns).where(shown).order_by(Job.created_at.desc(), Job.id.desc())
    rows = session.execute(owned(newest_first, owner))
    return [
        JobSummary(
            id=row.id,
            state=JobState(row.state),
            progress=Progress.model_validate(row.progress),
            created_at=row.created_at,
            finished_at=row.finished_at,
            error=None if row.error is None else ErrorInfo.model_validate(row.error),
            result=row.result,
        )
        for row in rows
    ]
