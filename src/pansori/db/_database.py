"""Sessions on SQLite and PostgreSQL, behind one door.

SQLite has one writer at a time whatever one does. So each process writes through a single connection, guarded by a
lock: its threads queue here, in order, instead of polling the file, and other processes are waited for by SQLite.
"""

from __future__ import annotations

import gc
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, Protocol, cast

from sqlalchemy import (
    URL,
    Connection,
    Engine,
    ExceptionContext,
    QueuePool,
    StaticPool,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, IntegrityError, SQLAlchemyError
from sqlalchemy.orm import Session

from pansori.db._counters import DataVersion, Snapshots
from pansori.domain.errors import ConfigurationError, Text
from pansori.domain.units import Bytes, Seconds

Dialect = Literal["sqlite", "postgresql"]
BUSY_TIMEOUT = Seconds(30.0)
CHOICES = Text("Use sqlite:///… or postgresql://….", "sqlite:///… 또는 postgresql://… 주소를 쓰세요.")
POOL_SIZE = 8  #: connections kept open a process
POOL_OVERFLOW = 32  #: connections beyond those while a burst lasts
MAPPED = Bytes(256 * 1024 * 1024)  #: of an SQLite file, what a reader maps at most; what lies beyond is read by calls


class ChangeCounter(Protocol):
    """A number that differs from the last one when anything was committed in between, cheap to read often."""

    interval: Seconds
    """How often reading it costs nothing worth mentioning."""

    def read(self) -> int:
        """Raises SQLAlchemy's errors while the database is away; numbers before and after that are not compared."""

    def close(self) -> None: ...


class Database:
    """One database, used by one process. Nothing is opened before the first session."""

    dialect: Dialect

    def __init__(self, url: str) -> None:
        """`url` names the driver: `sqlite:///…` or `postgresql+psycopg://…`. Raises `ConfigurationError`."""
        self.url = _parsed(url)
        self.dialect = _dialect(self.url)
        self._access: _Access = _access(self.url, self.dialect)

    def read(self) -> AbstractContextManager[Session]:
        """A session that sees one snapshot and cannot write."""
        return _interruptible(self._access.read())

    def write(self) -> AbstractContextManager[Session]:
        """One transaction: committed at the end of the block, rolled back when it raises."""
        return _interruptible(self._access.write())

    def migrate(self) -> AbstractContextManager[Session]:
        """A `write` in which tables may be made anew. Raises `IntegrityError` where rows then refer to none."""
        return self._access.migrate()

    def now(self, session: Session) -> datetime:
        """The clock that leases and deadlines are compared with. UTC and aware."""
        return now(session)

    def change_counter(self) -> ChangeCounter:
        """A new counter with a connection of its own; the caller closes it."""
        return self._access.change_counter()

    def after_fork(self) -> None:
        """Forget the connections inherited from the parent, without closing them under its feet."""
        for engine in self._access.engines:
            engine.dispose(close=False)

    def after_interrupt(self) -> None:
        """To be asked by a thread that goes on after Ctrl-C, once the exception is gone: sessions that it cut off
        anywhere, even while they were entered or left, let go of locks and connections."""
        gc.collect()
        self.close()

    def close(self) -> None:
        """Close every pooled connection. A later session opens new ones."""
        for engine in self._access.engines:
            engine.dispose()


def now(session: Session) -> datetime:
    """`Database.now` for those who have only the session."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    clock: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return clock.astimezone(UTC)


def size_of(session: Session) -> Bytes:
    """What the database takes on its disk."""
    if session.get_bind().dialect.name == "sqlite":
        pages = session.execute(text("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"))
        return Bytes(int(pages.scalar_one()))
    return Bytes(int(session.execute(text("SELECT pg_database_size(current_database())")).scalar_one()))


class _Access(Protocol):
    @property
    def engines(self) -> tuple[Engine, ...]: ...

    def read(self) -> AbstractContextManager[Session]: ...

    def write(self) -> AbstractContextManager[Session]: ...

    def migrate(self) -> AbstractContextManager[Session]: ...

    def change_counter(self) -> ChangeCounter: ...


@contextmanager
def _interruptible(block: AbstractContextManager[Session]) -> Iterator[Session]:
    """Ctrl-C in the middle of a session stays that, though its tidying up may have failed and raised instead."""
    try:
        with block as session:
            yield session
    except SQLAlchemyError as error:
        if _hides_an_interrupt(error):
            raise KeyboardInterrupt from error
        raise


def _hides_an_interrupt(error: BaseException) -> bool:
    before = error.__cause__ or error.__context__
    return before is not None and (isinstance(before, KeyboardInterrupt) or _hides_an_interrupt(before))


def _session(bind: Engine | Connection) -> Session:
    # rows changed by statements are read again by statements: nothing is synchronised behind our back
    return Session(bind, expire_on_commit=False, execution_options={"synchronize_session": False})


def _parsed(url: str) -> URL:
    try:
        return make_url(url)
    except (ArgumentError, ValueError):
        # the text is not repeated: it may hold a password
        raise ConfigurationError(
            Text("DATABASE_URL is not a database's URL.", "DATABASE_URL이 데이터베이스의 URL이 아니에요."),
            field="DATABASE_URL",
            cure=CHOICES,
        ) from None


def _dialect(url: URL) -> Dialect:
    name = url.get_backend_name()
    if name == "sqlite":
        return "sqlite"
    if name == "postgresql":
        return "postgresql"
    raise ConfigurationError(
        Text(f"DATABASE_URL names the database {name}.", f"DATABASE_URL이 {name} 데이터베이스를 가리켜요."),
        field="DATABASE_URL",
        cure=CHOICES,
    )


def _access(url: URL, dialect: Dialect) -> _Access:
    if dialect == "postgresql":
        return _Postgres(url)
    return _SqliteMemory() if url.database in (None, "", ":memory:") else _SqliteFile(url)


# -- SQLite in a file ------------


class _SqliteFile:
    def __init__(self, url: URL) -> None:
        assert url.database is not None
        self._path = Path(url.database)
        self._writing = threading.Lock()
        self._holder: int | None = None
        self._writer = _sqlite_engine(url, writing=True)
        self._readers = _sqlite_engine(url, writing=False)
        self.engines = (self._writer, self._readers)

    @contextmanager
    def read(self) -> Iterator[Session]:
        self._make_folder()
        with _session(self._readers) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._alone(), _session(self._writer) as session, session.begin():
            yield session

    @contextmanager
    def migrate(self) -> Iterator[Session]:
        """SQLite changes a table by dropping its old form, and with it all rows that refer to it, unless it is told
        not to look; that has to be said outside of a transaction."""
        with self._alone(), self._writer.connect() as connection:
            driver = connection.connection.cursor()
            driver.execute("PRAGMA foreign_keys = OFF")
            try:
                with _session(connection) as session, session.begin():
                    yield session
                    if broken := session.execute(text("PRAGMA foreign_key_check")).all():
                        raise IntegrityError("PRAGMA foreign_key_check", None, ValueError(f"{broken[:5]}"))
            finally:
                driver.execute("PRAGMA foreign_keys = ON")
                driver.close()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One thread at a time."""
        assert self._holder != threading.get_ident(), "a write inside a write would wait for itself"
        self._make_folder()
        with self._writing:
            self._holder = threading.get_ident()
            try:
                yield
            finally:
                self._holder = None

    def change_counter(self) -> ChangeCounter:
        self._make_folder()
        return DataVersion(self._path, BUSY_TIMEOUT)

    def _make_folder(self) -> None:
        if not self._path.parent.exists():
            self._path.parent.mkdir(parents=True, exist_ok=True)


def _sqlite_engine(url: URL, *, writing: bool) -> Engine:
    size, overflow = (1, 0) if writing else (POOL_SIZE, POOL_OVERFLOW)
    engine = create_engine(
        url,
        poolclass=QueuePool,
        pool_size=size,
        max_overflow=overflow,
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT},
    )
    event.listen(engine, "connect", _prepare_writer if writing else _prepare_reader)
    event.listen(engine, "begin", _begin_writing if writing else _begin_reading)
    return engine


