"""Passwords that are changed, or forgotten and chosen anew."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from pansori.accounts import _letters, _links, _rows
from pansori.accounts._attempts import MAILS_FROM, MAILS_TO
from pansori.accounts._client import Client
from pansori.accounts._desk import Desk
from pansori.accounts._emails import normalised
from pansori.accounts._viewer import AccountView
from pansori.db.tables import Account

FORGOT = "/app/forgot"


class Recovery:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def forgot(self, email: str, client: Client) -> None:
        """Send a link to choose a new password by. Raises `InvalidRequest`, `TooManyAttempts`; never says whether the
        address has an account."""
        email = normalised(email)
        self._desk.attempts.count((MAILS_TO, email), (MAILS_FROM, client.place))
        with self._desk.database.write() as session:
            owner = _rows.by_email(session, email)
            now = self._desk.clock(session)
            link = None if owner is None else _links.make_link(session, now, "reset", email, owner.id)
        if link is not None:
            self._desk.post.send(_letters.RESET.filled(email, client.language, self._desk.address(link)))

    def awaits(self, token: str) -> bool:
        """Whether `reset` would take the link now."""
        with self._desk.database.read() as session:
            return _links.is_valid(session, self._desk.clock(session), token, "reset")

    def reset(self, token: str, password: str, client: Client) -> AccountView:
        """Set the password that the link stands for; every login, API key and other link ends. Raises `InvalidRequest`.

        Takes a good part of a second.
        """
        hashed = self._desk.passwords.hash(password)
        with self._desk.database.write() as session:
            link = _links.take(session, self._desk.clock(session), token, "reset")
            assert link.account is not None, "a reset is some account's"
            session.execute(update(Account).where(Account.id == link.account).values(password=hashed))
            _links.forget_all(session, link.account)
            self._desk.sessions.revoke_all(session, link.account)
            self._desk.keys.revoke_all(session, link.account)
            account = _rows.find(session, link.account)
        self._tell(account, client)
        return account

    def change(self, account: AccountView, session_id: UUID | None, old: str, new: str, client: Client) -> None:
        """Set a new password; every other login and every link ends. Raises `Forbidden` where the old one is wrong,
        `InvalidRequest`, `TooManyAttempts`. Takes a good part of a second."""
        self._desk.confirm(account.id, old)
        hashed = self._desk.passwords.hash(new)
        with self._desk.database.write() as session:
            session.execute(update(Account).where(Account.id == account.id).values(password=hashed))
            self._desk.sessions.revoke_all(session, account.id, but=session_id)
            _links.forget_all(session, account.id)
        self._tell(account, client)

    def _tell(self, account: AccountView, client: Client) -> None:
        if account.email:
            letter = _letters.PASSWORD_CHANGED.filled(account.email, client.language, self._desk.address(FORGOT))
            self._desk.post.send(letter)
