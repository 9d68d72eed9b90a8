"""Accounts without a server: a clock that is set by hand, and letters that are kept instead of sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.orm import Session

from pansori.accounts import NOBODY, Accounts, AccountView, Client, Letter, Login
from pansori.db import Database
from pansori.domain.units import Bytes
from pansori.settings import load
from support.tables import furnish
from support.waiting import eventually

CHEAP = Bytes(1024 * 1024)  #: memory of one hash, so that tests need not wait for good ones
PASSWORD = "correct horse battery"
HOME = Client("192.0.2.1", "Firefox", "en")


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 1, 12, tzinfo=UTC)

    def __call__(self, _session: Session) -> datetime:
        return self.now

    def pass_by(self, **amount: float) -> None:
        self.now += timedelta(**amount)


class Letters:
    """A mailer that keeps what it is given."""

    def __init__(self) -> None:
        self.sent: list[Letter] = []

    def send(self, letter: Letter) -> None:
        self.sent.append(letter)

    def next(self) -> Letter:
        """The oldest that was not looked at, as soon as it is there."""
        eventually(lambda: self.sent, every=0.002)
        return self.sent.pop(0)


class House:
    """The accounts of an installation of the test's own."""

    def __init__(self, database: Database, **settings: object) -> None:
        self.database = database
        self.clock = Clock()
        self.letters = Letters()
        loaded = load(**{"mode": "accounts", "password_memory": CHEAP, **settings})
        self.accounts = Accounts(database, loaded, mailer=self.letters, clock=self.clock)

    def local(self, email: str = "mina@mail.example", guest: AccountView | None = None) -> AccountView:
        """An account whose owner has followed the link."""
        self.accounts.sign_up.begin(email, PASSWORD, "Mina", HOME, guest)
        return self.accounts.sign_up.verify(token_in(self.letters.next()), HOME, NOBODY).account

    def login(self, email: str = "mina@mail.example", password: str = PASSWORD, client: Client = HOME) -> Login:
        return self.accounts.logins.by_password(email, password, client)

    def guest(self) -> Login:
        return self.accounts.logins.as_guest(HOME)


def token_in(letter: Letter) -> str:
    """What the link of a letter holds."""
    found = re.search(r"token=(\S+)", letter.body)
    assert found is not None, letter.body
    return found.group(1)


@contextmanager
def house(folder: Path, **settings: object) -> Iterator[House]:
    database = Database(f"sqlite:///{folder / 'pansori.db'}")
    furnish(database)
    made = House(database, **settings)
    yield made
    made.accounts.close()
    database.close()
