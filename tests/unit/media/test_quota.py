"""An account's files take as much as they may, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from pansori.domain.errors import QuotaExceeded
from pansori.domain.units import Bytes
from pansori.media import Assets, Quotas, usage
from pansori.settings import Settings
from support.shelf import Shelf

SIZE = 1000


class Kept(Shelf):
    """An installation with quotas."""

    def __init__(self, folder: Path, quotas: Quotas, url: str = "") -> None:
        super().__init__(folder, url)
        self.assets = Assets(self.database, self.store, quotas=quotas)
        self.file.write_bytes(bytes(SIZE))

    def write(self, owner: UUID | None = None) -> UUID:
        asset = self.assets.write(owner or self.owner, "song.bin", self.file)
        with self.database.write() as session:
            self.assets.commit(session, [asset])
        return asset

    def used(self, owner: UUID | None = None) -> int:
        with self.database.read() as session:
            return self.assets.quotas.usage(session, owner or self.owner).used


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    made = Kept(tmp_path, Quotas(account=3 * SIZE, guest=SIZE))
    yield made
    made.database.close()


def test_files_are_taken_up_to_the_last_byte(kept: Kept) -> None:
    for _ in range(3):
        kept.write()
    with pytest.raises(QuotaExceeded) as caught:
        kept.write()
    assert not caught.value.retryable
    assert caught.value.cure is not None
    assert kept.used() == 3 * SIZE
    assert kept.files() == 3


def test_guests_have_less_and_nobody_takes_anothers_room(kept: Kept) -> None:
    guest = kept.another_account()
    kept.write(guest)
    with pytest.raises(QuotaExceeded):
        kept.write(guest)
    kept.write()
    assert (kept.used(), kept.used(guest)) == (SIZE, SIZE)


def test_deleting_makes_room(kept: Kept) -> None:
    assets = [kept.write() for _ in range(3)]
    with kept.database.write() as session:
        kept.assets.retire(session, assets[:1])
    kept.assets.collect()
    kept.write()


def test_a_full_account_is_told_before_it_begins(kept: Kept) -> None:
    for _ in range(3):
        kept.write()
    with kept.database.write() as session, pytest.raises(QuotaExceeded):
        kept.assets.quotas.check(session, kept.owner)


def test_without_a_quota_there_is_none(tmp_path: Path) -> None:
    kept = Kept(tmp_path, Quotas())
    kept.write()
    with kept.database.write() as session:
        kept.assets.quotas.check(session, kept.owner, 10**15)
    with kept.database.read() as session:
        told = usage(session, kept.owner, Settings())
    assert (told.used, told.files, told.limit) == (SIZE, 1, None)
    kept.database.close()


def test_guests_have_as_much_as_others_where_nothing_else_is_said() -> None:
    assert Quotas.of(Settings(account_quota=Bytes(7))) == Quotas(7, 7)
    assert Quotas.of(Settings(account_quota=Bytes(7), guest_quota=Bytes(3))) == Quotas(7, 3)


def test_the_same_in_postgresql(tmp_path: Path, postgres_url: str) -> None:
    kept = Kept(tmp_path, Quotas(account=SIZE), Settings(database_url=postgres_url).database)
    kept.write()
    with pytest.raises(QuotaExceeded):
        kept.write()
    kept.database.close()
