"""Files that are stored while they come: however they are cut, and whatever happens meanwhile."""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from pansori.accounts import local_account
from pansori.db import Database
from pansori.db.tables import Asset
from pansori.domain.errors import Conflict, MediaTooLarge, QuotaExceeded, StorageFull
from pansori.domain.units import Bytes
from pansori.media import AssetInfo, Assets, MemoryStore, Quotas, media_type
from support.media import wave_file
from support.tables import furnish

MEBIBYTE = 1024 * 1024
LIMIT = Bytes(40 * MEBIBYTE)


class Shelf:
    """Assets in memory, and whose they are."""

    def __init__(self, capacity: Bytes | None = None, quota: int = 0) -> None:
        self.database = Database("sqlite://")
        furnish(self.database)
        self.store = MemoryStore(capacity)
        self.assets = Assets(self.database, self.store, quotas=Quotas(account=quota))
        with self.database.write() as session:
            self.owner: UUID = local_account(session)

    def receive(
        self,
        *chunks: bytes | memoryview,
        limit: Bytes = LIMIT,
        expected: int | None = None,
        before_the_end: Callable[[], object] = lambda: None,
    ) -> AssetInfo:
        with self.assets.receive(self.owner, "a.wav", limit=limit, expected=expected) as coming:
            for chunk in chunks:
                coming.write(chunk)
            before_the_end()
            return coming.finish()

    def rows(self) -> list[Asset]:
        with self.database.read() as session:
            return list(session.scalars(select(Asset)))

    def is_empty(self) -> bool:
        return not self.rows() and not list(self.store.keys())


@pytest.fixture(scope="module")
def shelf() -> Iterator[Shelf]:
    shelf = Shelf()
    yield shelf
    shelf.database.close()


@settings(max_examples=25)
@given(cuts=st.lists(st.integers(0, 700_000), max_size=6), size=st.integers(0, 700_000))
def test_however_it_is_cut_the_file_is_the_same(shelf: Shelf, cuts: list[int], size: int) -> None:
    data = (b"RIFF....WAVE" + bytes(range(256)) * (size // 256 + 1))[:size]
    borders = sorted({0, size, *(min(cut, size) for cut in cuts)})
    info = shelf.receive(*(memoryview(data)[start:end] for start, end in itertools.pairwise(borders)))
    assert (info.size, info.sha256) == (size, hashlib.sha256(data).hexdigest())
    assert b"".join(shelf.assets.read(info)) == data
    assert info.media_type == ("audio/wav" if size >= 12 else info.media_type)


def test_a_file_is_told_apart_as_one_that_is_written(shelf: Shelf, tmp_path: Path) -> None:
    file = wave_file(tmp_path / "a")
    for data in (file.read_bytes(), b'{"a": 1}', "소리".encode(), b"\0\1\2", b"", b"<svg></svg>"):
        file.write_bytes(data)
        assert shelf.receive(data).media_type == media_type(file)


def test_who_leaves_before_the_end_has_stored_nothing() -> None:
    shelf = Shelf()
    with shelf.assets.receive(shelf.owner, "a", limit=LIMIT) as coming:
        coming.write(os.urandom(9 * MEBIBYTE))
        assert [row.state for row in shelf.rows()] == ["pending"]
    assert shelf.is_empty()


@pytest.mark.parametrize("expected", [None, 3 * MEBIBYTE])
def test_the_limit_is_kept_while_it_comes(expected: int | None) -> None:
    shelf = Shelf()
    with pytest.raises(MediaTooLarge, match="2,097,152"):
        shelf.receive(*[bytes(MEBIBYTE)] * 3, limit=Bytes(2 * MEBIBYTE), expected=expected)
    assert shelf.is_empty()


@pytest.mark.parametrize("expected", [None, 20 * MEBIBYTE])
def test_the_quota_is_kept_while_it_comes(expected: int | None) -> None:
    shelf = Shelf(quota=10 * MEBIBYTE)
    came: list[bytes] = []

    def much() -> Iterator[bytes]:
        for _ in range(20):
            came.append(bytes(MEBIBYTE))
            yield came[-1]

    with pytest.raises(QuotaExceeded), shelf.assets.receive(shelf.owner, "a", limit=LIMIT, expected=expected) as coming:
        list(map(coming.write, much()))
    assert len(came) < 20
    assert shelf.is_empty()
    assert shelf.receive(bytes(10 * MEBIBYTE)).size == 10 * MEBIBYTE


def test_a_store_that_becomes_full_keeps_nothing_of_it() -> None:
    shelf = Shelf(capacity=Bytes(65 * MEBIBYTE))
    with pytest.raises(StorageFull):
        shelf.receive(expected=66 * MEBIBYTE, limit=Bytes(70 * MEBIBYTE))
    with pytest.raises(StorageFull):
        shelf.receive(bytes(66 * MEBIBYTE), limit=Bytes(70 * MEBIBYTE))
    assert shelf.is_empty()


def test_a_file_that_was_given_up_meanwhile_does_not_come_back() -> None:
    """As one that fell silent for an hour."""
    shelf = Shelf()

    def forget() -> None:
        with shelf.database.write() as session:
            session.execute(update(Asset).values(created_at=shelf.database.now(session) - timedelta(hours=2)))
        assert shelf.assets.collect() == 1

    with pytest.raises(Conflict):
        shelf.receive(bytes(MEBIBYTE), before_the_end=forget)
    assert shelf.is_empty()
