"""Sessions, clocks and migrations on both databases."""

from __future__ import annotations

import re
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import String, event, select, text
from sqlalchemy.exc import IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session

from pansori import db
from pansori.accounts import LOCAL_ALIAS, local_account
from pansori.db import Database
from pansori.db.tables import Account, Base, Job
from pansori.domain.errors import ConfigurationError, DatabaseTooNew
from pansori.settings import load


@pytest.fixture(params=["file", "memory", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    urls = {"file": f"sqlite:///{tmp_path / 'deep' / 'pansori.db'}", "memory": "sqlite:///:memory:"}
    url = urls.get(request.param) or load(database_url=request.getfixturevalue("postgres_url")).database
    made = Database(url)
    db.upgrade(made)
    yield made
    made.close()


def logins(session: Session) -> list[str]:
    return list(session.scalars(select(Account.login)))


def account(session: Session, login: str, alias: int) -> Account:
    return Account(login=login, alias=alias, kind="local", created_at=db.now(session))


def test_a_block_that_raises_leaves_nothing(database: Database) -> None:
    def write_and_fail() -> None:
        with database.write() as session:
            session.add(account(session, "a", 1))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        write_and_fail()
    with database.read() as session:
        assert logins(session) == []


def test_an_interrupt_that_the_driver_hides_stays_one(database: Database) -> None:
    def tidy_up_after_ctrl_c() -> None:
        try:
            raise KeyboardInterrupt
        finally:
            raise ProgrammingError("a statement", None, ValueError("the connection is busy"))

    for session in (database.read, database.write):
        with pytest.raises(KeyboardInterrupt), session():
            tidy_up_after_ctrl_c()


def test_ctrl_c_in_the_middle_of_a_statement_does_not_cost_the_database_in_memory() -> None:
    database = Database("sqlite:///:memory:")
    db.upgrade(database)

    def press(*_: object) -> None:
        signal.raise_signal(signal.SIGINT)

    def ask() -> None:
        with database.write() as session:
            event.listen(session.connection().engine, "do_execute", press, once=True)
            session.execute(select(1))

    with database.write() as session:
        session.add(account(session, "a", 1))
    with pytest.raises(KeyboardInterrupt):
        ask()
    database.after_interrupt()
    with database.read() as session:
        assert logins(session) == ["a"]
    database.close()


def test_what_is_written_is_read(database: Database) -> None:
    with database.write() as session:
        row = account(session, "a", 1)
        session.add(row)
    with database.read() as session:
        found = session.execute(select(Account)).scalar_one()
        assert found.created_at == row.created_at
        assert found.created_at.tzinfo is not None
        assert abs(database.now(session) - found.created_at) < timedelta(minutes=1)
        assert database.now(session).tzinfo is UTC


def test_writers_queue_up(database: Database) -> None:
    def count(_: int) -> None:
        with database.write() as session:
            row = session.execute(select(Account).with_for_update()).scalar_one()
            row.alias += 1

    with database.write() as session:
        session.add(account(session, "a", 0))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(count, range(40)))
    with database.read() as session:
        assert session.scalar(select(Account.alias)) == 40


def test_the_local_account_is_made_once(database: Database) -> None:
    with database.write() as session:
        made = local_account(session)
    with database.read() as session:
        assert local_account(session) == made
        assert session.scalar(select(Account.alias)) == LOCAL_ALIAS


def test_the_change_counter_sees_other_sessions(database: Database) -> None:
    counter = database.change_counter()
    before = counter.read()
    assert counter.read() == before
    with database.write() as session:
        session.add(account(session, "a", 1))
    assert counter.read() != before
    counter.close()


def test_a_change_counter_whose_database_is_away_says_so_and_recovers(tmp_path: Path) -> None:
    file = tmp_path / "pansori.db"
    file.mkdir()
    database = Database(f"sqlite:///{file}")
    counter = database.change_counter()
    with pytest.raises(OperationalError):
        counter.read()
    file.rmdir()
    assert counter.read() == counter.read()
    counter.close()
    database.close()


def test_a_snapshot_does_not_change(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    db.upgrade(database)
    with database.read() as reading:
        assert logins(reading) == []
        with database.write() as session:
            session.add(account(session, "a", 1))
        assert logins(reading) == []
    with database.read() as reading:
        assert logins(reading) == ["a"]
    database.close()


def test_readers_cannot_write(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    db.upgrade(database)
    with database.read() as session, pytest.raises(OperationalError, match="readonly"):
        session.execute(text("DELETE FROM accounts"))
    database.close()


def test_a_session_inside_another_in_memory_shares_it() -> None:
    database = Database("sqlite:///:memory:")
    db.upgrade(database)
    with database.write() as outer:
        outer.add(account(outer, "a", 1))
        outer.flush()
        with database.read() as inner:
            assert logins(inner) == ["a"]
    with database.read() as session:
        assert logins(session) == ["a"]


def test_sqlite_is_set_to_keep_what_it_was_given(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    with database.write() as session:
        connection = session.connection()
        pragmas = {name: connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous")}
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}
        assert connection.scalar(text("PRAGMA foreign_keys")) == 1
        assert connection.scalar(text("PRAGMA busy_timeout")) == 30_000
    database.close()


def test_another_database_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="mysql"):
        Database("mysql://localhost/x")


# -- migrations ------------


def test_migrations_make_the_tables_of_the_code(database: Database) -> None:
    """In SQLite the next test looks at indexes: there Alembic does not see their orders."""
    options = {
        "compare_type": True,
        "include_object": lambda _item, _name, kind, *_: kind != "index" or database.dialect == "postgresql",
    }
    with database.read() as session:
        context = MigrationContext.configure(session.connection(), opts=options)
        assert compare_metadata(context, Base.metadata) == []


def test_migrations_make_the_indexes_of_the_code(tmp_path: Path) -> None:
    migrated, created = (Database(f"sqlite:///{tmp_path / name}.db") for name in ("migrated", "created"))
    db.upgrade(migrated)
    with created.write() as session:
        Base.metadata.create_all(session.connection())
    assert _indexes(migrated) == _indexes(created)
    for database in (migrated, created):
        database.close()


def test_changing_a_table_keeps_what_refers_to_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    db.upgrade(database)
    with database.write() as session:
        now = db.now(session)
        owner = local_account(session)
        session.add(Job(kind="k", origin="v1", owner=owner, state="queued", task={}, progress={}, created_at=now))
    with database.migrate() as session:
        operations = Operations(MigrationContext.configure(session.connection()))
        with operations.batch_alter_table("accounts") as accounts:
            accounts.alter_column("login", type_=String(500))
    with database.read() as session:
        assert session.scalar(select(Job.owner)) == owner
    with pytest.raises(IntegrityError), database.migrate() as session:
        session.execute(text("DELETE FROM accounts"))
    with database.write() as session:
        assert logins(session) == ["local"]
        assert session.scalar(text("PRAGMA foreign_keys")) == 1
    database.close()


def _indexes(database: Database) -> dict[str, str]:
    with database.read() as session:
        rows = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"))
        return {row.name: re.sub(r"\s+", " ", row.sql) for row in rows if "alembic" not in row.name}


def test_the_known_revisions_are_the_packaged_ones() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(db.__file__).parent / "migrations"))
    scripts = ScriptDirectory.from_config(config)
    assert scripts.get_current_head() == db.HEAD
    assert {script.revision for script in scripts.walk_revisions()} == db.REVISIONS


@pytest.mark.parametrize("kind", ["file", "postgresql"])
def test_several_may_upgrade_at_once(kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    file = f"sqlite:///{tmp_path / 'pansori.db'}"
    url = file if kind == "file" else load(database_url=request.getfixturevalue("postgres_url")).database
    made = [Database(url) for _ in range(3)]  # as three processes would have them
    start = threading.Barrier(3)

    def upgrade(database: Database) -> None:
        start.wait()
        db.upgrade(database)

    threads = [threading.Thread(target=upgrade, args=(database,)) for database in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for database in made:
        db.check(database)
        assert db.revision(database) == db.HEAD
        database.close()


def test_an_empty_database_is_told_to_upgrade(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'pansori.db'}")
    with pytest.raises(ConfigurationError) as raised:
        db.check(database)
    assert raised.value.cure is not None
    assert "pansori db upgrade" in raised.value.cure.en
    database.close()


def test_a_newer_database_is_refused(database: Database) -> None:
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for refuse in (db.check, db.upgrade):
        with pytest.raises(DatabaseTooNew, match="9999"):
            refuse(database)
