"""What scripts, actors and tokens have in common: pages of them, newest first, and what a search finds."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from pansori.db import now as now_of
from pansori.db import owned
from pansori.db.tables import Actor, Script, Token
from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.library._words import NUL, search_terms

PAGE: Final = 50
LARGEST_PAGE: Final = 200
MOST: Final = 5_000  #: of each kind, of one account
TERMS: Final = 10  #: words of a query that count

View = TypeVar("View")
Row = TypeVar("Row", Script, Actor, Token)
Kept = type[Script] | type[Actor] | type[Token]


@dataclass(frozen=True)
class Entries(Generic[View]):
    """A part of a list, newest first. `next_cursor` asks for the part after it; None: that was all. `total`: of all
    that fit."""

    items: tuple[View, ...]
    next_cursor: str | None
    total: int


def page_of(
    session: Session,
    kind: Kept,
    owner: UUID,
    *,
    search: str = "",
    cursor: str | None = None,
    limit: int = PAGE,
    only: Sequence[ColumnElement[bool]] = (),
) -> Entries[Any]:
    """The owner's rows that have every word of `search`. Raises `InvalidRequest` naming `cursor`."""
    if NUL in search:  # which PostgreSQL refuses to compare, and no row has
        return Entries((), None, 0)
    limit = max(1, min(limit, LARGEST_PAGE))
    matching = (*only, *(_has(session, kind, term) for term in search_terms(search, TERMS)))
    statement: Select[Any] = owned(select(kind).where(*matching), owner)
    if cursor is not None:
        moment, last = _parse(cursor, kind)
        there = tuple_(literal(moment, kind.created_at.type), literal(last, kind.id.type))
        statement = statement.where(tuple_(kind.created_at, kind.id) < there)
    rows = session.scalars(statement.order_by(kind.created_at.desc(), kind.id.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    total = len(rows)
    if more or cursor is not None:
        total = session.execute(owned(select(func.count()).select_from(kind).where(*matching), owner)).scalar_one()
    return Entries(tuple(rows[:limit]), _cursor_after(rows[limit - 1]) if more else None, total)


def row_of(session: Session, kind: type[Row], key: UUID | str, owner: UUID, missing: Text, *, to_change: bool) -> Row:
    """The owner's row of that id. Raises `NotFound` with the words of `missing`. `to_change`: nobody else changes it
    until the transaction has ended."""
    statement = owned(select(kind).where(kind.id == key), owner)
    row = session.scalars(statement.with_for_update() if to_change else statement).one_or_none()
    if row is None:
        raise NotFound(missing)
    return row


def add_row(session: Session, kind: type[Script] | type[Actor], owner: UUID, columns: Mapping[str, object]) -> Any:
    """A new row. Raises `InvalidRequest` where there are too many."""
    refuse_too_many(session, kind, owner)
    now = now_of(session)
    row = kind(owner=owner, created_at=now, updated_at=now, **columns)
    session.add(row)
    session.flush()
    return row


def change_row(session: Session, row: Script | Actor | Token, columns: Mapping[str, object]) -> None:
    """Another content."""
    for name, value in columns.items():
        setattr(row, name, value)
    row.updated_at = now_of(session)
    session.flush()


def refuse_too_many(session: Session, kind: Kept, owner: UUID, most: int = MOST) -> None:
    """Raises `InvalidRequest` where the owner has as many as one may have."""
    if session.execute(owned(select(func.count()).select_from(kind), owner)).scalar_one() >= most:
        raise InvalidRequest(
            Text(f"You have {most} of these already.", f"{most}개까지만 저장할 수 있어요."),
            cure=Text("Delete some first.", "필요 없는 것을 먼저 지워 주세요."),
        )


def _has(session: Session, kind: Kept, term: str) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        return func.strpos(kind.search, term) > 0
    return kind.search.contains(term, autoescape=True)


def _cursor_after(row: Any) -> str:
    place = [row.created_at.isoformat(), str(row.id)]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _parse(cursor: str, kind: Kept) -> tuple[datetime, UUID | str]:
    try:
        moment, last = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None or not isinstance(last, str) or NUL in last:
            raise ValueError("no place of ours")
        last.encode()  # lone surrogates are no text
        return at.astimezone(UTC), last if kind is Token else UUID(last)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidRequest(
            Text("The cursor is not one of ours.", "커서가 올바르지 않아요."),
            field="cursor",
            cure=Text("Leave it out to begin anew.", "빼고 처음부터 읽으세요."),
        ) from error
