"""Rows for every table that a database has, by what it says of its columns itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    DateTime,
    Float,
    Integer,
    MetaData,
    Numeric,
    Table,
    Uuid,
    insert,
    select,
)

Rows = dict[str, list[dict[str, Any]]]
MOMENT = datetime(2026, 3, 1, 12, tzinfo=UTC)
VERSION = "alembic_version"
_numbers = count(1)


def tables_of(connection: Connection) -> list[Table]:
    """As the database has them now, those first that others refer to."""
    found = MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != VERSION]


def fill(connection: Connection, each: int = 2) -> None:
    """Give every table that has no rows so many, each column with a value of its own."""
    for table in tables_of(connection):
        if connection.execute(select(table).limit(1)).first() is None:
            for _ in range(each):
                connection.execute(insert(table).values(row_for(connection, table)))


def row_for(connection: Connection, table: Table) -> dict[str, Any]:
    """A row that refers to rows that there are."""
    return {column.name: _value(connection, table, column) for column in table.columns if not _is_numbered(column)}


def rows_of(connection: Connection, columns: dict[str, list[str]] | None = None) -> Rows:
    """All there is, or those columns of those tables."""
    found: Rows = {}
    for table in tables_of(connection):
        if columns is None or table.name in columns:
            wanted = [one for one in table.columns if columns is None or one.name in columns[table.name]]
            ordered = select(*wanted).order_by(*table.primary_key.columns)
            found[table.name] = [dict(row) for row in connection.execute(ordered).mappings()]
    return found


def _is_numbered(column: Column[Any]) -> bool:
    """Its numbers are given by the database."""
    return column.primary_key and isinstance(column.type, Integer) and not column.foreign_keys


def _value(connection: Connection, table: Table, column: Column[Any]) -> Any:
    number = next(_numbers)
    for key in column.foreign_keys:
        taken = select(column)
        left = select(key.column).where(key.column.not_in(taken.where(column.is_not(None))))
        value = connection.execute(left.limit(1)).scalar() or connection.execute(select(key.column)).scalar()
        assert value is not None, f"{table.name}.{column.name} refers to a table without rows"
        return value
    return _plain(column, number)


def _plain(column: Column[Any], number: int) -> Any:
    kind = column.type
    if isinstance(kind, JSON):
        return {"number": number, "글": ["가", None, 1.5]}
    if isinstance(kind, Boolean):
        return bool(number % 2)
    if isinstance(kind, DateTime):
        moment = MOMENT + timedelta(seconds=number)
        return moment if kind.timezone else moment.replace(tzinfo=None)
    if isinstance(kind, Uuid):
        return uuid4()
    if isinstance(kind, Integer):
        return number
    if isinstance(kind, Float | Numeric):
        return number + 0.5
    length = getattr(kind, "length", None)
    if length == 32:  # an id, as SQLite keeps it
        return uuid4().hex
    return f"값 {number}"[: length or None]
