"""API keys: for programs, shown once, kept as a hash."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from pansori import db
from pansori.accounts._names import shown_name
from pansori.accounts._viewer import SCOPES, AccountView, Scope, Viewer, not_valid, view_of
from pansori.db import Database
from pansori.db.tables import Account, ApiKey
from pansori.domain.errors import Conflict, Forbidden, InvalidRequest, NotFound, Text
from pansori.domain.units import Seconds

PREFIX: Final = "psk_"  #: by which a key is told from a token, and found by those who look for leaked ones
RANDOM: Final = 32  #: bytes
SHOWN: Final = 12  #: characters by which its owner knows it
MOST: Final = 100  #: living keys of one account
NOTED_EVERY = Seconds(60.0)


@dataclass(frozen=True)
class KeyView:
    """A key as its owner sees it."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    used_at: datetime | None
    expires_at: datetime | None


class Keys:
    def __init__(self, database: Database, clock: Callable[[Session], datetime] = db.now) -> None:
        self._database = database
        self._clock = clock

    def make(
        self, account: AccountView, name: str, scopes: Collection[Scope], ttl: Seconds | None = None
    ) -> tuple[str, KeyView]:
        """A new key, which nobody is shown again. `ttl` None: until it is revoked.

        Raises `InvalidRequest`; `Forbidden` for guests, whose keys would outlive who they turn out to be; `Conflict`
        where there are too many.
        """
        if account.is_guest:
            raise Forbidden(
                Text("Guests have no API keys.", "게스트는 API 키를 만들 수 없어요."),
                cure=Text("Sign up first.", "먼저 가입해 주세요."),
            )
        key = PREFIX + secrets.token_urlsafe(RANDOM)
        with self._database.write() as session:
            now = self._clock(session)
            row = ApiKey(
                id=uuid4(),
                account=account.id,
                name=_named(name),
                prefix=key[:SHOWN],
                hash=_hash(key),
                scopes=_ordered(scopes),
                created_at=now,
                expires_at=None if ttl is None else now + timedelta(seconds=ttl),
            )
            living = select(func.count()).where(ApiKey.account == account.id, ApiKey.revoked_at.is_(None))
            if session.execute(living).scalar_one() >= MOST:
                raise Conflict(
                    Text(f"There are {MOST} keys already.", f"키가 벌써 {MOST}개 있어요."),
                    cure=Text("Revoke one that is not used.", "쓰지 않는 키를 폐기하세요."),
                )
            session.add(row)
        return key, _view(row)

    def recognise(self, key: str) -> Viewer:
        """Whose key it is. Raises `Unauthenticated`."""
        with self._database.read() as session:
            now = self._clock(session)
            both = select(ApiKey, Account).join(Account, Account.id == ApiKey.account)
            row = session.execute(both.where(ApiKey.hash == _hash(key), *_living(now))).one_or_none()
        if row is None:
            raise not_valid()
        used = row.ApiKey.used_at
        if used is None or now - used >= timedelta(seconds=NOTED_EVERY):
            with self._database.write() as session:
                session.execute(update(ApiKey).where(ApiKey.id == row.ApiKey.id).values(used_at=now))
        return Viewer(view_of(row.Account), frozenset(row.ApiKey.scopes), key_id=row.ApiKey.id)

    def is_valid(self, key_id: UUID) -> bool:
        """Whether that key is neither revoked nor expired."""
        with self._database.read() as session:
            living = _living(self._clock(session))
            return session.scalar(select(ApiKey.id).where(ApiKey.id == key_id, *living)) is not None

    def listing(self, session: Session, account_id: UUID) -> list[KeyView]:
        """Keys that were not revoked, the newest first."""
        mine = (ApiKey.account == account_id, ApiKey.revoked_at.is_(None))
        return [
            _view(row)
            for row in session.scalars(select(ApiKey).where(*mine).order_by(ApiKey.created_at.desc(), ApiKey.id))
        ]

    def get(self, session: Session, account_id: UUID, key_id: UUID) -> KeyView:
        """Raises `NotFound` unless it is that account's and was not revoked."""
        which = (ApiKey.id == key_id, ApiKey.account == account_id, ApiKey.revoked_at.is_(None))
        row = session.scalars(select(ApiKey).where(*which)).one_or_none()
        if row is None:
            raise _missing()
        return _view(row)

    def revoke(self, account_id: UUID, key_id: UUID) -> None:
        """Raises `NotFound` unless it is that account's and was not revoked before."""
        with self._database.write() as session:
            if not self._end(session, account_id, key_id):
                raise _missing()

    def revoke_all(self, session: Session, account_id: UUID) -> None:
        """In the caller's transaction."""
        self._end(session, account_id)

    def _end(self, session: Session, account_id: UUID, key_id: UUID | None = None) -> bool:
        which = [ApiKey.account == account_id, ApiKey.revoked_at.is_(None)]
        if key_id is not None:
            which.append(ApiKey.id == key_id)
        ended = update(ApiKey).where(*which).values(revoked_at=self._clock(session)).returning(ApiKey.id)
        return bool(session.execute(ended).all())


def _living(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return ApiKey.revoked_at.is_(None), or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > now)


def _missing() -> NotFound:
    return NotFound(Text("There is no such key.", "그런 키는 없어요."))


def _hash(key: str) -> str:
    """Keys are as random as a hash, so nothing slower than SHA-256 is needed."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()


def _named(name: str) -> str:
    named = shown_name(name)
    if not named:
        raise InvalidRequest(Text("A key needs a name.", "키에 이름을 붙여 주세요."), field="name")
    return named


def _ordered(scopes: Collection[Scope]) -> list[str]:
    if not scopes or not set(scopes) <= set(SCOPES):
        known = ", ".join(SCOPES)
        raise InvalidRequest(
            Text(f"Scopes are some of: {known}.", f"권한은 다음 중에서 골라요: {known}."), field="scopes"
        )
    return [scope for scope in SCOPES if scope in scopes]


def _view(row: ApiKey) -> KeyView:
    scopes: tuple[Scope, ...] = tuple(row.scopes)  # type: ignore[arg-type]  # nothing else is written
    return KeyView(row.id, row.name, row.prefix, scopes, row.created_at, row.used_at, row.expires_at)
