"""What everything is signed with: made for each installation, kept with its data, and never the same elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.accounts import Accounts
from pansori.db import Database, upgrade
from pansori.settings import load
from support.accounts import CHEAP


def key_of(folder: Path, secret: str = "") -> bytes:
    """What links are signed with by a server that is started on this folder."""
    folder.mkdir(exist_ok=True)
    database = Database(f"sqlite:///{folder / 'pansori.db'}")
    upgrade(database)
    accounts = Accounts(database, load(mode="accounts", password_memory=CHEAP, jwt_secret=secret))
    try:
        return accounts.key("links")
    finally:
        accounts.close()
        database.close()


def test_no_two_installations_have_the_same(tmp_path: Path) -> None:
    keys = {key_of(tmp_path / name) for name in ("one", "two", "three")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}


def test_it_outlives_the_server(tmp_path: Path) -> None:
    assert key_of(tmp_path / "one") == key_of(tmp_path / "one")


def test_one_that_is_set_counts_everywhere(tmp_path: Path) -> None:
    secret = "a secret of thirty-two bytes or more"
    assert key_of(tmp_path / "one", secret) == key_of(tmp_path / "two", secret) != key_of(tmp_path / "one")


def test_a_short_one_is_warned_of_and_not_repeated(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    key_of(tmp_path / "one", "dev-secret-change-me")
    assert "JWT_SECRET has less than 32 bytes" in caplog.text
    assert "dev-secret-change-me" not in caplog.text
