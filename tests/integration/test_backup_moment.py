"""A backup shows one moment of the database, whatever is written while it is taken."""

from __future__ import annotations

import json
import tarfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from pansori.bootstrap import build
from pansori.cli.backup.writing import write_archive
from pansori.db import upgrade
from pansori.db.tables import Account, PromptTemplate
from pansori.library import TemplateDraft, templates
from pansori.settings import load
from pansori.workflows import Services
from support.waiting import eventually

BACKUPS = 8
DRAFT = TemplateDraft(name="one", prompt="a song")


@pytest.fixture(params=["sqlite", "postgresql"])
def services(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Services]:
    settings: dict[str, Any] = {"data_dir": tmp_path / "data", "workers": 0}
    if request.param == "postgresql":
        settings["database_url"] = request.getfixturevalue("postgres_server").installation()
    made = build(load(**settings))
    upgrade(made.database)
    yield made
    made.close()


class Newcomers:
    """Accounts that come one after another until they are told to stop, each in one transaction with a template."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._come)

    def __enter__(self) -> Newcomers:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()

    def _come(self) -> None:
        alias = 1000
        while not self._enough.is_set():
            alias += 1
            with self._services.database.write() as session:
                row = Account(login=uuid4().hex, alias=alias, kind="guest", name="", created_at=datetime.now(UTC))
                session.add(row)
                session.flush()
                templates.save(session, row.id, DRAFT)

    def wait_for(self, number: int) -> None:
        """They come all the time."""
        eventually(lambda: self.count() >= number)

    def count(self) -> int:
        with self._services.database.read() as session:
            return session.execute(select(func.count()).select_from(PromptTemplate)).scalar_one()


def rows(archive: Path, table: str) -> list[dict[str, Any]]:
    with tarfile.open(archive) as tar:
        content = tar.extractfile(f"tables/{table}.jsonl")
        assert content is not None
        return [json.loads(line) for line in content.read().splitlines()]


def test_what_was_written_together_is_there_together(services: Services, tmp_path: Path) -> None:
    with Newcomers(services) as newcomers:
        for number in range(BACKUPS):
            before = newcomers.count()
            newcomers.wait_for(before + 1)
            file = tmp_path / f"{number}.tar"
            write_archive(services, file)
            accounts = {row["id"] for row in rows(file, Account.__tablename__) if row["alias"] > 1000}
            owners = [row["owner"] for row in rows(file, PromptTemplate.__tablename__)]
            assert len(owners) >= before
            assert set(owners) == accounts
