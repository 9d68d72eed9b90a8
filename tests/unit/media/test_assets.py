"""Rows and bytes together, through a real database and a real folder."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from pansori.accounts import local_account
from pansori.db import Database
from pansori.db.tables import Asset, Job, Step
from pansori.domain.errors import Conflict, NotFound, StorageFull
from pansori.domain.units import Bytes, Seconds
from pansori.media import Assets, LocalStore, MemoryStore
from pansori.settings import Settings
from support.media import tone, wave_file
from support.tables import furnish


class World:
    """An account, a running step of a job, and a song to store."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.database = Database(url or f"sqlite+pysqlite:///{folder / 'test.db'}")
        furnish(self.database)
        self.store = LocalStore(folder / "assets")
        self.assets = Assets(self.database, self.store)
        self.file = folder / "song.bin"
        self.file.write_bytes(b'{"title": "song"}')
        with self.database.write() as session:
            self.owner = local_account(session)
            self.step = self._running_step(session)

    def write(self, *, attempt: int | None = None, name: str = "song.json") -> UUID:
        step = self.step if attempt else None
        return self.assets.write(self.owner, name, self.file, step_id=step, attempt=attempt)

    def commit(self, *ids: UUID) -> None:
        with self.database.write() as session:
            self.assets.commit(session, ids)

    def rows(self) -> list[tuple[UUID, str]]:
        with self.database.read() as session:
            return [(row.id, row.state) for row in session.query(Asset)]

    def set_step(self, **values: object) -> None:
        with self.database.write() as session:
            session.execute(update(Step).where(Step.id == self.step).values(**values))

    def _running_step(self, session: Session) -> int:
        now = datetime.now(UTC)
        job = Job(kind="song", origin="v1", owner=self.owner, state="running", task={}, progress={}, created_at=now)
        session.add(job)
        session.flush()
        step = Step(
            job_id=job.id,
            name="compose",
            queue="cpu",
            params={},
            blockers=0,
            dependents=[],
            state="running",
            priority=0,
            attempt=1,
            max_attempts=3,
            run_after=now,
        )
        session.add(step)
        session.flush()
        return step.id


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.database.close()


def test_a_written_asset_is_pending_until_it_is_committed(world: World) -> None:
    asset_id = world.write(attempt=1, name="노래\u202e/x.json")
    assert world.rows() == [(asset_id, "pending")]
    with world.database.read() as session, pytest.raises(NotFound):
        world.assets.info(session, asset_id)
    world.commit(asset_id)
    with world.database.read() as session:
        info = world.assets.info(session, asset_id, owner=world.owner)
    data = world.file.read_bytes()
    assert (info.name, info.media_type, info.size) == ("노래_x.json", "application/json", len(data))
    assert info.sha256 == hashlib.sha256(data).hexdigest()
    assert info.created_at.tzinfo is not None
    assert b"".join(world.assets.read(info)) == data
    assert b"".join(world.assets.read(info, 2, 7)) == b"title"
    path = world.assets.local_path(info)
    assert path is not None
    assert path.suffix == ".json"
    assert world.assets.materialize(info, path.parent) == path


def test_nobody_else_sees_it(world: World) -> None:
    asset_id = world.write()
    world.commit(asset_id)
    with world.database.read() as session:
        with pytest.raises(NotFound):
            world.assets.info(session, asset_id, owner=uuid4())
        with pytest.raises(NotFound):
            world.assets.info(session, uuid4())


def test_what_rolls_back_stays_pending(world: World) -> None:
    asset_id = world.write(attempt=1)

    with pytest.raises(Conflict), world.database.write() as session:
        world.assets.commit(session, [asset_id, uuid4()])
    assert world.rows() == [(asset_id, "pending")]


def test_a_failed_write_leaves_nothing(world: World) -> None:
    assets = Assets(world.database, MemoryStore(capacity=Bytes(4)))
    with pytest.raises(StorageFull):
        assets.write(world.owner, "song", world.file)
    assert world.rows() == []


def test_a_store_without_files_makes_copies(world: World, tmp_path: Path) -> None:
    assets = Assets(world.database, MemoryStore())
    asset_id = assets.write(world.owner, "song", world.file)
    with world.database.write() as session:
        assets.commit(session, [asset_id])
        info = assets.info(session, asset_id)
    assert assets.local_path(info) is None
    assert assets.materialize(info, tmp_path).read_bytes() == world.file.read_bytes()


def test_discarding_takes_pending_ones_only(world: World) -> None:
    kept, dropped = world.write(attempt=1), world.write(attempt=1)
    world.commit(kept)
    world.assets.discard([kept, dropped])
    assert world.rows() == [(kept, "ready")]
    assert len(list(world.store.keys())) == 1


