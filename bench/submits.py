"""Durable submits a second, each in its own transaction, against bare inserts through the same database.

The peer is one row of about a job's size, inserted and committed by the same driver on one connection: what the disk
allows. A submit writes the job, its step and its first event.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

from sqlalchemy import text

from bench.report import Figure, against
from pansori.db import Database
from support.services import running_postgres
from support.sizes import Size, make_size
from support.workflows import plan, spec

EACH = 200
CLIENTS = 8
ROW = "x" * 700  #: characters


def run() -> list[Figure]:
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        size = make_size("embedded", Path(folder))
        figures += measure("SQLite", size)
        size.close()
    with running_postgres(durable=True) as postgres, tempfile.TemporaryDirectory() as folder:
        size = make_size("embedded", Path(folder), database_url=postgres.fresh_database())
        figures += measure("PostgreSQL", size)
        size.close()
    return figures


def measure(name: str, size: Size) -> list[Figure]:
    database = size.kernel.database
    with database.write() as session:
        session.execute(text("CREATE TABLE bare (id CHAR(32) PRIMARY KEY, body TEXT)"))
    bare = each_second(lambda: insert(database))
    submits = each_second(lambda: size.submit(plan(spec("only"))))
    crowd = together(lambda: size.submit(plan(spec("only"))))
    peer = "bare inserts"
    return [
        Figure(f"bare inserts, {name}", bare, "/s"),
        against(f"submits, one client, {name}", submits, "/s", peer, bare),
        against(f"submits, {CLIENTS} clients, {name}", crowd, "/s", peer, bare),
    ]


def insert(database: Database) -> None:
    with database.write() as session:
        session.execute(text("INSERT INTO bare VALUES (:id, :body)"), {"id": uuid4().hex, "body": ROW})


def each_second(act: Callable[[], object], times: int = EACH) -> float:
    act()
    began = time.perf_counter()
    for _ in range(times):
        act()
    return times / (time.perf_counter() - began)


def together(act: Callable[[], object]) -> float:
    threads = [threading.Thread(target=each_second, args=(act, EACH // 2)) for _ in range(CLIENTS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return CLIENTS * EACH // 2 / (time.perf_counter() - began)
