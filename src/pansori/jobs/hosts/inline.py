"""A job carried out by the process that asked for it: `pansori song` without a server."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from pansori.db.tables import Step
from pansori.domain.jobs import QUEUES, EventView, JobView, StepState
from pansori.domain.units import Seconds
from pansori.jobs._kernel import Kernel
from pansori.jobs._process import Worker
from pansori.jobs._run import claim_and_run
from pansori.jobs._submit import cancel
from pansori.jobs._views import events, get
from pansori.jobs._watcher import Watcher, recover

log = logging.getLogger(__name__)

SAFETY = Seconds(0.25)  #: one looks so often though nothing seems to have changed: a retry may have become due


def run_inline(kernel: Kernel, job_id: UUID, on_event: Callable[[EventView], None] | None = None) -> JobView:
    """Run the job's steps here, one by one, until it is finished; workers that there are may take some of them.

    `on_event` is called with each event, from another thread. Ctrl-C cancels the job, which is then returned so.
    """
    leases, follower = Leases(kernel), _Follower(kernel, job_id, on_event)
    view: JobView | None = None
    try:
        with suppress(KeyboardInterrupt):  # what it cut off holds its locks until the exception is gone
            recover(kernel)
            leases.start()
            follower.start()
            view = _run(kernel, job_id)
        return view or _give_up(kernel, job_id)
    finally:
        follower.stop()
        leases.stop()


def _run(kernel: Kernel, job_id: UUID) -> JobView:
    worker = Worker.here(kernel.host)
    while True:
        seen = kernel.feed.value
        if any(claim_and_run(kernel, queue, worker=worker, job_id=job_id) for queue in QUEUES):
            continue
        with kernel.database.read() as session:
            view = get(session, job_id)
        if view.state.finished:
            return view
        kernel.feed.wait(seen, SAFETY)  # another worker has its steps, or a retry is not due yet


def _give_up(kernel: Kernel, job_id: UUID) -> JobView:
    kernel.database.after_interrupt()
    with kernel.database.write() as session:
        cancel(session, job_id)
    Watcher(kernel).give_back([os.getpid()], "it was interrupted")
    kernel.wake(())
    kernel.assets.collect()
    with kernel.database.read() as session:
        return get(session, job_id)


class Leases:
    """A thread that extends the leases of the steps that this process itself runs."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="leases", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        lease = timedelta(seconds=self._kernel.settings.lease)
        mine = (Step.state == StepState.RUNNING, Step.host == self._kernel.host, Step.pid == os.getpid())
        while not self._over.wait(self._kernel.settings.lease / 3):
            try:
                with self._kernel.database.write() as session:
                    now = self._kernel.database.now(session)
                    session.execute(update(Step).where(*mine).values(lease=now + lease))
            except SQLAlchemyError as error:
                log.warning("leases were not extended: %s", error)


class _Follower:
    """A thread that hands on the job's events as they come; `stop` after the last of them."""

    def __init__(self, kernel: Kernel, job_id: UUID, on_event: Callable[[EventView], None] | None) -> None:
        self._kernel = kernel
        self._job_id = job_id
        self._on_event = on_event
        self._after = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work, name="events", daemon=True)

    def start(self) -> None:
        if self._on_event is not None:
            self._thread.start()

    def stop(self) -> None:
        self._over.set()
        if self._thread.ident is not None:
            self._thread.join()
            self._look()

    def _work(self) -> None:
        while not self._over.is_set():
            seen = self._kernel.feed.value
            self._look()
            self._kernel.feed.wait(seen, SAFETY)

    def _look(self) -> None:
        assert self._on_event is not None
        while new := self._unseen():
            for event in new:
                self._after = event.seq
                self._on_event(event)

    def _unseen(self) -> list[EventView]:
        with self._kernel.database.read() as session:
            return events(session, self._job_id, after=self._after)
