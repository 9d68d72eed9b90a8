"""Attempts at tokens: analyses of recordings that were sent for one, with what the comparison said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import AnalysisResult, Job
from pansori.domain.jobs import JobState
from pansori.library import analyses
from pansori.library.analyses import AnalysisView

IMITATION: Final = "imitation"  #: in the result, and the role of the artifact
SENT_FOR: Final = "token_id"  #: field of the task
MOST: Final = 50
SCORE: Final = (IMITATION, "overall", "score")
REFERENCE: Final = (IMITATION, "reference", "sha256")


@dataclass(frozen=True)
class Attempt:
    """One recording. `score`: 0 to 100; None where there is none. `reference`: SHA-256 of the clip that it was compared
    with; empty where it was not. `unfinished`: how far it is, or how it ended without a result."""

    id: UUID
    created_at: datetime
    score: float | None = None
    reference: str = ""
    unfinished: AnalysisView | None = None


def find(session: Session, owner: UUID, token_id: str, *, limit: int = MOST) -> list[Attempt]:
    """The newest first, in whatever state."""
    named = select(Job.id, Job.state, Job.created_at, AnalysisResult.result[SCORE], AnalysisResult.result[REFERENCE])
    named = named.outerjoin(AnalysisResult, AnalysisResult.job_id == Job.id)
    named = named.where(Job.kind == analyses.KIND, Job.task[SENT_FOR].as_string() == token_id, Job.owner == owner)
    found = []
    for key, state, created_at, score, reference in session.execute(
        named.order_by(Job.created_at.desc(), Job.id).limit(limit)
    ):
        if state != JobState.SUCCEEDED:
            found.append(Attempt(key, created_at, unfinished=analyses.get(session, key, owner)))
            continue
        # another program's result may have anything there
        known = float(score) if isinstance(score, int | float) else None
        found.append(Attempt(key, created_at, known, reference if isinstance(reference, str) else ""))
    return found


def counts(session: Session, owner: UUID, token_ids: list[str]) -> dict[str, int]:
    """How many there are of each token that has some."""
    token = Job.task[SENT_FOR].as_string()
    counted = select(token, func.count()).where(Job.kind == analyses.KIND, token.in_(token_ids)).group_by(token)
    return {row[0]: row[1] for row in session.execute(owned(counted, owner))}


def token_of(view: AnalysisView) -> str | None:
    """The token that it was sent for."""
    told = view.job.task.get(SENT_FOR)
    return told if isinstance(told, str) else None
