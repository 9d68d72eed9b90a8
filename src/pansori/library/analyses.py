"""Analyses: found, read, corrected, deleted. Every function is told whose they are to be, and finds no others.

An analysis is a job of the kind `analysis`, the recording that it measured, and what people have said against it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.db import insert_into, owned
from pansori.db.tables import AnalysisResult, Artifact, Asset, Job, Token, Track
from pansori.domain.errors import Conflict, NotFound, Text
from pansori.domain.jobs import ArtifactView, JobState, JobView, JsonDict
from pansori.library.briefs import Brief, brief_of
from pansori.media import READY, AssetInfo, Assets

KIND: Final = "analysis"  #: of the jobs
MEASURES: Final = "analysis"  #: role of the artifact that holds everything that was measured
SOURCE: Final = "asset_id"  #: field of the task that names the recording
NAMELESS: Final = "–"  #: of an analysis whose recording is gone
PAGE: Final = 50
LARGEST_PAGE: Final = 200
NO_SUCH_ANALYSIS = Text("There is no such analysis.", "그런 분석은 없어요.")
NOT_DONE = Text("The analysis is not done, so there is nothing to correct.", "분석이 끝나지 않아서 고칠 것이 없어요.")


@dataclass(frozen=True)
class AnalysisView:
    """One analysis. `recording`: None where it is gone. `corrections`: what people said against it."""

    job: JobView
    name: str
    recording: AssetInfo | None
    corrections: JsonDict | None = None

    @property
    def id(self) -> UUID:
        return self.job.id

    @property
    def measures(self) -> ArtifactView | None:
        """The file with everything that was measured. None: it is not done, or another program gave the result."""
        found = (one for one in self.job.artifacts if one.role == MEASURES)
        return next(found, None) if self.job.state is JobState.SUCCEEDED else None

    @property
    def brief(self) -> Brief:
        """As it was measured: without what people said against it."""
        return brief_of(self.job.result or {})


@dataclass(frozen=True)
class AnalysisPage:
    """A part of a list. `next_cursor` asks for the part after it; None: that was all."""

    items: tuple[AnalysisView, ...]
    next_cursor: str | None


def find(session: Session, owner: UUID, *, cursor: str | None = None, limit: int = PAGE) -> AnalysisPage:
    """The owner's analyses in whatever state, newest first. Raises `InvalidRequest` for a cursor that is not ours."""
    limit = max(1, min(limit, LARGEST_PAGE))
    page = jobs.list_jobs(session, owner=owner, kind=KIND, cursor=cursor, limit=limit)
    return AnalysisPage(tuple(_views(session, page.items)), page.next_cursor)


def get(session: Session, analysis_id: UUID, owner: UUID) -> AnalysisView:
    """Raises `NotFound`."""
    try:
        job = jobs.get(session, analysis_id, owner=owner)
    except NotFound:
        raise NotFound(NO_SUCH_ANALYSIS) from None
    if job.kind != KIND:
        raise NotFound(NO_SUCH_ANALYSIS)
    return _views(session, [job])[0]


def of_recording(session: Session, asset_id: UUID, owner: UUID) -> UUID | None:
    """The newest analysis of a stored file that was not cancelled and has not failed. None: there is none."""
    fine = Job.state.not_in((JobState.FAILED, JobState.CANCELLED))
    wanted = select(Job.id).where(Job.kind == KIND, Job.task[SOURCE].as_string() == str(asset_id), fine)
    return session.scalars(owned(wanted, owner).order_by(Job.created_at.desc()).limit(1)).one_or_none()


def names_of(session: Session, found: Sequence[JobView]) -> dict[UUID, str]:
    """What those of these jobs that are analyses are called."""
    return {view.id: view.name for view in _views(session, [job for job in found if job.kind == KIND])}


def song_of(session: Session, asset_id: UUID, owner: UUID) -> tuple[UUID, str] | None:
    """The owner's track whose file that is, with its title. None: it is no song's."""
    wanted = select(Track.id, Track.title).where(Track.asset_id == asset_id).limit(1)
    row = session.execute(owned(wanted, owner)).one_or_none()
    return (row.id, row.title) if row is not None else None


