"""Which recording is the newest that somebody gave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import insert, update

from pansori.bootstrap import build
from pansori.db.tables import Asset, Token
from pansori.library import recordings, turns
from pansori.media import AssetInfo
from pansori.settings import load
from pansori.workflows import Services, store_recording
from support.recordings import short

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(load(data_dir=tmp_path, workers=0))
    yield services
    services.close()


@pytest.fixture
def owner(services: Services) -> UUID:
    return services.accounts.local().known("read").id


def kept(services: Services, owner: UUID, folder: Path, name: str, content: bytes) -> AssetInfo:
    path = folder / name
    path.write_bytes(content)
    return store_recording(services, path, name=name, owner=owner)


def latest(services: Services, owner: UUID) -> UUID | None:
    with services.database.read() as session:
        return recordings.latest(session, owner)


def test_the_newest_sound_is_found_and_nothing_that_is_something_else(
    services: Services, owner: UUID, tmp_path: Path
) -> None:
    assert latest(services, owner) is None
    first = kept(services, owner, tmp_path, "first.wav", short())
    said, answered, clip = (
        kept(services, owner, tmp_path, f"{name}.wav", short()) for name in ("said", "answered", "clip")
    )
    kept(services, owner, tmp_path, "words.txt", b"no sound at all")
    assert latest(services, owner) == clip.id
    with services.database.write() as session:
        turns.add(session, owner, 10, state="done", input_id=said.id, output_id=answered.id)
        row = {"id": uuid4().hex, "owner": owner, "reference_id": clip.id, "created_at": MOMENT, "updated_at": MOMENT}
        session.execute(insert(Token).values(row))
    assert latest(services, owner) == first.id
    assert latest(services, uuid4()) is None
    with services.database.write() as session:
        session.execute(update(Asset).where(Asset.id == first.id).values(state="pending"))
    assert latest(services, owner) is None
