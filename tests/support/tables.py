"""Databases with the current tables, for tests that are about something else."""

from __future__ import annotations

import functools
import sqlite3
import tempfile
from pathlib import Path

from pansori.db import Database, revision, upgrade


def furnish(database: Database) -> None:
    """`upgrade`. An empty SQLite database is given what an upgraded one holds: migrating takes longer."""
    if database.dialect != "sqlite" or revision(database) is not None:
        upgrade(database)
        return
    with database.migrate() as session:
        connection = session.connection()
        for statement in _statements():
            connection.exec_driver_sql(statement)


@functools.cache
def _statements() -> tuple[str, ...]:
    """What makes such a database, except for the transaction around it."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "pansori.db"
        database = Database(f"sqlite:///{file}")
        upgrade(database)
        database.close()
        connection = sqlite3.connect(file)
        found = tuple(one for one in connection.iterdump() if one not in ("BEGIN TRANSACTION;", "COMMIT;"))
        connection.close()
    return found