def correct(session: Session, analysis_id: UUID, owner: UUID, corrections: JsonDict | None) -> AnalysisView:
    """Keep what a person says against the analysis, in place of what was said before. None: nothing any more. Raises
    `NotFound`; `Conflict` where it is not done."""
    view = get(session, analysis_id, owner)
    if view.measures is None:
        raise Conflict(NOT_DONE)
    row = {
        "job_id": analysis_id,
        "owner": owner,
        "name": view.name[:255],
        "result": view.job.result or {},
        "created_at": view.job.finished_at or view.job.created_at,
    }
    kept = insert_into(session, AnalysisResult).values(**row, corrections=corrections)
    session.execute(
        kept.on_conflict_do_update(index_elements=["job_id"], set_={"corrections": kept.excluded.corrections})
    )
    return get(session, analysis_id, owner)


def delete(session: Session, assets: Assets, ids: Collection[UUID], owner: UUID) -> list[UUID]:
    """Delete analyses with their files and cancel those that are not finished. A recording goes too, unless a track, a
    token or another analysis has it. Files go with the next `assets.collect()`. Returns the ids that went."""
    named = select(Job.id).where(Job.id.in_(list(ids)), Job.kind == KIND).order_by(Job.id)
    mine = list(session.scalars(owned(named, owner).with_for_update()))
    views = _views(session, [jobs.get(session, one, owner=owner) for one in mine])
    for view in views:
        if not view.job.state.finished:
            jobs.cancel(session, view.id)
    gone = set(jobs.forget(session, assets, mine))
    recordings = {view.recording.id for view in views if view.id in gone and view.recording is not None}
    assets.retire(session, _unused(session, recordings))
    return [one for one in ids if one in set(mine)]


def _unused(session: Session, recordings: Collection[UUID]) -> list[UUID]:
    """Of these files, those that nothing else has."""
    if not recordings:
        return []
    # locked, so that nothing comes to use one between this look and the end
    session.execute(select(Asset.id).where(Asset.id.in_(recordings)).order_by(Asset.id).with_for_update())
    used = set(session.scalars(select(Track.asset_id).where(Track.asset_id.in_(recordings))))
    used.update(session.scalars(select(Artifact.asset_id).where(Artifact.asset_id.in_(recordings))))
    clips = session.scalars(select(Token.reference_id).where(Token.reference_id.in_(recordings)))
    used.update(one for one in clips if one is not None)
    told = or_(*(Job.task[SOURCE].as_string() == str(one) for one in recordings))
    used.update(UUID(one) for one in session.scalars(select(Job.task[SOURCE].as_string()).where(told)))
    return sorted(set(recordings) - used)


def _views(session: Session, found: Sequence[JobView]) -> list[AnalysisView]:
    if not found:
        return []
    sources = {job.id: _source(job) for job in found}
    recordings = _recordings(session, [one for one in sources.values() if one is not None])
    columns = (AnalysisResult.job_id, AnalysisResult.name, AnalysisResult.corrections)
    rows = session.execute(select(*columns).where(AnalysisResult.job_id.in_(sources)))
    results = {row.job_id: row for row in rows}
    views = []
    for job in found:
        recording, kept = recordings.get(sources[job.id] or job.id), results.get(job.id)
        name = kept.name if kept is not None else recording.name if recording is not None else NAMELESS
        views.append(AnalysisView(job, name, recording, kept.corrections if kept is not None else None))
    return views


def _source(job: JobView) -> UUID | None:
    told = job.task.get(SOURCE)
    return UUID(told) if isinstance(told, str) else None


def _recordings(session: Session, ids: Iterable[UUID]) -> dict[UUID, AssetInfo]:
    columns = [Asset.__table__.columns[name] for name in AssetInfo.model_fields]
    rows = session.execute(select(*columns).where(Asset.id.in_(list(ids)), Asset.state == READY))
    return {row.id: AssetInfo.model_validate(row, from_attributes=True) for row in rows}
