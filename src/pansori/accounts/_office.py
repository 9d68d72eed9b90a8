"""What whoever runs a server does with its accounts, without letters."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from pansori.accounts import _links, _rows
from pansori.accounts._desk import Desk
from pansori.accounts._emails import normalised
from pansori.accounts._local import local_account
from pansori.accounts._names import shown_name
from pansori.accounts._viewer import AccountView, view_of
from pansori.db.tables import Account
from pansori.domain.errors import Conflict, NotFound, Text


class Office:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def create(self, email: str, password: str, name: str = "", *, local: bool = False) -> AccountView:
        """An account that may log in at once.

        `local`: no new one, but the one of `open` mode, which so keeps what was made before there were logins. Raises
        `InvalidRequest`, and `Conflict` where the address has an account.
        """
        email, name = normalised(email), shown_name(name)
        hashed = self._desk.passwords.hash(password)
        try:
            with self._desk.database.write() as session:
                now = self._desk.clock(session)
                values = {"email": email, "password": hashed, "name": name, "verified_at": now}
                if not local:
                    return _rows.make(session, "local", now, **values)
                account_id = local_account(session)
                session.execute(update(Account).where(Account.id == account_id).values(**values))
                return _rows.find(session, account_id)
        except IntegrityError:
            raise Conflict(Text(f"{email} has an account already.", f"{email} 주소에는 이미 계정이 있어요.")) from None

    def set_password(self, email: str, password: str) -> AccountView:
        """Every login, API key and mailed link of the account ends. Raises `NotFound`, `InvalidRequest`."""
        hashed = self._desk.passwords.hash(password)
        with self._desk.database.write() as session:
            account = self.find(session, email)
            session.execute(update(Account).where(Account.id == account.id).values(password=hashed))
            self._desk.sessions.revoke_all(session, account.id)
            self._desk.keys.revoke_all(session, account.id)
            _links.forget_all(session, account.id)
            return _rows.find(session, account.id)

    def find(self, session: Session, email: str) -> AccountView:
        """Raises `NotFound`, `InvalidRequest`."""
        row = _rows.by_email(session, normalised(email))
        if row is None:
            raise NotFound(Text(f"There is no account {email}.", f"{email} 계정이 없어요."))
        return view_of(row)

    def listing(self, session: Session) -> tuple[Sequence[AccountView], int]:
        """Everybody but guests, in the order of their numbers, and how many guests there are."""
        members = select(Account).where(Account.kind.in_(("local", "google"))).order_by(Account.alias)
        guests = select(func.count()).where(Account.kind == "guest")
        return [view_of(row) for row in session.scalars(members)], session.execute(guests).scalar_one()
