"""Files as results of steps."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pansori.db.tables import Artifact, Asset
from pansori.jobs._rows import NewEvent


def attach(session: Session, job_id: UUID, step_id: int, assets: Mapping[str, UUID]) -> list[NewEvent]:
    """Say that these assets, by role, are results of the step. Returns the events that tell of it, to be appended."""
    if not assets:
        return []
    ids = {"step_id": step_id, "job_id": job_id}
    session.execute(insert(Artifact), [{**ids, "asset_id": asset, "role": role} for role, asset in assets.items()])
    return events_of(session, assets)


def events_of(session: Session, assets: Mapping[str, UUID]) -> list[NewEvent]:
    """The events that tell that these assets, by role, are results."""
    if not assets:
        return []
    columns = (Asset.id, Asset.name, Asset.media_type, Asset.size)
    rows = {row.id: row for row in session.execute(select(*columns).where(Asset.id.in_(assets.values())))}
    return [
        NewEvent(
            "artifact",
            {
                "role": role,
                "asset_id": str(asset),
                "name": rows[asset].name,
                "media_type": rows[asset].media_type,
                "size": rows[asset].size,
            },
        )
        for role, asset in assets.items()
    ]
