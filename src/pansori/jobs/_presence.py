"""Which queues have somebody who works for them, on whatever machine: workers say so every few seconds."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from pansori.db import now as now_of
from pansori.db.tables import WorkerProcess
from pansori.domain.units import Seconds
from pansori.jobs._kernel import Kernel

BEAT = Seconds(5.0)
FORGOTTEN = Seconds(15.0)  #: a worker not heard of for so long is thought dead


class Presence:
    """Of one process that hosts workers."""

    def __init__(self, kernel: Kernel, queues: Collection[str]) -> None:
        self._kernel = kernel
        self._queues = tuple(queues)
        self._name = f"{kernel.host[:200]}/{os.getpid()}"
        self._beaten = float("-inf")

    def beat(self) -> None:
        """Call often; it writes only when that is due. Raises SQLAlchemy's errors while the database is away."""
        if time.monotonic() - self._beaten < BEAT:
            return
        with self._kernel.database.write() as session:
            now = now_of(session)
            session.execute(delete(WorkerProcess).where(WorkerProcess.name == self._name))
            session.execute(delete(WorkerProcess).where(WorkerProcess.seen < now - timedelta(seconds=FORGOTTEN)))
            rows = [{"name": self._name, "queue": queue, "seen": now} for queue in self._queues]
            session.execute(insert(WorkerProcess), rows)
        self._beaten = time.monotonic()

    def end(self) -> None:
        """Say goodbye."""
        with self._kernel.database.write() as session:
            session.execute(delete(WorkerProcess).where(WorkerProcess.name == self._name))


def served_queues(session: Session) -> frozenset[str]:
    """Queues whose steps would be taken."""
    since = now_of(session) - timedelta(seconds=FORGOTTEN)
    return frozenset(session.scalars(select(WorkerProcess.queue).where(WorkerProcess.seen >= since)))
