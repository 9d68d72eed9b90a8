"""Attempts at tokens: analyses of recordings that were sent for one, with what the comparison said."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Job
from pansori.domain.jobs import JobState, JsonDict
from pansori.library import analyses
from pansori.library.analyses import AnalysisView

IMITATION: Final = "imitation"  #: in the result, and the role of the artifact
SENT_FOR: Final = "token_id"  #: field of the task
MOST: Final = 50


@dataclass(frozen=True)
class Attempt:
    """One recording. `score`: 0 to 100; None where there is none. `reference`: SHA-256 of the clip that it was compared
    with; empty where it was not."""

    view: AnalysisView
    score: float | None
    reference: str

    @property
    def id(self) -> UUID:
        return self.view.id


def find(session: Session, owner: UUID, token_id: str, *, limit: int = MOST) -> list[Attempt]:
    """The newest first, in whatever state."""
    named = select(Job.id).where(Job.kind == analyses.KIND, Job.task[SENT_FOR].as_string() == token_id)
    ids = session.scalars(owned(named, owner).order_by(Job.created_at.desc(), Job.id).limit(limit)).all()
    return [attempt_of(analyses.get(session, one, owner)) for one in ids]


def counts(session: Session, owner: UUID, token_ids: list[str]) -> dict[str, int]:
    """How many there are of each token that has some."""
    token = Job.task[SENT_FOR].as_string()
    counted = select(token, func.count()).where(Job.kind == analyses.KIND, token.in_(token_ids)).group_by(token)
    return {row[0]: row[1] for row in session.execute(owned(counted, owner))}


def attempt_of(view: AnalysisView) -> Attempt:
    told = (view.job.result or {}).get(IMITATION) if view.job.state is JobState.SUCCEEDED else None
    if not isinstance(told, dict):
        return Attempt(view, None, "")
    score, reference = _at(told, "overall", "score"), _at(told, "reference", "sha256")
    return Attempt(
        view,
        float(score) if isinstance(score, int | float) else None,
        reference if isinstance(reference, str) else "",
    )


def token_of(view: AnalysisView) -> str | None:
    """The token that it was sent for."""
    told = view.job.task.get(SENT_FOR)
    return told if isinstance(told, str) else None


def _at(told: JsonDict, *path: str) -> object:
    found: object = told
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
