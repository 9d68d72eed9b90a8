"""Deleting what is finished, with all that it left."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from pansori.db.tables import Artifact, Asset, Job, Token, Turn
from pansori.domain.jobs import FINISHED
from pansori.media import Assets


def forget(session: Session, assets: Assets, job_ids: Collection[UUID]) -> list[UUID]:
    """Delete finished jobs with their steps, events and files, in the caller's transaction. Files that another job, a
    token or another turn uses as well stay; the others go with the next `assets.collect()`. Returns the jobs that went;
    unfinished and unknown ones are passed over."""
    chosen = (Job.id.in_(list(job_ids)), Job.state.in_(FINISHED))
    # locked, so that none of them is begun again meanwhile
    finished = list(session.scalars(select(Job.id).where(*chosen).order_by(Job.id).with_for_update()))
    if not finished:
        return []
    left = set(session.scalars(select(Artifact.asset_id).where(Artifact.job_id.in_(finished))))
    # locked too, so that nobody comes to use one between this look and the end (see `Assets.hold`)
    session.execute(select(Asset.id).where(Asset.id.in_(left)).order_by(Asset.id).with_for_update())
    elsewhere = Artifact.asset_id.in_(left), Artifact.job_id.not_in(finished)
    left.difference_update(session.scalars(select(Artifact.asset_id).where(*elsewhere)))
    left.difference_update(session.scalars(select(Token.reference_id).where(Token.reference_id.in_(left))))
    heard = Turn.input_id.in_(left), or_(Turn.job_id.is_(None), Turn.job_id.not_in(finished))
    left.difference_update(session.scalars(select(Turn.input_id).where(*heard)))
    session.execute(delete(Job).where(Job.id.in_(finished)))
    assets.retire(session, left)
    return finished
