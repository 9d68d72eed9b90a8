"""Recordings: files that somebody gave to be listened to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Artifact, Asset, Token, Track, Turn
from pansori.media import READY


def latest(session: Session, owner: UUID) -> UUID | None:
    """The owner's newest sound that no job made, and that is neither a track, nor a clip that others imitate, nor
    something that was said in a conversation. None: there is none."""
    sound = or_(Asset.media_type.startswith("audio/"), Asset.media_type.startswith("video/"))
    wanted = select(Asset.id).where(Asset.state == READY, sound)
    for used in (Artifact.asset_id, Track.asset_id, Token.reference_id, Turn.input_id, Turn.output_id):
        wanted = wanted.where(~exists().where(used == Asset.id))
    newest = owned(wanted, owner).order_by(Asset.created_at.desc(), Asset.id.desc()).limit(1)
    return session.scalars(newest).one_or_none()
