"""INSERT that knows ON CONFLICT, which both databases understand and SQLAlchemy has in two dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session


def insert_into(session: Session, model: type[Any]) -> Any:
    """The dialect's own `insert(model)`, which has `on_conflict_do_nothing` and `on_conflict_do_update`."""
    if session.get_bind().dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert  # with all of its types, which most never need

        return insert(model)
    from sqlalchemy.dialects.sqlite import insert as insert_sqlite

    return insert_sqlite(model)
