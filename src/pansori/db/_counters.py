"""Numbers that change with every commit, as SQLite's files and PostgreSQL have them."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from pansori.domain.units import Seconds


class DataVersion:
    """`PRAGMA data_version`: changes for this connection whenever another one, of any process, commits."""

    interval = Seconds(0.05)

    def __init__(self, path: Path, patience: Seconds) -> None:
        """`patience`: how long to wait for a file that is locked."""
        self._path = path
        self._patience = patience
        self._connection: sqlite3.Connection | None = None

    def read(self) -> int:
        try:
            if self._connection is None:
                self._connection = self._connect()
            row = self._connection.execute("PRAGMA data_version").fetchone()
        except sqlite3.Error as error:
            self.close()
            raise OperationalError("PRAGMA data_version", None, error) from error
        return int(row[0])

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _connect(self) -> sqlite3.Connection:
        return sqlite3.connect(self._path, timeout=self._patience, isolation_level=None, check_same_thread=False)


class Snapshots:
    """The transactions in progress: they are others whenever one of them was committed.

    Numbers of rows would not do: who takes a lower one may commit later.
    """

    interval = Seconds(0.1)

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._seen = ""
        self._count = 0

    def read(self) -> int:
        with self._engine.connect() as connection:
            snapshot: str = connection.execute(text("SELECT pg_current_snapshot()::text")).scalar_one()
        if snapshot != self._seen:
            self._seen = snapshot
            self._count += 1
        return self._count

    def close(self) -> None:
        """The connection is the pool's."""
