"""Tracks: found, read, changed, deleted. Every function is told whose they are to be, and finds no others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.orm import Session

from pansori import jobs
from pansori.db import now as now_of
from pansori.db import owned
from pansori.db.tables import Artifact, Asset, Job, Token, Track
from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.domain.jobs import JobState
from pansori.library._paging import NEWEST_FIRST, ORDERS, cursor_after, ordered
from pansori.library._views import NewTrack, TrackPage, TrackView
from pansori.library._words import NUL, folded, search_terms, search_text
from pansori.media import Assets, one_line

PAGE = 50
LARGEST_PAGE = 200
TITLE_MAX_CHARACTERS = 200
TERMS = 10  #: words of a query that count
NAMELESS = "–"  #: title of a track that was described in nothing but invisible characters
NO_SUCH_TRACK = Text("There is no such track.", "그런 트랙은 없어요.")
SONG = "song"  #: role of a track's own file
MAKES = "generation"  #: the kind of job that leaves a track

__all__ = [
    "ORDERS",
    "add",
    "delete",
    "find",
    "get",
    "keys",
    "of_jobs",
    "rename",
    "set_favourite",
    "shown_title",
    "takes",
]

NAMES = [Track.__table__.columns[name] for name in ("id", "job_id", "asset_id")]
LISTED = [column for name, column in Track.__table__.columns.items() if name not in ("lines", "search")]


# -- reading ------------


def find(
    session: Session,
    owner: UUID,
    *,
    search: str = "",
    sort: str = NEWEST_FIRST,
    cursor: str | None = None,
    limit: int = PAGE,
    favourites: bool = False,
) -> TrackPage:
    """The owner's tracks that have every word of `search` somewhere in title, prompts, lyrics or engine, whatever its
    case. `sort`: one of `ORDERS`. Facts come without `lines`. Raises `InvalidRequest` naming `sort` or `cursor`."""
    limit = max(1, min(limit, LARGEST_PAGE))
    page = ordered(_matching(session, select(*LISTED), owner, search, favourites=favourites), sort, cursor).limit(
        limit + 1
    )
    if NUL in search:  # which PostgreSQL refuses to compare, and no track has
        return TrackPage((), None, 0)
    rows = session.execute(page).all()
    if cursor is None and len(rows) <= limit:
        total = len(rows)
    else:
        counting = select(func.count()).select_from(Track)
        counted = _matching(session, counting, owner, search, favourites=favourites)
        total = session.execute(counted).scalar_one()
    shown = rows[:limit]
    return TrackPage(_views(session, shown), cursor_after(shown[-1], sort) if len(rows) > limit else None, total)


def get(session: Session, track_id: UUID, owner: UUID | None = None) -> TrackView:
    """One track with all its facts. `owner` None: whosever it is, for who holds a signed link to it. Raises
    `NotFound`."""
    row = session.execute(owned(select(*LISTED, Track.lines).where(Track.id == track_id), owner)).one_or_none()
    if row is None:
        raise NotFound(NO_SUCH_TRACK)
    view = _views(session, [row])[0]
    return view.model_copy(update={"facts": {**view.facts, "lines": row.lines}})


def of_jobs(session: Session, job_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """The tracks that these jobs have left, by job."""
    found = session.execute(select(Track.job_id, Track.id).where(Track.job_id.in_(job_ids)))
    return {row.job_id: row.id for row in found if row.job_id is not None}


def takes(session: Session, owner: UUID, track_ids: Collection[UUID]) -> dict[UUID, int]:
    """Which of the owner's tracks of its title each of these is, counted from 1, the oldest. One whose title no other
    track has is left out."""
    titles = select(Track.title_key).where(Track.id.in_(track_ids))
    in_turn = func.row_number().over(partition_by=Track.title_key, order_by=(Track.created_at, Track.id))
    alike = func.count().over(partition_by=Track.title_key)
    counted = owned(select(Track.id, in_turn.label("take"), alike.label("alike")), owner)
    of_titles = counted.where(Track.title_key.in_(titles)).subquery()
    wanted = select(of_titles.c.id, of_titles.c.take).where(of_titles.c.alike > 1, of_titles.c.id.in_(track_ids))
    return {row.id: row.take for row in session.execute(wanted)}


# -- writing ------------


def add(session: Session, job_id: UUID, track: NewTrack) -> UUID:
    """Keep what a job has made in its owner's library, in the transaction in which the job succeeds."""
    owner = session.execute(select(Job.owner).where(Job.id == job_id)).scalar_one()
    file = session.execute(select(Asset.media_type, Asset.size, Asset.duration).where(Asset.id == track.asset_id)).one()
    title = shown_title(track.title) or shown_title(track.prompt) or NAMELESS
    row = Track(
        owner=owner,
        job_id=job_id,
        asset_id=track.asset_id,
        title=title,
        prompt=track.prompt,
        expanded_prompt=track.expanded_prompt,
        lyrics=track.lyrics,
        parameters=track.parameters,
        engine=track.engine,
        seed=track.seed,
        licence=track.licence,
        facts=track.facts,
        lines=track.lines,
        media_type=file.media_type,
        size=file.size,
        duration=file.duration or 0.0,
        favourite=False,
        **keys(title, track.prompt, track.expanded_prompt, track.lyrics, track.engine),
        created_at=now_of(session),
    )
    session.add(row)
    session.flush()
    return row.id


