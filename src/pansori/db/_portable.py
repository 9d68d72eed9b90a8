"""Rows as JSON and back, the same for both databases, so that what was written from one can be read into the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Table, delete, func, insert, select, text
from sqlalchemy.orm import Session

from pansori.db.tables import Base, Upload, Utc, WorkerProcess
from pansori.domain.errors import InvalidRequest, Text

AT_ONCE = 500  #: rows in one statement
MOMENTARY = frozenset({WorkerProcess.__tablename__, Upload.__tablename__})
"""What is true of a moment only, and is not kept: who works, and how far files are that come in pieces."""

Row = dict[str, Any]


def portable_tables() -> list[Table]:
    """All that is kept, those first that others refer to."""
    return [table for table in Base.metadata.sorted_tables if table.name not in MOMENTARY]


def dump(session: Session, table: Table) -> Iterator[Row]:
    """The table's rows as JSON has them: times in ISO 8601, ids as text."""
    ordered = select(table).order_by(*table.primary_key.columns)
    for row in session.execute(ordered.execution_options(yield_per=AT_ONCE)).mappings():
        yield {name: _plain(value) for name, value in row.items()}


def load(session: Session, table: Table, rows: Iterable[Mapping[str, Any]]) -> int:
    """Insert what `dump` has given, in the caller's transaction. Returns how many. Raises `InvalidRequest` where a row
    is not one of this table."""
    loaded, given = 0, iter(rows)
    while batch := [_row(table, row) for row in islice(given, AT_ONCE)]:
        session.execute(insert(table), batch)
        loaded += len(batch)
    return loaded


def clear(session: Session) -> None:
    """Delete every row of every table."""
    for table in reversed(Base.metadata.sorted_tables):
        session.execute(delete(table))


def continue_numbering(session: Session) -> None:
    """After loading rows with their numbers: let new ones get higher numbers. SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in portable_tables():
        column = table.autoincrement_column
        if column is None:
            continue
        highest = session.execute(select(func.max(column))).scalar()
        if highest is not None:
            names = {"table": table.name, "column": column.name, "highest": highest}
            session.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :highest)"), names)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def _row(table: Table, given: Mapping[str, Any]) -> Row:
    if not isinstance(given, Mapping) or set(given) != {column.name for column in table.columns}:
        raise _foreign(table)
    try:
        return {column.name: _value(column, given[column.name]) for column in table.columns}
    except (ValueError, TypeError) as error:
        raise _foreign(table) from error


def _value(column: Column[Any], value: Any) -> Any:
    if isinstance(column.type, JSON) or value is None:
        return value
    if isinstance(column.type, Utc):
        at = datetime.fromisoformat(value)
        if at.tzinfo is None:
            raise ValueError("naive time")
        return at
    kind = column.type.python_type
    if kind is UUID:
        return UUID(value)
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise TypeError(f"{column.name}: {type(value).__name__}")
    return value


def _foreign(table: Table) -> InvalidRequest:
    return InvalidRequest(
        Text(f"A row of the table {table.name} is not as it should be.", f"{table.name} 표의 행이 올바르지 않아요.")
    )
