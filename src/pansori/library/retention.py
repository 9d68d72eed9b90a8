"""What is not kept for ever: tracks, jobs and stems, each for as long as its setting says; turns that no job tells of,
as long as jobs; and conversations in which nothing is left.

Any number of servers may do this at once; each finds what the others have left. A round takes a little of each kind, so
that nobody waits for it; the next one goes on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, exists, not_, select, update
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.db import Database
from pansori.db.tables import Artifact, Asset, Conversation, Job, Step, Token, Track, Turn
from pansori.domain.jobs import FINISHED
from pansori.domain.units import Seconds
from pansori.library import conversations, tracks, turns
from pansori.media import READY, Assets
from pansori.settings import Settings

log = logging.getLogger(__name__)

AT_ONCE: Final = 100  #: of each kind, in one round
EMPTY: Final = Seconds(86_400.0)  #: that a conversation may be without a turn, and a turn without a job
STEM: Final = "stem."  #: roles of a song's single voices begin so


@dataclass(frozen=True)
class Removed:
    """How many went."""

    tracks: int = 0
    jobs: int = 0
    stems: int = 0
    turns: int = 0
    conversations: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        counted = ((field.name, getattr(self, field.name)) for field in fields(self))
        return ", ".join(f"{number} {name}" for name, number in counted if number)


class Retention:
    """Applies the settings' times to one installation."""

    def __init__(self, database: Database, assets: Assets, settings: Settings) -> None:
        self._database = database
        self._assets = assets
        self._settings = settings

    def apply(self) -> Removed:
        """One round. Files go with the next `assets.collect()`."""
        settings = self._settings
        removed = Removed(
            tracks=self._tracks(settings.retain_tracks),
            jobs=self._jobs(settings.retain_jobs),
            stems=self._stems(settings.retain_stems),
            turns=self._turns(settings.retain_jobs),
            conversations=self._conversations(),
        )
        if removed:
            log.info("kept for long enough: %s", removed)
        return removed

    def _tracks(self, kept: Seconds) -> int:
        if not kept:
            return 0
        with self._database.read() as session:
            old = (Track.created_at < self._before(session, kept), not_(Track.favourite))
            due = session.execute(select(Track.owner, Track.id).where(*old).limit(AT_ONCE)).all()
        if not due:
            return 0
        with self._database.write() as session:
            # looked at again: one may have become a favourite meanwhile
            ids = [row.id for row in due]
            still = session.execute(
                select(Track.owner, Track.id).where(Track.id.in_(ids), *old).with_for_update()
            ).all()
            for owner, ours in _by_owner((row.owner, row.id) for row in still):
                tracks.delete(session, self._assets, ours, owner)
        return len(still)

    def _jobs(self, kept: Seconds) -> int:
        """Those that have left a track stay as long as the track does: its stems and scores hang on them."""
        if not kept:
            return 0
        with self._database.read() as session:
            due = list(session.scalars(select(Job.id).where(*_trackless(self._before(session, kept))).limit(AT_ONCE)))
        if not due:
            return 0
        with self._database.write() as session:
            return len(jobs.forget(session, self._assets, due))

    def _turns(self, kept: Seconds) -> int:
        if not kept:
            return 0
        with self._database.read() as session:
            old = turns.without_job(self._before(session, max(kept, EMPTY)))  # some are being answered
            due = list(session.scalars(select(Turn.id).where(*old).limit(AT_ONCE)))
        if not due:
            return 0
        with self._database.write() as session:
            return turns.forget(session, self._assets, due)

    def _conversations(self) -> int:
        with self._database.read() as session:
            old = conversations.empty(self._before(session, EMPTY))
            due = list(session.scalars(select(Conversation.id).where(*old).limit(AT_ONCE)))
        if not due:
            return 0
        with self._database.write() as session:  # where nobody has gone on with one meanwhile
            session.execute(delete(Conversation).where(Conversation.id.in_(due), *old))
        return len(due)

    def _stems(self, kept: Seconds) -> int:
        if not kept:
            return 0
        with self._database.read() as session:
            due = list(session.scalars(select(Asset.id).where(_stale_stem(self._before(session, kept))).limit(AT_ONCE)))
        if not due:
            return 0
        with self._database.write() as session:
            before = self._before(session, kept)
            # locked first, and then looked at again: a song may have come to use one meanwhile (see `Assets.hold`)
            session.execute(select(Asset.id).where(Asset.id.in_(due)).order_by(Asset.id).with_for_update())
            still = list(session.scalars(select(Asset.id).where(Asset.id.in_(due), _stale_stem(before))))
            # their steps are no longer what a later job may take over, for it would be without stems
            made_by = select(Artifact.step_id).where(Artifact.asset_id.in_(still))
            session.execute(update(Step).where(Step.id.in_(made_by)).values(cache_key=None))
            session.execute(delete(Artifact).where(Artifact.asset_id.in_(still)))
            self._assets.retire(session, still)
        return len(still)

    def _before(self, session: Session, kept: Seconds) -> datetime:
        return self._database.now(session) - timedelta(seconds=kept)


def _trackless(before: datetime) -> tuple[ColumnElement[bool], ...]:
    return Job.state.in_(FINISHED), Job.finished_at < before, ~exists().where(Track.job_id == Job.id)


def _stale_stem(before: datetime) -> ColumnElement[bool]:
    """A stem that nobody's unfinished, younger or favourite song uses."""
    used = exists().where(
        Artifact.asset_id == Asset.id,
        not_(
            and_(
                Artifact.role.startswith(STEM),
                exists().where(Job.id == Artifact.job_id, Job.state.in_(FINISHED), Job.finished_at < before),
                ~exists().where(Track.job_id == Artifact.job_id, Track.favourite),
            )
        ),
    )
    is_stem = exists().where(Artifact.asset_id == Asset.id, Artifact.role.startswith(STEM))
    imitated = exists().where(Token.reference_id == Asset.id)
    return and_(Asset.state == READY, Asset.created_at < before, is_stem, ~used, ~imitated)


def _by_owner(pairs: Iterator[tuple[UUID, UUID]]) -> Iterator[tuple[UUID, list[UUID]]]:
    found: dict[UUID, list[UUID]] = {}
    for owner, track in pairs:
        found.setdefault(owner, []).append(track)
    yield from found.items()