@pytest.mark.parametrize("fate", [{"attempt": 2}, {"state": "ready"}, {"state": "failed"}])
def test_assets_of_attempts_that_ended_are_collected(world: World, fate: dict[str, object]) -> None:
    committed, abandoned = world.write(attempt=1), world.write(attempt=1)
    world.commit(committed)
    assert world.assets.collect() == 0
    world.set_step(**fate)
    assert world.assets.collect() == 1
    assert world.rows() == [(committed, "ready")]
    with pytest.raises(Conflict):
        world.commit(abandoned)
    assert len(list(world.store.keys())) == 1


def test_the_same_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    world = World(tmp_path, Settings(database_url=postgres_url).database)
    try:
        committed, abandoned, discarded = (world.write(attempt=1) for _ in range(3))
        world.commit(committed)
        world.assets.discard([committed, discarded])
        assert world.assets.collect() == 0
        world.set_step(attempt=2)
        assert world.assets.collect() == 1
        with pytest.raises(Conflict):
            world.commit(abandoned)
        assert world.rows() == [(committed, "ready")]
        world.store.put("ff/ff/stray.bin", world.file)
        assert world.assets.sweep(older_than=Seconds(0.0)) == 1
        assert len(list(world.store.keys())) == 1
    finally:
        world.database.close()


def test_pending_assets_of_no_step_are_collected_when_old(world: World) -> None:
    world.write()
    assert world.assets.collect() == 0
    with world.database.write() as session:
        session.execute(update(Asset).values(created_at=datetime.now(UTC) - timedelta(hours=2)))
    assert world.assets.collect() == 1
    assert world.rows() == []
    assert list(world.store.keys()) == []


def test_an_interrupted_deletion_is_finished(world: World) -> None:
    world.write()
    with world.database.write() as session:
        session.execute(update(Asset).values(state="deleting"))
    world.store.delete(next(world.store.keys()))
    assert world.assets.collect() == 1
    assert world.rows() == []


def test_a_writer_whose_step_was_taken_away_leaves_nothing(world: World) -> None:
    """Its row is collected while the bytes are on their way."""

    class Slow(MemoryStore):
        def put(self, key: str, path: Path) -> None:
            world.set_step(attempt=2)
            assert world.assets.collect() == 1
            super().put(key, path)

    slow = Slow()
    with pytest.raises(Conflict):
        Assets(world.database, slow).write(world.owner, "song", world.file, step_id=world.step, attempt=1)
    assert list(slow.keys()) == []


def test_files_that_no_row_knows_are_swept_when_old(world: World) -> None:
    asset_id = world.write()
    world.commit(asset_id)
    world.store.put("ff/ff/stray.bin", world.file)
    assert world.assets.sweep() == 0
    for stored in world.store.objects():
        os.utime(world.store.local_path(stored.key), (0, 0))
    assert world.assets.sweep() == 1
    assert len(list(world.store.keys())) == 1
    assert world.rows() == [(asset_id, "ready")]


def test_a_given_type_is_kept(world: World) -> None:
    asset_id = world.assets.write(world.owner, "a", world.file, media_type="text/x-lrc", duration=Seconds(2.5))
    world.commit(asset_id)
    with world.database.read() as session:
        info = world.assets.info(session, asset_id)
    assert (info.media_type, info.duration) == ("text/x-lrc", 2.5)


@pytest.mark.parametrize("damage", [False, True])
def test_the_length_of_sound_is_measured(damage: bool, world: World) -> None:
    wave_file(world.file, tone(1.5))
    if damage:
        world.file.write_bytes(world.file.read_bytes()[:20] + bytes(500))
    asset_id = world.write(name="misleading.txt")
    world.commit(asset_id)
    with world.database.read() as session:
        info = world.assets.info(session, asset_id)
    assert (info.media_type, info.duration) == ("audio/wav", None if damage else 1.5)


def test_the_files_of_another_database_are_left_alone(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """As after a change of DATABASE_URL alone: nothing that is stored is known then."""
    for number in range(11):
        world.store.put(f"ff/ff/{number}.bin", world.file)
    for stored in world.store.objects():
        os.utime(world.store.local_path(stored.key), (0, 0))
    assert world.assets.sweep() == 0
    assert "11 stored files are unknown" in caplog.text
    assert len(list(world.store.keys())) == 11


def test_many_deletions_are_carried_out_a_few_at_a_time(world: World) -> None:
    """The sweeper, which collects, has leases to look after too."""
    assets = Assets(world.database, MemoryStore())
    ids = [assets.write(world.owner, "song", world.file) for _ in range(120)]
    with world.database.write() as session:
        assets.retire(session, ids)
    assert [assets.collect() for _ in range(3)] == [100, 20, 0]
    assert (world.rows(), list(assets.store.keys())) == ([], [])
