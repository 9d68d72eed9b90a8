"""Looks after the steps that run on this machine: their leases, their deaths, their ends by force."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from pansori.db.tables import Job, Step
from pansori.domain.jobs import JobState, StepState
from pansori.domain.units import Seconds
from pansori.jobs._finish import release
from pansori.jobs._kernel import Kernel
from pansori.jobs._process import Worker, bury, is_alive, kill_group, start_times
from pansori.jobs._rows import Attempt, AttemptLost, about_attempt

log = logging.getLogger(__name__)

INTERVAL = Seconds(0.25)  #: between two looks
DYING = Seconds(0.2)  #: how long one waits for a killed process to be gone, before the next look


@dataclass(frozen=True)
class _Running:
    """A running step of this machine."""

    attempt: Attempt
    worker: Worker
    lease: datetime
    grace: Seconds
    must_end: bool


class Watcher:
    """For a process that hosts children, each the leader of its own process group. Not for several threads at once."""

    def __init__(self, kernel: Kernel, host_name: str | None = None) -> None:
        self._kernel = kernel
        self._host = host_name or kernel.host
        self._asked: dict[Attempt, float] = {}  #: since when an attempt should have ended by itself

    def tick(self, pids: Collection[int]) -> int:
        """Look once. `pids`: the children that are ours; what died is released whosever it was.

        Returns how many steps run on this machine. Raises SQLAlchemy's errors while the database is away.
        """
        running, now = self._look()
        alive = start_times({step.worker.pid for step in running})
        held = []
        for step in running:
            if alive.get(step.worker.pid) != step.worker.started:
                bury(step.worker)
                self._release(step.attempt, "its process died")
            elif step.worker.pid in pids:
                held.append(step)
        for step in held:
            self._end_if_due(step)
        self._extend(
            [step for step in held if step.lease - now < timedelta(seconds=self._kernel.settings.lease / 2)], now
        )
        self._asked = {step.attempt: self._asked[step.attempt] for step in held if step.attempt in self._asked}
        return len(running)

    def give_back(self, pids: Collection[int], reason: str) -> None:
        """Release the steps of children that were ended for their host's sake; it does not count as a loss."""
        running, _ = self._look()
        for step in running:
            if step.worker.pid in pids:
                self._release(step.attempt, reason, counted=False)

    def _look(self) -> tuple[list[_Running], datetime]:
        columns = (
            Step.id,
            Step.job_id,
            Step.attempt,
            Step.pid,
            Step.pid_started,
            Step.lease,
            Step.deadline,
            Step.grace,
        )
        wanted = select(*columns, Job.cancel, Job.state).join(Job, Job.id == Step.job_id)
        with self._kernel.database.read() as session:
            rows = session.execute(wanted.where(Step.state == StepState.RUNNING, Step.host == self._host)).all()
            now = self._kernel.database.now(session)
        return [self._running(row, now) for row in rows], now

    def _running(self, row: Any, now: datetime) -> _Running:
        late = row.deadline is not None and row.deadline <= now
        return _Running(
            attempt=Attempt(row.id, row.job_id, row.attempt),
            worker=Worker(self._host, row.pid, row.pid_started),
            lease=row.lease,
            grace=Seconds(row.grace),
            must_end=row.cancel or JobState(row.state).finished or late,
        )

    def _end_if_due(self, step: _Running) -> None:
        if not step.must_end:
            return
        since = self._asked.setdefault(step.attempt, time.monotonic())
        if time.monotonic() - since < step.grace:
            return
        with about_attempt(step.attempt):
            log.info("killing process %s to end step %s", step.worker.pid, step.attempt.step_id)
        kill_group(step.worker.pid)
        until = time.monotonic() + DYING
        while is_alive(step.worker) and time.monotonic() < until:
            time.sleep(0.002)
        if not is_alive(step.worker):
            self._release(step.attempt, "it was told to end")

    def _extend(self, steps: list[_Running], now: datetime) -> None:
        if not steps:
            return
        lease = now + timedelta(seconds=self._kernel.settings.lease)
        with self._kernel.database.write() as session:
            for step in steps:
                session.execute(update(Step).where(step.attempt.is_current).values(lease=lease))

    def _release(self, attempt: Attempt, reason: str, *, counted: bool = True) -> None:
        try:
            with self._kernel.database.write() as session:
                queues = release(self._kernel, session, attempt, reason, counted=counted)
        except AttemptLost:
            return  # it ended well at the last moment, or the sweeper was faster
        with about_attempt(attempt):
            log.info("step %s was released: %s", attempt.step_id, reason)
        self._kernel.wake(queues)


def recover(kernel: Kernel) -> None:
    """At a start: release at once what processes of this machine left that are gone by now."""
    Watcher(kernel).tick(())
