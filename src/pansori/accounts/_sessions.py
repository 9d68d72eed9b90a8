"""Logins: rows that tokens point at, so that ending one ends it everywhere at once.

A login's token is replaced now and then (its *rotation* grows). The token before the newest is taken for another
minute, for requests that were under way, for other tabs, and where the answer with the new one was lost. An older one
can only come from somebody who copied it, so it ends the login for both, as RFC 9700 §4.14.2 has it for refresh tokens;
save where the newest comes *beside* it, as from a page whose cookie was renewed while its script kept the first token:
whoever has both is one client.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, NoReturn
from uuid import UUID, uuid4

from sqlalchemy import bindparam, delete, or_, select, update
from sqlalchemy.orm import Session

from pansori import db
from pansori.accounts._client import Client
from pansori.accounts._tokens import Claims, Tokens
from pansori.accounts._viewer import ALL_SCOPES, AccountView, Viewer, not_valid, view_of
from pansori.db import Database
from pansori.db.tables import Account, LoginSession
from pansori.domain.errors import NotFound, Text, Unauthenticated
from pansori.domain.units import Seconds

OVERLAP = Seconds(60.0)  #: how long the token before the newest is still taken
NOTED_EVERY = Seconds(60.0)  #: how exactly is known when a login was last used
MOST = 100  #: logins of one account; the ones unused for longest end

LOGINS, ACCOUNTS = LoginSession.__table__.c, Account.__table__.c
LIVES = (LOGINS.id == bindparam("session"), LOGINS.revoked_at.is_(None), LOGINS.expires_at > bindparam("now"))
# Every request that comes with a token asks this, and every stream the other every few seconds: so they are made once,
# and of the tables, whose rows are quicker than objects.
LIVING: Final = (
    select(LOGINS.rotation, LOGINS.rotated_at, LOGINS.seen_at, *ACCOUNTS)
    .join_from(LoginSession.__table__, Account.__table__, ACCOUNTS.id == LOGINS.account)
    .where(*LIVES, LOGINS.account == bindparam("account"))
)
IS_LIVING: Final = select(LOGINS.id).where(*LIVES)


@dataclass(frozen=True)
class Login:
    """A login as whoever just got it needs it."""

    token: str
    account: AccountView
    session_id: UUID

    @property
    def viewer(self) -> Viewer:
        return Viewer(self.account, ALL_SCOPES, session_id=self.session_id)


@dataclass(frozen=True)
class SessionView:
    """A login as its owner sees it in the list of all of theirs."""

    id: UUID
    client: str
    address: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    current: bool


@dataclass(frozen=True)
class Recognised:
    viewer: Viewer
    token: str | None = None
    """A newer token for the cookie, where the one that came had to be replaced."""


class Sessions:
    """`tokens` is made when the first one is needed, since that needs the database. `clock` tells the time."""

    def __init__(
        self,
        database: Database,
        tokens: Callable[[], Tokens],
        ttl: Seconds,
        clock: Callable[[Session], datetime] = db.now,
    ) -> None:
        self._database = database
        self._make_tokens = tokens
        self._ttl = timedelta(seconds=ttl)
        self._clock = clock

    @cached_property
    def _tokens(self) -> Tokens:
        return self._make_tokens()

    def open(self, session: Session, account: AccountView, client: Client) -> Login:
        """Log that account in, in the caller's transaction."""
        now = self._clock(session)
        self._make_room(session, account.id, now)
        row = LoginSession(
            id=uuid4(),
            account=account.id,
            rotation=0,
            rotated_at=now,
            client=client.agent[:255],
            address=client.address[:64],
            created_at=now,
            seen_at=now,
            expires_at=now + self._ttl,
        )
        session.add(row)
        session.flush()
        return Login(self._tokens.sign(Claims(account.id, row.id, 0), now), account, row.id)

    def recognise(self, token: str, *, renewing: bool, beside: str | None = None) -> Recognised:
        """Whose token it is.

        `renewing`: it came as a cookie, or to be replaced; then one that has expired is replaced by a new one as long
        as its login lives. `beside`: the other token that came with it. Raises `Unauthenticated`.
        """
        with self._database.read() as session:
            now = self._clock(session)
            claims = self._tokens.read(token, now)
            row = self._living(session, claims, now)
        if claims.is_expired and not renewing:
            raise not_valid()
        if not self._is_taken(claims, row, now):
            self._refuse(claims, replayed=not self._is_of_same(claims, beside, row, now))
        account = view_of(row)
        viewer = Viewer(account, ALL_SCOPES, session_id=claims.session)
        if claims.is_expired:
            return Recognised(viewer, self._newest(claims, row.rotation))
        if now - row.seen_at >= timedelta(seconds=NOTED_EVERY):
            self._note(claims.session)
        return Recognised(viewer)

    def refresh(self, token: str, beside: str | None = None) -> Login:
        """A new token for the login of this one, which may have expired. `beside`: the other token that came with it.
        Raises `Unauthenticated`."""
        with self._database.read() as session:
            now = self._clock(session)
            claims = self._tokens.read(token, now)
            row = self._living(session, claims, now)
        if not self._is_taken(claims, row, now) and not self._is_of_same(claims, beside, row, now):
            self._refuse(claims, replayed=True)
        newer = self._newest(claims, row.rotation)
        return Login(newer, view_of(row), claims.session)

    def is_valid(self, session_id: UUID) -> bool:
        """Whether that login lives."""
        with self._database.read() as session:
            which = {"session": session_id, "now": self._clock(session)}
            return session.execute(IS_LIVING, which).first() is not None

    def listing(self, session: Session, account_id: UUID, current: UUID | None = None) -> list[SessionView]:
        """Living logins of an account, the one used last first."""
        now = self._clock(session)
        mine = (LoginSession.account == account_id, LoginSession.revoked_at.is_(None), LoginSession.expires_at > now)
        rows = session.scalars(select(LoginSession).where(*mine).order_by(LoginSession.seen_at.desc(), LoginSession.id))
        return [
            SessionView(row.id, row.client, row.address, row.created_at, row.seen_at, row.expires_at, row.id == current)
            for row in rows
        ]

    def revoke(self, account_id: UUID, session_id: UUID) -> None:
        """End one login. Raises `NotFound` unless it is that account's and lives."""
        with self._database.write() as session:
            if not self._end(session, LoginSession.account == account_id, LoginSession.id == session_id):
                raise NotFound(Text("There is no such login.", "그런 로그인은 없어요."))

    def end(self, account_id: UUID, session_id: UUID) -> None:
        """End one login of that account, if it has not ended."""
        with self._database.write() as session:
            self._end(session, LoginSession.account == account_id, LoginSession.id == session_id)

    def revoke_all(self, session: Session, account_id: UUID, *, but: UUID | None = None) -> int:
        """End every login of an account, in the caller's transaction. Returns how many there were."""
        others = () if but is None else (LoginSession.id != but,)
        return self._end(session, LoginSession.account == account_id, *others)

    # -- pieces ------------

    def _living(self, session: Session, claims: Claims, now: datetime) -> Any:
        """The login's state with its account's row. Raises `Unauthenticated` where it is over."""
        which = {"session": claims.session, "account": claims.account, "now": now}
        row = session.execute(LIVING, which).one_or_none()
        if row is None or claims.rotation > row.rotation:
            raise not_valid()
        return row

    def _is_taken(self, claims: Claims, row: Any, now: datetime) -> bool:
        """Whether it is the newest token, or in the overlap the one before."""
        newest = row.rotation
        overlaps = now - row.rotated_at <= timedelta(seconds=OVERLAP)
        return bool(claims.rotation == newest or (claims.rotation == newest - 1 and overlaps))

    def _is_of_same(self, claims: Claims, beside: str | None, row: Any, now: datetime) -> bool:
        """Whether `beside` is a token of the same login that is taken."""
        if beside is None:
            return False
        try:
            other = self._tokens.read(beside, now)
        except Unauthenticated:
            return False
        same = (other.session, other.account) == (claims.session, claims.account)
        return same and self._is_taken(other, row, now)

    def _refuse(self, claims: Claims, *, replayed: bool) -> NoReturn:
        if replayed:
            with self._database.write() as session:
                self._end(session, LoginSession.id == claims.session)
        raise not_valid()

    def _newest(self, claims: Claims, rotation: int) -> str:
        """The token that replaces this one: a new one, or in the overlap the one that others were given already.

        Raises `Unauthenticated` where the login has ended meanwhile.
        """
        with self._database.write() as session:
            now = self._clock(session)
            if claims.rotation == rotation:
                current = (LoginSession.id == claims.session, LoginSession.rotation == rotation)
                next_one = {"rotation": rotation + 1, "rotated_at": now, "seen_at": now, "expires_at": now + self._ttl}
                session.execute(update(LoginSession).where(*current).values(next_one))
            living = (LoginSession.id == claims.session, LoginSession.revoked_at.is_(None))
            newest = select(LoginSession.rotation).where(*living)
            found = session.scalar(newest)
        if found is None:
            raise not_valid()  # it ended meanwhile
        return self._tokens.sign(Claims(claims.account, claims.session, found), now)

    def _note(self, session_id: UUID) -> None:
        with self._database.write() as session:
            now = self._clock(session)
            seen = update(LoginSession).where(LoginSession.id == session_id)
            session.execute(seen.values(seen_at=now, expires_at=now + self._ttl))

    def _end(self, session: Session, *which: Any) -> int:
        ended = update(LoginSession).where(*which, LoginSession.revoked_at.is_(None))
        return len(session.execute(ended.values(revoked_at=self._clock(session)).returning(LoginSession.id)).all())

    def _make_room(self, session: Session, account_id: UUID, now: datetime) -> None:
        """Forget logins that are over, and the oldest where there are too many."""
        over = or_(LoginSession.expires_at <= now, LoginSession.revoked_at.is_not(None))
        session.execute(delete(LoginSession).where(LoginSession.account == account_id, over))
        newest = (
            select(LoginSession.id)
            .where(LoginSession.account == account_id)
            .order_by(LoginSession.seen_at.desc(), LoginSession.id)
        )
        too_many = session.scalars(newest.offset(MOST - 1)).all()
        if too_many:
            session.execute(delete(LoginSession).where(LoginSession.id.in_(too_many)))
