"""Becoming somebody: an address and a password, which count once a mailed link was followed.

Until then nobody has the address, so nobody can take somebody else's; and whoever asks is answered alike, whether it
has an account already or not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pansori.accounts import _letters, _links, _rows
from pansori.accounts._attempts import MAILS_FROM, MAILS_TO
from pansori.accounts._client import Client
from pansori.accounts._desk import Desk
from pansori.accounts._emails import normalised
from pansori.accounts._local import LOCAL_LOGIN
from pansori.accounts._names import shown_name
from pansori.accounts._sessions import Login
from pansori.accounts._viewer import AccountView, Viewer
from pansori.db.tables import Account, MailedToken
from pansori.domain.errors import Conflict, Text


@dataclass(frozen=True)
class Verified:
    account: AccountView
    login: Login | None
    """A new login, where the link was followed in the browser that had asked for it."""


class SignUp:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def begin(self, email: str, password: str, name: str, client: Client, guest: AccountView | None = None) -> None:
        """Send a link by which the sign-up is finished; then what `guest` has done stays theirs.

        Takes a good part of a second. Raises `InvalidRequest`, `TooManyAttempts`; never says whether the address has
        an account, whose owner is written to instead.
        """
        email, name = normalised(email), shown_name(name)
        self._desk.attempts.count((MAILS_TO, email), (MAILS_FROM, client.place))
        hashed = self._desk.passwords.hash(password)
        account = guest.id if guest is not None and guest.is_guest else None
        self._write(email, client, account=account, password=hashed, name=name)

    def resend(self, email: str, client: Client) -> None:
        """Send the link of a sign-up again, if there is one, which is not told.

        Raises `InvalidRequest`, `TooManyAttempts`.
        """
        email = normalised(email)
        self._desk.attempts.count((MAILS_TO, email), (MAILS_FROM, client.place))
        with self._desk.database.read() as session:
            waiting = _links.pending(session, email, self._desk.clock(session))
        if waiting is not None:
            self._write(email, client, account=waiting.account, password=waiting.password, name=waiting.name)

    def awaits(self, token: str) -> bool:
        """Whether `verify` would take the link now."""
        with self._desk.database.read() as session:
            return _links.is_valid(session, self._desk.clock(session), token, "verify", "email")

    def verify(self, token: str, client: Client, viewer: Viewer) -> Verified:
        """Finish what a link stands for. Raises `InvalidRequest` for one that is not valid, `Conflict` where somebody
        else has the address by now."""
        with self._desk.database.write() as session:
            now = self._desk.clock(session)
            link = _links.take(session, now, token, "verify", "email")
            try:
                if link.purpose == "email":
                    account, before = self._use_address(session, link, now)
                else:
                    account, before = self._make(session, link, now), None
                session.flush()
            except IntegrityError:
                raise _taken() from None
            _links.forget(session, email=link.email, purposes=("verify", "email"))
            login = None
            if link.purpose == "verify":
                # a guest's login may have been put into this browser by somebody else, who must not stay in
                self._desk.sessions.revoke_all(session, account.id)
                if viewer.account is not None and viewer.account.id == account.id:
                    login = self._desk.sessions.open(session, account, client)
        if before is not None:
            self._desk.post.send(_letters.ADDRESS_CHANGED.filled(before, client.language))
        return Verified(account, login)

    def change_address(self, account: AccountView, email: str, password: str, client: Client) -> None:
        """Send a link by which the account uses another address from then on.

        Takes a good part of a second. Raises `Forbidden` where the password is wrong, `InvalidRequest`,
        `TooManyAttempts`; never says whether the address has an account.
        """
        email = normalised(email)
        self._desk.attempts.count((MAILS_TO, email), (MAILS_FROM, client.place))
        self._desk.confirm(account.id, password)
        with self._desk.database.write() as session:
            now = self._desk.clock(session)
            taken = _rows.by_email(session, email)
            link = None if taken else _links.make_link(session, now, "email", email, account.id)
        if link is not None:
            self._desk.post.send(_letters.NEW_ADDRESS.filled(email, client.language, self._desk.address(link)))

    # -- pieces ------------

    def _write(self, email: str, client: Client, account: UUID | None, password: str | None, name: str) -> None:
        with self._desk.database.write() as session:
            now = self._desk.clock(session)
            owner = _rows.by_email(session, email)
            if owner is None:
                template = _letters.CONFIRM
                link = _links.make_link(session, now, "verify", email, account, password=password, name=name)
            else:
                template = _letters.ALREADY
                link = _links.make_link(session, now, "reset", email, owner.id)
        self._desk.post.send(template.filled(email, client.language, self._desk.address(link)))

    def _make(self, session: Session, link: MailedToken, now: datetime) -> AccountView:
        """The account of a sign-up: the guest's who asked for it, or a new one."""
        if _rows.by_email(session, link.email) is not None:
            raise _taken()
        values: dict[str, Any] = {
            "email": link.email,
            "password": link.password,
            "name": link.name,
            "verified_at": now,
        }
        if link.account is not None:
            guest = update(Account).where(Account.id == link.account, Account.kind == "guest")
            changed = guest.values(kind="local", login=link.email, claimed_email=None, **values)
            if session.execute(changed.returning(Account.id)).first() is not None:
                return _rows.find(session, link.account)
        return _rows.make(session, "local", now, **values)

    def _use_address(self, session: Session, link: MailedToken, now: datetime) -> tuple[AccountView, str | None]:
        """The account with its new address, and the one it had before."""
        assert link.account is not None, "whoever changes an address has an account"
        if _rows.by_email(session, link.email) is not None:
            raise _taken()
        row = session.execute(select(Account.email, Account.login).where(Account.id == link.account)).one()
        login = row.login if row.login == LOCAL_LOGIN else link.email
        changed = update(Account).where(Account.id == link.account)
        session.execute(changed.values(email=link.email, login=login, verified_at=now))
        _links.forget_all(session, link.account)  # whoever still reads the old address's mail
        return _rows.find(session, link.account), row.email


def _taken() -> Conflict:
    return Conflict(
        Text("This address has an account already.", "이 주소에는 이미 계정이 있어요."),
        cure=Text("Log in, or choose a new password.", "로그인하거나 비밀번호를 새로 정해 주세요."),
    )
