from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db import insert_into
from pansori.db.tables import Account

LOCAL_LOGIN = "local"
LOCAL_ALIAS = 10


def local_account(session: Session) -> UUID:
    """The account of `open` mode; made when it is first asked for, which needs a writing session."""
    find = select(Account.id).where(Account.login == LOCAL_LOGIN)
    found = session.execute(find).scalar_one_or_none()
    if found is not None:
        return found
    row = {
        "id": uuid4(),
        "login": LOCAL_LOGIN,
        "alias": LOCAL_ALIAS,
        "kind": "local",
        "created_at": datetime.now(UTC),
    }
    session.execute(insert_into(session, Account).values(row).on_conflict_do_nothing(index_elements=["login"]))
    return session.execute(find).scalar_one()
