"""A library with tracks in it, written into the tables as finished generations leave them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from pansori.accounts import local_account
from pansori.db import Database
from pansori.db.tables import Account, Artifact, Asset, Job, Step, Track
from pansori.domain.jobs import JsonDict
from pansori.library import NewTrack, tracks
from pansori.media import Assets, LocalStore
from support.tables import furnish

FIRST = datetime(2026, 1, 1, tzinfo=UTC)


class Shelf:
    """One database, and accounts that own tracks in it."""

    def __init__(self, folder: Path, url: str = "", *, assets: Assets | None = None) -> None:
        """`assets`: of an installation that there is already; its library is filled then."""
        self.database = assets.database if assets else Database(url or f"sqlite+pysqlite:///{folder / 'shelf.db'}")
        furnish(self.database)
        self.assets = assets or Assets(self.database, LocalStore(folder / "assets"))
        self.store = self.assets.store
        self.file = folder / "song.bin"
        self.file.write_bytes(b'{"title": "a song"}')
        with self.database.write() as session:
            self.owner = local_account(session)

    def another_account(self) -> UUID:
        with self.database.write() as session:
            alias = session.query(Account).count() + 10
            row = Account(login=uuid4().hex, alias=alias, kind="guest", name="", created_at=FIRST)
            session.add(row)
            session.flush()
            return row.id

    # -- many at once, for lists ------------

    def fill(self, entries: Sequence[JsonDict], owner: UUID | None = None) -> list[UUID]:
        """Tracks without jobs or files, of which only what is given matters."""
        if not entries:
            return []
        owner = owner or self.owner
        ids = [uuid4() for _ in entries]
        assets = [_asset(owner, uuid4(), f"{one}.mp3") for one in ids]
        with self.database.write() as session:
            session.execute(insert(Asset), assets)
            rows = [
                _track(owner, one, asset["id"], index, entry)
                for index, (one, asset, entry) in enumerate(zip(ids, assets, entries, strict=True))
            ]
            session.execute(insert(Track), rows)
        return ids

    # -- one at a time, whole ------------

    def make(self, title: str = "A song", *, owner: UUID | None = None, reused: UUID | None = None) -> UUID:
        """A finished generation with song and master, kept as a track. `reused`: the job whose master it has."""
        owner = owner or self.owner
        song = self.assets.write(owner, f"{title}.mp3", self.file)
        master = None if reused else self.assets.write(owner, "master.flac", self.file)
        with self.database.write() as session:
            job, step = _job(session, owner, "succeeded")
            self.assets.commit(session, [one for one in (song, master) if one])
            if reused is not None:
                wanted = select(Artifact.asset_id).where(Artifact.job_id == reused, Artifact.role == "master")
                master = session.execute(wanted).scalar_one()
            for role, asset in (("song", song), ("master", master)):
                session.add(Artifact(step_id=step, job_id=job, asset_id=asset, role=role))
            new = NewTrack(
                song, title, "a prompt", "in more words", "la la", {}, "debug", 1, "code GPL", {}, [{"text": "la"}]
            )
            return tracks.add(session, job, new)

    def begin(self, owner: UUID | None = None, state: str = "queued", kind: str = "generation") -> UUID:
        """A generation, or work of another kind, that is not finished. Returns its job."""
        with self.database.write() as session:
            return _job(session, owner or self.owner, state, kind)[0]

    def job_of(self, track_id: UUID) -> UUID:
        with self.database.read() as session:
            return session.execute(select(Track.job_id).where(Track.id == track_id)).scalar_one()  # type: ignore[return-value]

    def delete(self, *ids: UUID, owner: UUID | None = None) -> list[UUID]:
        with self.database.write() as session:
            deleted = tracks.delete(session, self.assets, ids, owner or self.owner)
        self.assets.collect()
        return deleted

    def files(self) -> int:
        return len(list(self.store.keys()))

    def count(self, table: Any) -> int:
        with self.database.read() as session:
            found: int = session.query(table).count()
        return found


def _job(session: Session, owner: UUID, state: str, kind: str = "generation") -> tuple[UUID, int]:
    job = Job(kind=kind, origin="texttune", owner=owner, state=state, task={}, progress={}, created_at=FIRST)
    session.add(job)
    session.flush()
    step = Step(
        job_id=job.id,
        name="compose",
        queue="cpu",
        params={},
        blockers=0,
        dependents=[],
        state="succeeded" if state == "succeeded" else "ready",
        priority=0,
        max_attempts=3,
        run_after=FIRST,
        cache_key="the same",
    )
    session.add(step)
    session.flush()
    return job.id, step.id


def _asset(owner: UUID, asset_id: UUID, name: str) -> JsonDict:
    return {
        "id": asset_id,
        "owner": owner,
        "key": f"{asset_id.hex}.mp3",
        "state": "ready",
        "name": name,
        "media_type": "audio/mpeg",
        "size": 1000,
        "sha256": "0" * 64,
        "duration": 12.0,
        "created_at": FIRST,
    }


def _track(owner: UUID, track_id: UUID, asset_id: UUID, index: int, entry: JsonDict) -> JsonDict:
    row = {
        "title": f"Track {index}",
        "prompt": "a prompt",
        "expanded_prompt": "",
        "lyrics": "",
        "engine": "debug",
        "duration": 12.0,
        "favourite": False,
        "created_at": FIRST + timedelta(seconds=index),
        **entry,
    }
    texts = (row[name] for name in ("title", "prompt", "expanded_prompt", "lyrics", "engine"))
    return {
        **row,
        "id": track_id,
        "owner": owner,
        "job_id": None,
        "asset_id": asset_id,
        "parameters": {},
        "seed": index,
        "licence": "",
        "facts": {},
        "lines": [],
        "media_type": "audio/mpeg",
        "size": 1000,
        **tracks.keys(*texts),
    }
