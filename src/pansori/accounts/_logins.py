"""Ways in: as a guest, by merely saying an address, and with a password."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pansori.accounts import _rows
from pansori.accounts._attempts import BY_ADDRESS, BY_LOGIN, GUESTS_FROM
from pansori.accounts._client import Client
from pansori.accounts._desk import Desk
from pansori.accounts._emails import normalised
from pansori.accounts._sessions import Login
from pansori.accounts._viewer import AccountView, Viewer
from pansori.db.tables import Account
from pansori.domain.errors import Text, Unauthenticated


class Logins:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def as_guest(self, client: Client, email: str | None = None) -> Login:
        """A new guest. `email` is what they say theirs is, which proves nothing. Raises `TooManyAttempts`."""
        claimed = normalised(email) if email else None
        with self._desk.database.write() as session:
            self._desk.attempts.count_in(session, (GUESTS_FROM, client.place))
            guest = _rows.make(session, "guest", self._desk.clock(session), claimed_email=claimed)
            return self._desk.sessions.open(session, guest, client)

    def by_claim(self, viewer: Viewer, email: str, client: Client) -> Login:
        """A login of guest level for one who says an address: the guest's who asks, or a new one's.

        It never opens an account, whoever's address it is. Raises `InvalidRequest`, `TooManyAttempts`.
        """
        guest = viewer.account
        if guest is None or not guest.is_guest:
            return self.as_guest(client, email)
        return self.of_account(guest.id, client, claimed_email=email)

    def of_account(self, account_id: UUID, client: Client, *, claimed_email: str | None = None) -> Login:
        """Log an account in whose right to that is known otherwise. Raises `InvalidRequest` for no address."""
        claimed = normalised(claimed_email) if claimed_email is not None else None
        with self._desk.database.write() as session:
            if claimed is not None:
                session.execute(update(Account).where(Account.id == account_id).values(claimed_email=claimed))
            return self._desk.sessions.open(session, _rows.find(session, account_id), client)

    def by_password(self, email: str, password: str, client: Client, guest: AccountView | None = None) -> Login:
        """Log in whose address and password these are. What `guest` has done so far becomes theirs.

        Takes a good part of a second. Raises `Unauthenticated`, which does not tell whether there is such an account,
        and `TooManyAttempts`.
        """
        email = normalised(email)
        self._desk.attempts.count((BY_LOGIN, email), (BY_ADDRESS, client.place))
        with self._desk.database.read() as session:
            found = session.execute(select(Account.id, Account.password).where(Account.email == email)).one_or_none()
        hashed = found.password if found is not None else None
        if not self._desk.passwords.verify(hashed, password):
            raise _wrong()
        assert found is not None
        newer = self._desk.passwords.hash_again(password) if self._desk.passwords.is_outdated(hashed or "") else None
        with self._desk.database.write() as session:
            # whoever changed the password meanwhile has locked out those who knew the old one
            unchanged = (Account.id == found.id, Account.password == hashed)
            if session.execute(update(Account).where(*unchanged).values(password=newer or hashed)).rowcount != 1:  # type: ignore[attr-defined]
                raise _wrong()
            return self._enter(session, found.id, email, client, guest)

    def _enter(
        self, session: Session, account_id: UUID, email: str, client: Client, guest: AccountView | None
    ) -> Login:
        self._desk.attempts.forgive(session, BY_LOGIN, email)
        self._desk.attempts.forgive_one(session, BY_ADDRESS, client.place)
        if guest is not None and guest.is_guest and guest.id != account_id:
            _rows.absorb(session, guest.id, account_id)
        return self._desk.sessions.open(session, _rows.find(session, account_id), client)


def _wrong() -> Unauthenticated:
    return Unauthenticated(
        Text("The e-mail address or the password is wrong.", "이메일 주소나 비밀번호가 맞지 않아요."),
        cure=Text(
            "If you have just signed up, follow the link in the mail first.",
            "방금 가입했다면 메일에 있는 링크를 먼저 열어 주세요.",
        ),
    )
