"""What every part of accounts works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.accounts._attempts import BY_LOGIN, Attempts
from pansori.accounts._keys import Keys
from pansori.accounts._mail import Post
from pansori.accounts._passwords import Passwords
from pansori.accounts._sessions import Sessions
from pansori.db import Database
from pansori.db.tables import Account
from pansori.domain.errors import Forbidden, Text
from pansori.settings import Settings

ANYWHERE = {"0.0.0.0": "localhost", "::": "localhost", "": "localhost"}  # noqa: S104 - nothing is bound here


@dataclass(frozen=True)
class Desk:
    database: Database
    settings: Settings
    sessions: Sessions
    keys: Keys
    passwords: Passwords
    attempts: Attempts
    post: Post
    clock: Callable[[Session], datetime]

    def address(self, path: str) -> str:
        """Where people find a page. Never what a request calls this server: a link in a letter would lead there."""
        settings = self.settings
        if settings.public_url:
            return settings.public_url.rstrip("/") + path
        host = ANYWHERE.get(settings.host, settings.host)
        return f"http://[{host}]:{settings.port}{path}" if ":" in host else f"http://{host}:{settings.port}{path}"

    def confirm(self, account_id: UUID, password: str) -> None:
        """Make sure that whoever is logged in knows the password too. Raises `Forbidden`, `TooManyAttempts`.

        Takes a good part of a second.
        """
        whose = str(account_id)
        self.attempts.count((BY_LOGIN, whose))
        with self.database.read() as session:
            hashed = session.scalar(select(Account.password).where(Account.id == account_id))
        if not self.passwords.verify(hashed, password):
            raise Forbidden(Text("The password is wrong.", "비밀번호가 맞지 않아요."), field="password")
        with self.database.write() as session:
            self.attempts.forgive(session, BY_LOGIN, whose)
