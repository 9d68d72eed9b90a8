"""Users of the voice backend, of whom one account may have many."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import insert

from pansori.bootstrap import build
from pansori.db import now
from pansori.db.tables import VoiceUser
from pansori.library import turns
from pansori.settings import load
from pansori.workflows import Services

MOST = 100  #: values that the database takes in one question here; elsewhere some ten thousand
MANY = 2 * MOST


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(load(data_dir=tmp_path, workers=0))
    yield services
    services.close()


def test_however_many_users_there_are_they_are_listed(services: Services) -> None:
    owner = services.accounts.local().known("write").id
    with services.database.write() as session:
        same = {"owner": owner, "manner": {}, "created_at": now(session)}
        session.execute(insert(VoiceUser), [{"id": uuid4(), "number": number, **same} for number in range(1, MANY)])
        turns.add(session, owner, MANY, state="done", heard="hello")
        turns.add(session, owner, 7, state="done", heard="hi")
    with services.database.read() as session:
        connection: Any = session.connection().connection.driver_connection
        connection.setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, MOST)
        users = turns.users(session, owner)
        assert len(users) == MANY
        assert {one.id: one.atot_text_list for one in users if one.atot_text_list} == {7: ["hi"], MANY: ["hello"]}
        assert turns.user(session, owner, 7) == users[6]
