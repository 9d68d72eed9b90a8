"""Rows of accounts: found, made, taken together."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pansori.accounts._local import LOCAL_ALIAS
from pansori.accounts._viewer import AccountView, Kind, nobody, view_of
from pansori.db import insert_into, owned, owned_tables
from pansori.db.tables import Account, ApiKey, Counter, Job, LoginSession, MailedToken

ALIAS = "alias"  #: the counter of aliases
CLOSED = "closed"  #: kind of an account that nobody is let into, whose things are being removed


def find(session: Session, account_id: UUID) -> AccountView:
    """Raises `Unauthenticated` where it was deleted meanwhile."""
    row = session.get(Account, account_id)
    if row is None:
        raise nobody()
    return view_of(row)


def by_email(session: Session, email: str) -> Account | None:
    """The account whose own address it is. `email` is normalised."""
    return session.scalars(select(Account).where(Account.email == email)).one_or_none()


def make(session: Session, kind: Kind, now: datetime, **values: Any) -> AccountView:
    """A new account with the next alias. Its login name is its e-mail address, or else one that nobody types."""
    account_id = uuid4()
    row = Account(
        id=account_id,
        login=values.get("email") or f"{kind}-{account_id.hex}",
        alias=_next_alias(session),
        kind=kind,
        created_at=now,
        **values,
    )
    row.name = row.name or ""
    session.add(row)
    session.flush()
    return view_of(row)


def _next_alias(session: Session) -> int:
    """The first is the one after the local account's. One that was given is never given again, as it may be kept
    outside; whoever asks at the same time waits for this transaction."""
    first = insert_into(session, Counter).values(name=ALIAS, value=LOCAL_ALIAS + 1)
    following = first.on_conflict_do_update(index_elements=["name"], set_={"value": Counter.value + 1})
    alias: int = session.execute(following.returning(Counter.value)).scalar_one()
    return alias


def absorb(session: Session, guest: UUID, account: UUID) -> None:
    """Give a guest's things to the account that they turned out to have, and end the guest's logins.

    The guest's row stays, for a worker may be about to write something of theirs; who is idle and owns nothing is
    cleared away later. Their idempotency keys are forgotten: the account may have used the same.
    """
    # jobs first, as whoever finishes one takes it before its files: otherwise each would wait for the other
    for table in sorted(owned_tables(), key=lambda one: one is not Job.__table__):
        values: dict[str, Any] = {"owner": account}
        if "idempotency_key" in table.c:
            values["idempotency_key"] = None
        session.execute(owned(update(table), guest).values(values))
    session.execute(delete(LoginSession).where(LoginSession.account == guest))


def close(session: Session, account_id: UUID) -> None:
    """Take from an account all by which somebody could be let in. Its address, name and number are free at once."""
    for table in (LoginSession, ApiKey, MailedToken):
        session.execute(delete(table).where(table.account == account_id))
    nothing = {"email": None, "claimed_email": None, "password": None, "verified_at": None, "name": ""}
    closed = update(Account).where(Account.id == account_id, Account.kind != CLOSED)
    session.execute(closed.values(kind=CLOSED, login=f"{CLOSED}-{account_id.hex}", alias=-Account.alias, **nothing))