def _begin_writing(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _begin_reading(connection: Connection) -> None:
    """By the driver itself: this locks nothing and so cannot fail, and SQLAlchemy's way takes as long as a query."""
    cast(sqlite3.Connection, connection.connection.dbapi_connection).execute("BEGIN").close()


def _prepare_writer(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    connection.execute("PRAGMA journal_mode = WAL").close()
    connection.execute("PRAGMA synchronous = FULL").close()
    connection.execute("PRAGMA foreign_keys = ON").close()


def _prepare_reader(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA query_only = ON").close()
    # A search reads every track: mapped pages come from the system's cache without a call and a copy for each.
    connection.execute(f"PRAGMA mmap_size = {MAPPED}").close()


# -- SQLite in memory ------------


class _SqliteMemory:
    """The twin for tests: one connection, so one session at a time; a session inside another shares its transaction."""

    def __init__(self) -> None:
        self._engine = create_engine(
            "sqlite+pysqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False}
        )
        event.listen(self._engine, "connect", _prepare_memory)
        event.listen(self._engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
        event.listen(self._engine, "handle_error", _keep_connected)
        self._lock = threading.RLock()
        self._outer: Session | None = None
        self._commits = 0
        self.engines: tuple[Engine, ...] = ()  # disposing of the only connection would lose the database

    @contextmanager
    def read(self) -> Iterator[Session]:
        with self._lock:
            if self._outer is not None:
                with Session(self._outer.connection(), join_transaction_mode="rollback_only") as session:
                    yield session
                return
            with _session(self._engine) as session:
                self._outer = session
                try:
                    yield session
                finally:
                    self._outer = None

    @contextmanager
    def write(self) -> Iterator[Session]:
        with self._lock:
            assert self._outer is None, "a write inside another session"
            with _session(self._engine) as session, session.begin():
                self._outer = session
                try:
                    yield session
                finally:
                    self._outer = None
            self._commits += 1

    def migrate(self) -> AbstractContextManager[Session]:
        return self.write()  # it is empty then

    def change_counter(self) -> ChangeCounter:
        return _Commits(self)

    @property
    def commits(self) -> int:
        return self._commits


def _prepare_memory(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA foreign_keys = ON").close()


def _keep_connected(error: ExceptionContext) -> None:
    """SQLAlchemy gives up a connection that Ctrl-C came to, and with this one the database would be gone."""
    error.is_disconnect = False


class _Commits:
    interval = Seconds(0.01)

    def __init__(self, memory: _SqliteMemory) -> None:
        self._memory = memory

    def read(self) -> int:
        return self._memory.commits

    def close(self) -> None:
        """Nothing is held."""


# -- PostgreSQL ------------


class _Postgres:
    def __init__(self, url: URL) -> None:
        self._engine = create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10},
        )
        self._snapshots = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self.engines = (self._engine,)

    @contextmanager
    def read(self) -> Iterator[Session]:
        with _session(self._snapshots) as session:
            yield session

    @contextmanager
    def write(self) -> Iterator[Session]:
        with _session(self._engine) as session, session.begin():
            yield session

    def migrate(self) -> AbstractContextManager[Session]:
        return self.write()

    def change_counter(self) -> ChangeCounter:
        return Snapshots(self._engine)
