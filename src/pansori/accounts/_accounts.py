"""Accounts of one installation: everything that is done with them, put together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from pansori import db
from pansori.accounts import _rows
from pansori.accounts._attempts import Attempts
from pansori.accounts._client import Client
from pansori.accounts._desk import Desk
from pansori.accounts._keys import PREFIX, Keys
from pansori.accounts._local import local_account
from pansori.accounts._logins import Logins
from pansori.accounts._mail import LogMailer, Mailer, Post, SmtpMailer
from pansori.accounts._names import shown_name
from pansori.accounts._office import Office
from pansori.accounts._passwords import Passwords
from pansori.accounts._recovery import Recovery
from pansori.accounts._secret import derive, kept_secret
from pansori.accounts._sessions import Login, Recognised, Sessions
from pansori.accounts._signup import SignUp
from pansori.accounts._tokens import Tokens
from pansori.accounts._viewer import ALL_SCOPES, AccountView, Viewer
from pansori.db import Database
from pansori.db.tables import Account
from pansori.settings import Settings

TOKENS = "login tokens"  #: what their key is derived for


class Accounts:
    """Nothing is opened or read before it is needed. `mailer` follows from the settings unless given.

    Raises `ConfigurationError` for a mail server that cannot be.
    """

    def __init__(
        self,
        database: Database,
        settings: Settings,
        *,
        mailer: Mailer | None = None,
        clock: Callable[[Session], datetime] = db.now,
    ) -> None:
        self.database = database
        self.sessions = Sessions(database, self._tokens, settings.session_ttl, clock)
        self.keys = Keys(database, clock)
        self.passwords = Passwords(settings.password_memory)
        self._settings = settings
        self._post = Post(mailer or _mailer(settings))
        attempts = Attempts(database, clock)
        self._desk = desk = Desk(
            database, settings, self.sessions, self.keys, self.passwords, attempts, self._post, clock
        )
        self.logins = Logins(desk)
        self.sign_up = SignUp(desk)
        self.recovery = Recovery(desk)
        self.office = Office(desk)

    def key(self, purpose: str) -> bytes:
        """32 bytes to sign with, the same on all servers of this installation and for no other purpose."""
        return derive(self._secret, purpose)

    def recognise(self, bearer: str, *, renewing: bool = False, beside: str | None = None) -> Recognised:
        """Whose token or API key this is. `renewing`: it came as a cookie. `beside`: the cookie that came with it.
        Raises `Unauthenticated`."""
        if bearer.startswith(PREFIX):
            return Recognised(self.keys.recognise(bearer))
        return self.sessions.recognise(bearer, renewing=renewing, beside=beside)

    def is_still_in(self, viewer: Viewer) -> bool:
        """Whether the login or key by which they were recognised is still valid."""
        if viewer.session_id is not None:
            return self.sessions.is_valid(viewer.session_id)
        return viewer.key_id is None or self.keys.is_valid(viewer.key_id)

    def local(self) -> Viewer:
        """Whoever asks in `open` mode."""
        return Viewer(self._local, ALL_SCOPES)

    def local_if_known(self) -> Viewer | None:
        """The same without a look at the database. None: one is needed."""
        account = self.__dict__.get("_local")
        return None if account is None else Viewer(account, ALL_SCOPES)

    def log_in_local(self, email: str, client: Client) -> Login:
        """Log whoever says an address into the one account of `open` mode. Raises `InvalidRequest`."""
        login = self.logins.of_account(self._local.id, client, claimed_email=email)
        self._look_again()
        return login

    def confirm(self, account: AccountView, password: str) -> None:
        """Make sure that whoever asks knows the password too. Takes a good part of a second.

        Raises `Forbidden`, `TooManyAttempts`.
        """
        self._desk.confirm(account.id, password)

    def rename(self, account: AccountView, name: str) -> AccountView:
        """Raises `InvalidRequest` for a name that is too long."""
        with self.database.write() as session:
            session.execute(update(Account).where(Account.id == account.id).values(name=shown_name(name)))
            renamed = _rows.find(session, account.id)
        self._look_again()
        return renamed

    def close_in(self, session: Session, account_id: UUID) -> None:
        """Let nobody into an account any more, in the caller's transaction. What it owns is the caller's to remove."""
        _rows.close(session, account_id)

    def close(self) -> None:
        """End what runs in the background here."""
        self._post.close()

    def _look_again(self) -> None:
        """What is shown of the local account has changed."""
        self.__dict__.pop("_local", None)

    @cached_property
    def _local(self) -> AccountView:
        with self.database.write() as session:
            return _rows.find(session, local_account(session))

    @cached_property
    def _secret(self) -> bytes:
        return kept_secret(self.database, self._settings.jwt_secret)

    def _tokens(self) -> Tokens:
        return Tokens(self.key(TOKENS), self._settings.token_ttl)


def _mailer(settings: Settings) -> Mailer:
    return SmtpMailer(settings.smtp_url, settings.mail_from) if settings.smtp_url else LogMailer()
