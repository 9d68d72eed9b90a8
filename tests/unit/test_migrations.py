"""Every step between revisions, up and down, with rows in every table, in both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from pansori import db
from pansori.db import Database
from pansori.settings import load
from support.rows import Rows, fill, rows_of, tables_of

MIGRATIONS = Path(db.__file__).parent / "migrations"
NOTHING = "base"  #: before the first revision
Shape = dict[str, tuple[tuple[str, ...], ...]]


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    file = f"sqlite:///{tmp_path / 'pansori.db'}"
    url = file if request.param == "sqlite" else load(database_url=request.getfixturevalue("postgres_url")).database
    made = Database(url)
    yield made
    made.close()


def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    return made


def revisions() -> list[str]:
    """The oldest first."""
    return [one.revision for one in ScriptDirectory.from_config(config()).walk_revisions()][::-1]


def move(database: Database, revision: str) -> None:
    """Up or down to that revision."""
    before = db.revision(database)
    with database.migrate() as session:
        settings = config()
        settings.attributes["connection"] = session.connection()
        is_down = before is not None and (revision == NOTHING or revision < before)
        (command.downgrade if is_down else command.upgrade)(settings, revision)


def shape(database: Database) -> Shape:
    """Columns and indexes by table."""
    with database.read() as session:
        seen = inspect(session.connection())
        return {
            name: (
                tuple(sorted(f"{one['name']} {one['type']} {one['nullable']}" for one in seen.get_columns(name))),
                tuple(sorted(f"{one['name']} {one['column_names']}" for one in seen.get_indexes(name))),
                tuple(sorted(str(one["constrained_columns"]) for one in seen.get_foreign_keys(name))),
            )
            for name in seen.get_table_names()
        }


def content(database: Database, like: Rows | None = None) -> Rows:
    """All rows; or of each table and column that `like` has."""
    columns = None if like is None else {name: list(rows[0]) for name, rows in like.items()}
    with database.read() as session:
        return rows_of(session.connection(), columns)


def test_no_step_up_or_down_loses_a_row(database: Database) -> None:
    shapes: dict[str, Shape] = {}
    kept: dict[str, Rows] = {}
    before: Rows | None = None
    for revision in revisions():
        move(database, revision)
        if before is not None:
            assert content(database, before) == before, f"up to {revision}"
        with database.write() as session:
            fill(session.connection())
        shapes[revision], before = shape(database), content(database)
        kept[revision] = before
        assert all(before.values()), "there are rows in every table"
    db.check(database)
    for revision in revisions()[-2::-1]:
        move(database, revision)
        assert shape(database) == shapes[revision], f"down to {revision}"
        assert content(database, kept[revision]) == kept[revision], f"down to {revision}"
    db.upgrade(database)
    db.check(database)
    assert shape(database) == shapes[db.HEAD]
    with database.read() as session:
        assert len(tables_of(session.connection())) == len(shapes[db.HEAD]) - 1
    move(database, NOTHING)
    assert set(shape(database)) == {"alembic_version"}
