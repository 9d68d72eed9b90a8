"""Finished jobs deleted with what they left, and files that are about to be used again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from pansori import jobs
from pansori.db.tables import Artifact, Job
from pansori.domain.errors import StorageError
from support.shelf import Shelf
from support.waiting import eventually


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    made = Shelf(tmp_path)
    yield made
    made.database.close()


@pytest.fixture
def on_postgres(tmp_path: Path, postgres_url: str) -> Iterator[Shelf]:
    made = Shelf(tmp_path, postgres_url.replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.database.close()


def forget(shelf: Shelf, *ids: UUID) -> list[UUID]:
    with shelf.database.write() as session:
        return jobs.forget(session, shelf.assets, ids)


def assets_of(shelf: Shelf, job: UUID) -> list[UUID]:
    with shelf.database.read() as session:
        return [row.asset_id for row in session.query(Artifact).filter(Artifact.job_id == job)]


def test_finished_jobs_go_and_others_stay(shelf: Shelf) -> None:
    finished = shelf.job_of(shelf.make())
    queued, running = shelf.begin(), shelf.begin(state="running")
    assert forget(shelf, finished, queued, running, uuid4()) == [finished]
    shelf.assets.collect()
    assert (shelf.count(Job), shelf.files()) == (2, 0)
    assert forget(shelf, finished) == []
    assert forget(shelf) == []


def test_what_is_to_be_used_again_has_to_be_there(shelf: Shelf) -> None:
    job = shelf.job_of(shelf.make())
    assets = assets_of(shelf, job)
    with shelf.database.write() as session:
        shelf.assets.hold(session, assets)
    forget(shelf, job)
    with shelf.database.write() as session, pytest.raises(StorageError) as gone:
        shelf.assets.hold(session, assets)
    assert gone.value.retryable


def test_what_somebody_comes_to_use_is_not_deleted_meanwhile(on_postgres: Shelf) -> None:
    """Who deletes waits for who holds, and then sees that the files are used."""
    shelf = on_postgres
    first, second = shelf.job_of(shelf.make()), shelf.job_of(shelf.make())
    assets = assets_of(shelf, first)
    deleting = threading.Thread(target=forget, args=(shelf, first))
    with shelf.database.write() as session:
        shelf.assets.hold(session, assets)
        deleting.start()
        eventually(lambda: waits_for_a_lock(shelf))
        step = session.query(Artifact).filter(Artifact.job_id == second).first()
        assert step is not None
        for number, asset in enumerate(assets):
            session.add(Artifact(step_id=step.step_id, job_id=second, asset_id=asset, role=f"again {number}"))
    deleting.join()
    with shelf.database.write() as session:
        shelf.assets.hold(session, assets)


def waits_for_a_lock(shelf: Shelf) -> bool:
    with shelf.database.read() as session:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(session.execute(text(waiting)).scalar_one())
