"""Whose rows are read: the one place where a statement is restricted to what somebody owns.

Every table whose rows belong to an account says so by a column `owner`. Whatever is read, changed or deleted for
somebody goes through `owned`; so a route cannot forget whose things it shows, nor a new table be left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, TypeVar, cast
from uuid import UUID

from sqlalchemy import BindParameter, ColumnClause, Delete, FromClause, Join, Select, SelectBase, Table, Update
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.visitors import HasTraverseInternals

from pansori.db.tables import Base

OWNER: Final = "owner"  #: the column that says so
Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]] | Update | Delete)


def owned(statement: Statement, owner: UUID | BindParameter[UUID] | None) -> Statement:
    """The statement, about rows of this account alone in every table that says whose its rows are.

    `owner` may be a parameter, for a statement that is made once and used often. None: about everybody's. That is for
    the program itself, and never for what somebody asked for. Raises `TypeError` where none of the statement's tables
    says whose its rows are.
    """
    columns = [source.c[OWNER] for source in _sources(statement) if OWNER in source.c]
    if not columns:
        raise TypeError("no table of this statement has an owner")
    if owner is None:
        return statement
    return cast(Statement, statement.where(*(column == owner for column in columns)))


def owned_tables() -> list[Table]:
    """Every table whose rows belong to accounts, those first that others refer to."""
    return [table for table in Base.metadata.sorted_tables if OWNER in table.c]


def _sources(statement: Select[*tuple[Any, ...]] | Update | Delete) -> Iterator[FromClause]:
    """What the statement is about. Of subqueries inside its conditions it is not: those say themselves whose they read.

    They are found by walking through it: SQLAlchemy's `get_final_froms` compiles the statement to tell, which takes
    longer than most of our statements do.
    """
    if not isinstance(statement, Select):
        yield statement.table
        return
    seen: set[FromClause] = set()
    unseen = list(statement.get_children())
    while unseen:
        part = unseen.pop()
        for source in _named(part):
            if source not in seen:
                seen.add(source)
                yield source
        if not isinstance(part, SelectBase) and (isinstance(part, FunctionElement) or not isinstance(part, FromClause)):
            unseen.extend(part.get_children())


def _named(part: HasTraverseInternals) -> Iterator[FromClause]:
    """What a piece of a statement reads from by itself."""
    if isinstance(part, ColumnClause) and part.table is not None:
        yield part.table
    elif isinstance(part, FromClause) and not isinstance(part, FunctionElement):
        yield from _joined(part)


def _joined(source: FromClause) -> Iterator[FromClause]:
    if isinstance(source, Join):
        yield from _joined(source.left)
        yield from _joined(source.right)
    else:
        yield source
