"""The guarantee behind all wake-ups and watchers: once a second it looks for what nobody else has cared for."""

from __future__ import annotations

import logging
import re
import shutil
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import and_, func, or_, select, update
from sqlalchemy.exc import SQLAlchemyError

from pansori.db import reason
from pansori.db.tables import Job, Step
from pansori.domain.errors import PansoriError
from pansori.domain.jobs import FINISHED, JobState, StepState
from pansori.domain.units import Seconds
from pansori.jobs._bell import RINGS_AT_ONCE
from pansori.jobs._finish import expire_job, release
from pansori.jobs._kernel import LOOSE, Kernel
from pansori.jobs._process import Worker, end_abandoned
from pansori.jobs._rows import OPEN, Attempt, AttemptLost, about_attempt

log = logging.getLogger(__name__)

INTERVAL = Seconds(1.0)
OVERHEARD = Seconds(2.0)  #: a step that could begin for longer than that was perhaps not rung for
TIDY_INTERVAL = Seconds(30.0)  #: between two looks at folders and files
CHORE_INTERVAL = Seconds(60.0)
SWEEP_INTERVAL = Seconds(600.0)  #: between two walks through the whole store
FRESH = Seconds(60.0)  #: a scratch folder younger than that may belong to a claim not yet visible
SCRATCH = re.compile(r"(\d+)-(\d+)")  #: step and attempt
LEFT = Seconds(3600.0)  #: a scratch folder of no step, which nobody uses for so long


class Sweeper:
    """Any number may run at once, in every API server one."""

    def __init__(self, kernel: Kernel, chores: Sequence[Callable[[], object]] = ()) -> None:
        """`chores`: what else is to be done about once a minute, a little of it each time."""
        self._kernel = kernel
        self._chores = chores
        self._did_chores = float("-inf")
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._tidied = float("-inf")
        self._swept = time.monotonic()

    def start(self) -> None:
        thread = threading.Thread(target=self._work, name="sweeper", daemon=True)
        thread.start()
        self._thread = thread

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def tick(self) -> None:
        """Look once. Raises SQLAlchemy's errors while the database is away, `StorageError` while the store is."""
        self._release_expired()
        self._expire_jobs()
        self._close_leftover_steps()
        self._ring_again()
        self._do_chores()
        self._kernel.assets.collect()  # behind what needs no store
        if time.monotonic() - self._tidied >= TIDY_INTERVAL:
            self._tidied = time.monotonic()
            self.tidy_scratch()
        if time.monotonic() - self._swept >= SWEEP_INTERVAL:
            self._swept = time.monotonic()
            self._kernel.assets.sweep()

    def _do_chores(self) -> None:
        if time.monotonic() - self._did_chores >= CHORE_INTERVAL:
            self._did_chores = time.monotonic()
            for chore in self._chores:
                try:
                    chore()
                except (SQLAlchemyError, PansoriError, OSError) as error:  # the others have nothing to do with it
                    log.warning("a chore will be tried again: %s", reason(error))

    def tidy_scratch(self, older_than: Seconds = FRESH) -> None:
        """Delete scratch folders of attempts that do not run any more, and those of no step that nobody uses."""
        if not self._kernel.scratch.is_dir():
            return
        for folder in self._kernel.scratch.iterdir():
            if match := SCRATCH.fullmatch(folder.name):
                left = _is_older(folder, older_than) and not self._runs(int(match[1]), int(match[2]))
            else:
                left = folder.name.startswith(LOOSE) and _is_older(folder, LEFT)
            if left:
                shutil.rmtree(folder, ignore_errors=True)

    def _work(self) -> None:
        while not self._stop.wait(INTERVAL):
            try:
                self.tick()
            except (SQLAlchemyError, PansoriError, OSError) as error:
                log.warning("the sweeper will look again: %s", reason(error))

    def _release_expired(self) -> None:
        with self._kernel.database.read() as session:
            now = self._kernel.database.now(session)
            columns = (Step.id, Step.job_id, Step.attempt, Step.host, Step.pid, Step.pid_started)
            expired = session.execute(select(*columns).where(Step.state == StepState.RUNNING, Step.lease < now)).all()
        for row in expired:
            attempt = Attempt(row.id, row.job_id, row.attempt)
            try:
                with self._kernel.database.write() as session:
                    queues = release(self._kernel, session, attempt, "nothing was heard of its worker")
            except AttemptLost:
                continue
            with about_attempt(attempt):
                log.warning("the lease of step %s ended; it runs again", attempt.step_id)
            if row.host == self._kernel.host:  # its watcher died with it, and will not end what it left
                end_abandoned(Worker(row.host, row.pid, row.pid_started))
            self._kernel.wake(queues)

    def _expire_jobs(self) -> None:
        with self._kernel.database.read() as session:
            now = self._kernel.database.now(session)
            unfinished = Job.state.in_((JobState.QUEUED, JobState.RUNNING))
            expired = session.scalars(select(Job.id).where(unfinished, Job.deadline < now)).all()
        for job_id in expired:
            with self._kernel.database.write() as session:
                expire_job(self._kernel, session, job_id)
        if expired:
            self._kernel.wake(())

    def _close_leftover_steps(self) -> None:
        leftover = select(Step.id).join(Job, Job.id == Step.job_id).where(Step.state.in_(OPEN), Job.state.in_(FINISHED))
        with self._kernel.database.read() as session:
            ids = session.scalars(leftover).all()
        if ids:
            with self._kernel.database.write() as session:
                open_steps = update(Step).where(Step.id.in_(ids), Step.state.in_(OPEN))
                session.execute(open_steps.values(state=StepState.CANCELLED))

    def _ring_again(self) -> None:
        for queue, ready in self._overheard():
            rings = min(ready - self._kernel.bell.depth(queue), RINGS_AT_ONCE)
            if rings > 0:
                self._kernel.bell.ring(queue, rings)

    def _overheard(self) -> list[tuple[str, int]]:
        with self._kernel.database.read() as session:
            now: datetime = self._kernel.database.now(session)
            overheard = Step.run_after < now - timedelta(seconds=OVERHEARD)
            # whose time had not come when the bell was rung: nobody rings but we
            awaited = and_(Step.run_after <= now, or_(Step.parked, Step.failures > 0))
            grouped = select(Step.queue, func.count()).where(Step.state == StepState.READY, or_(overheard, awaited))
            return list(session.execute(grouped.group_by(Step.queue)))

    def _runs(self, step_id: int, attempt: int) -> bool:
        running = (Step.id == step_id, Step.attempt == attempt, Step.state == StepState.RUNNING)
        with self._kernel.database.read() as session:
            return session.execute(select(Step.id).where(*running)).first() is not None


def _is_older(folder: Path, age: Seconds) -> bool:
    """False also where it is gone by now."""
    try:
        return folder.stat().st_mtime < time.time() - age
    except FileNotFoundError:
        return False
