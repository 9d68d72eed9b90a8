"""Links in letters: each is valid once, for a while, and only its hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.orm import Session

from pansori.db.tables import MailedToken
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import Seconds

Purpose = Literal["verify", "email", "reset"]  #: finish a sign-up; use another address; choose a new password
VALID: Final[dict[Purpose, Seconds]] = {
    "verify": Seconds(86_400.0),
    "email": Seconds(86_400.0),
    "reset": Seconds(3600.0),
}
PAGES: Final[dict[Purpose, str]] = {"verify": "/app/verify", "email": "/app/verify", "reset": "/app/reset"}


def make_link(
    session: Session, now: datetime, purpose: Purpose, email: str, account: UUID | None = None, **values: Any
) -> str:
    """The path of a new link, in the caller's transaction. Forgets links that are over."""
    session.execute(delete(MailedToken).where(MailedToken.expires_at <= now))
    token = secrets.token_urlsafe(32)
    expires = now + timedelta(seconds=VALID[purpose])
    row = MailedToken(
        hash=_hash(token), account=account, purpose=purpose, email=email, name=values.pop("name", ""), **values
    )
    row.expires_at = expires
    session.add(row)
    return f"{PAGES[purpose]}?token={token}"


def is_valid(session: Session, now: datetime, token: str, *purposes: Purpose) -> bool:
    """Whether the link can be used now; it stays as it is."""
    found = select(MailedToken.hash).where(*_valid(now, token, purposes))
    return session.execute(found).first() is not None


def take(session: Session, now: datetime, token: str, *purposes: Purpose) -> MailedToken:
    """What the link stands for, which it does for the last time. Raises `InvalidRequest`."""
    used = update(MailedToken).where(*_valid(now, token, purposes)).values(used_at=now)
    if session.execute(used.returning(MailedToken.hash)).first() is None:
        raise InvalidRequest(
            Text("The link is not valid, or not any more.", "링크가 올바르지 않거나 만료되었어요."),
            field="token",
            cure=Text("Ask for a new one.", "새 링크를 요청해 주세요."),
        )
    return session.execute(select(MailedToken).where(MailedToken.hash == _hash(token))).scalar_one()


def forget(session: Session, *, email: str, purposes: tuple[Purpose, ...]) -> None:
    """Void the other links of that address."""
    session.execute(delete(MailedToken).where(MailedToken.email == email, MailedToken.purpose.in_(purposes)))


def forget_all(session: Session, account: UUID) -> None:
    """Void every link of that account: whoever has one may no longer be who may use it."""
    session.execute(delete(MailedToken).where(MailedToken.account == account))


def pending(session: Session, email: str, now: datetime) -> MailedToken | None:
    """The newest sign-up of that address that was not finished."""
    waiting = (MailedToken.email == email, MailedToken.purpose == "verify", MailedToken.used_at.is_(None))
    newest = select(MailedToken).where(*waiting, MailedToken.expires_at > now).order_by(MailedToken.expires_at.desc())
    return session.scalars(newest.limit(1)).one_or_none()


def _valid(now: datetime, token: str, purposes: tuple[Purpose, ...]) -> tuple[ColumnElement[bool], ...]:
    mine = MailedToken.hash == _hash(token)
    return (mine, MailedToken.used_at.is_(None), MailedToken.expires_at > now, MailedToken.purpose.in_(purposes))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogatepass")).hexdigest()