def set_favourite(session: Session, track_id: UUID, owner: UUID, *, favourite: bool) -> TrackView:
    """Raises `NotFound`."""
    return _change(session, track_id, owner, favourite=favourite)


def rename(session: Session, track_id: UUID, owner: UUID, title: str) -> TrackView:
    """Raises `NotFound`, and `InvalidRequest` for a title that is empty, too long or no text."""
    title = _checked_title(title)
    track = get(session, track_id, owner)
    found_by = keys(title, track.prompt, track.expanded_prompt, track.lyrics, track.engine)
    return _change(session, track_id, owner, title=title, **found_by)


def delete(session: Session, assets: Assets, track_ids: Collection[UUID], owner: UUID) -> list[UUID]:
    """Delete tracks with their jobs and files, and cancel those that are still being made. `track_ids` may also be
    ids of generations. What is not the owner's, or is gone already, is passed over.

    The files go with the next `assets.collect()`, which who calls this may do at once after committing, and the
    sweeper does within a second; a stream that has one of them open reads it to its end. Returns the ids, of those
    given, that were deleted.
    """
    given = set(track_ids)
    named = select(*NAMES).where(Track.id.in_(given) | Track.job_id.in_(given)).order_by(Track.id)
    tracks = session.execute(owned(named, owner).with_for_update()).all()  # in order, so that nobody waits in a circle
    begun = (Job.kind == MAKES, Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
    unfinished = select(Job.id).where(Job.id.in_(given), *begun)  # what makes other things than tracks is not touched
    being_made = list(session.scalars(owned(unfinished, owner).order_by(Job.id)))
    session.execute(delete_rows(Track).where(Track.id.in_([track.id for track in tracks])))
    made = [track.job_id for track in tracks if track.job_id is not None]
    jobs.forget(session, assets, made)
    alone = {track.asset_id for track in tracks if track.job_id is None}
    alone.difference_update(session.scalars(select(Token.reference_id).where(Token.reference_id.in_(alone))))
    assets.retire(session, alone)
    late = [one for one in being_made if jobs.cancel(session, one).state is JobState.SUCCEEDED]
    if late:  # finished while we came to it
        delete(session, assets, late, owner)
    return [one for one in dict.fromkeys(track_ids) if one in {*being_made, *made, *(track.id for track in tracks)}]


# -- pieces ------------


def _matching(session: Session, statement: Select[Any], owner: UUID, search: str, *, favourites: bool) -> Select[Any]:
    statement = owned(statement, owner)
    if favourites:
        statement = statement.where(Track.favourite)
    for term in search_terms(search, TERMS):
        statement = statement.where(_has(session, term))
    return statement


def _has(session: Session, term: str) -> ColumnElement[bool]:
    """That the texts of a track have it somewhere. PostgreSQL looks for a string by skipping most of the text
    (Boyer-Moore-Horspool), and for a pattern character by character, which takes three times as long."""
    if session.get_bind().dialect.name == "postgresql":
        return func.strpos(Track.search, term) > 0
    return Track.search.contains(term, autoescape=True)


def _change(session: Session, track_id: UUID, owner: UUID, **values: object) -> TrackView:
    changed = owned(update(Track).where(Track.id == track_id), owner).values(**values).returning(Track.id)
    if session.execute(changed).one_or_none() is None:
        raise NotFound(NO_SUCH_TRACK)
    return get(session, track_id, owner)


def keys(title: str, *others: str) -> dict[str, str]:
    """The columns that a track is sorted and found by; `others`: prompts, lyrics and engine. The title's is no longer
    than the title: some characters stand for twenty, and an index takes only so many."""
    return {"title_key": folded(title)[:TITLE_MAX_CHARACTERS], "search": search_text(title, *others)}


def shown_title(text: str) -> str:
    """The text in one line of what can be seen, no longer than a title may be."""
    return one_line(text)[:TITLE_MAX_CHARACTERS].strip()


def _checked_title(title: str) -> str:
    _refuse_nul(title)
    title = one_line(title)
    if not title:
        raise InvalidRequest(
            Text("A title needs a character at least.", "제목은 한 글자 이상이어야 해요."), field="title"
        )
    if len(title) > TITLE_MAX_CHARACTERS:
        most = TITLE_MAX_CHARACTERS
        raise InvalidRequest(
            Text(f"A title may have {most} characters.", f"제목은 {most}자까지 쓸 수 있어요."), field="title"
        )
    return title


def _refuse_nul(title: str) -> None:
    if NUL in title:
        raise InvalidRequest(
            Text("The title contains a NUL character.", "제목에 NUL 문자가 들어 있어요."), field="title"
        )


def _views(session: Session, rows: Sequence[Any]) -> tuple[TrackView, ...]:
    artifacts = _artifacts(session, [row.job_id for row in rows if row.job_id is not None])
    return tuple(
        TrackView.model_validate({**_columns(row), "artifacts": {SONG: row.asset_id} | artifacts.get(row.job_id, {})})
        for row in rows
    )


def _columns(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in TrackView.model_fields if name != "artifacts"}


def _artifacts(session: Session, job_ids: Iterable[UUID]) -> dict[UUID, dict[str, UUID]]:
    wanted = select(Artifact.job_id, Artifact.role, Artifact.asset_id).where(Artifact.job_id.in_(list(job_ids)))
    found: dict[UUID, dict[str, UUID]] = {}
    for row in session.execute(wanted.order_by(Artifact.id)):
        found.setdefault(row.job_id, {})[row.role] = row.asset_id
    return found
