"""Brings a database to the tables that this version of the program knows, or says why that cannot be."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.orm import Session

from pansori.db._database import Database
from pansori.domain.errors import ConfigurationError, DatabaseTooNew, Text
from pansori.lexicon.particles import attach

HEAD = "0004"  #: newest revision of the packaged migrations; kept here so that a start need not load Alembic
REVISIONS = frozenset({"0001", "0002", "0003", HEAD})  #: every revision this version knows
MIGRATIONS = Path(__file__).parent / "migrations"
UPGRADE_LOCK = 0x70616E73  #: key of the advisory lock in PostgreSQL


def revision(database: Database) -> str | None:
    """The revision that the database has. None: it has no tables of ours yet."""
    with database.read() as session:
        return _revision(session)


def upgrade(database: Database) -> None:
    """Make the tables current. Safe to call from several processes at once. Raises `DatabaseTooNew`."""
    if _known(revision(database)) == HEAD:
        return
    with database.migrate() as session:  # SQLite: nobody else can write until this is committed
        if database.dialect == "postgresql":
            session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": UPGRADE_LOCK})
        if _known(_revision(session)) != HEAD:
            _migrate(session)


def check(database: Database) -> None:
    """Raise `DatabaseTooNew`, or `ConfigurationError` naming the command that upgrades, unless it is current."""
    found = _known(revision(database))
    if found != HEAD:
        raise ConfigurationError(
            Text(
                f"The database is at revision {found or 'none'}; this version needs {HEAD}.",
                f"데이터베이스 개정이 {found or '없음'}인데, 이 버전에는 {attach(HEAD, '이/가')} 필요해요.",
            ),
            field="DATABASE_URL",
            cure=Text("Run: pansori db upgrade", "다음을 실행하세요: pansori db upgrade"),
        )


def _revision(session: Session) -> str | None:
    if not inspect(session.connection()).has_table("alembic_version"):
        return None
    found: str | None = session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return found


def _known(found: str | None) -> str | None:
    if found is None or found in REVISIONS:
        return found
    raise DatabaseTooNew(
        Text(
            f"The database was made by a newer version of Pansori (its revision {found} is unknown here).",
            f"더 새로운 판소리가 만든 데이터베이스예요 (여기에 없는 개정: {found}).",
        ),
        field="DATABASE_URL",
        cure=Text(
            "Install that version again, or point DATABASE_URL or PANSORI_DATA_DIR elsewhere.",
            "그 버전을 다시 설치하거나, DATABASE_URL 또는 PANSORI_DATA_DIR을 다른 곳으로 정하세요.",
        ),
    )


def _migrate(session: Session) -> None:
    from alembic import command  # loaded only when there is something to migrate
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = session.connection()
    command.upgrade(config, "head")
