"""The embedded host: one process whose children take steps, each watched, ended and started again from here.

It has a single thread, and no connection is open while it forks.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess

from sqlalchemy.exc import SQLAlchemyError

from pansori.db import ChangeCounter, reason
from pansori.domain.jobs import Queue
from pansori.domain.units import Seconds
from pansori.jobs._backoff import backoff
from pansori.jobs._kernel import Kernel
from pansori.jobs._presence import Presence
from pansori.jobs._process import kill_group
from pansori.jobs._watcher import INTERVAL, Watcher
from pansori.jobs.hosts._child import run_child
from pansori.jobs.hosts.supervisor import supervising_parent

log = logging.getLogger(__name__)

GRACE = Seconds(2.0)  #: how long children may finish their steps when the host is told to end
SHORT_LIFE = Seconds(1.0)  #: a child that dies younger is started again with growing pauses
FIRST_PAUSE = Seconds(0.2)
LONGEST_PAUSE = Seconds(10.0)


@dataclass
class _Place:
    """Where a child of one queue works; when it dies, another one takes the place."""

    queue: str
    process: BaseProcess | None = None
    born: float = 0.0
    short_lives: int = 0
    vacant_until: float = 0.0


class LocalHost:
    """Runs until SIGTERM or SIGINT, or until the parent that supervises it is gone."""

    def __init__(self, factory: Callable[[], Kernel], children: Mapping[Queue, int], *, grace: Seconds = GRACE) -> None:
        """`factory` makes a process's kernel; it has to be picklable where processes are spawned, as on macOS."""
        self._factory = factory
        self._places = [_Place(queue) for queue, number in children.items() for _ in range(number)]
        self._grace = grace
        fork = sys.platform == "linux"
        self._process: Callable[..., BaseProcess] = (
            multiprocessing.get_context("fork").Process if fork else multiprocessing.get_context("spawn").Process
        )
        self._stopping = False
        self._parent = supervising_parent()
        self._counter: ChangeCounter | None = None
        self._seen: int | None = None
        self._running = 0
        self._looked = float("-inf")

    def run(self) -> None:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        kernel = self._factory()
        watcher = Watcher(kernel)
        self._presence = Presence(kernel, {place.queue for place in self._places})
        try:
            while not self._over():
                self._fill_places(kernel)
                self._look_after(kernel, watcher)
            self._say_goodbye(watcher, self._end_children())
        finally:
            for place in self._places:
                if place.process is not None:
                    kill_group(place.process.pid or 0)
            self._close(kernel)
            kernel.close()

    def _stop(self, _number: int, _frame: object) -> None:
        self._stopping = True

    def _over(self) -> bool:
        return self._stopping or (self._parent is not None and os.getppid() != self._parent)

    # -- children ------------

    def _fill_places(self, kernel: Kernel) -> None:
        vacant = [place for place in self._places if place.process is None and place.vacant_until <= time.monotonic()]
        if not vacant:
            return
        self._close(kernel)
        for place in vacant:
            arguments = (self._factory, place.queue, os.getpid())
            place.process = self._process(target=run_child, args=arguments, daemon=True)
            place.process.start()
            place.born = time.monotonic()

    def _close(self, kernel: Kernel) -> None:
        """Nothing of the database may be open across a fork: SQLite's locks belong to the process."""
        if self._counter is not None:
            self._counter.close()
            self._counter = self._seen = None
        kernel.database.close()

    def _bury(self, place: _Place) -> None:
        process = place.process
        assert process is not None
        kill_group(process.pid or 0)  # what it started; not reaped yet, its number cannot be somebody else's
        process.join()
        place.process = None
        place.short_lives = place.short_lives + 1 if time.monotonic() - place.born < SHORT_LIFE else 0
        place.vacant_until = time.monotonic() + backoff(FIRST_PAUSE, place.short_lives, LONGEST_PAUSE)
        log.warning("a child of queue %s ended with %s", place.queue, process.exitcode)

    def _end_children(self) -> list[int]:
        """Let idle children go and busy ones for a short while, then end the rest. Returns their pids."""
        living = [place.process for place in self._places if place.process is not None]
        for process in living:
            process.terminate()
        until = time.monotonic() + self._grace
        while (open_ends := [process.sentinel for process in living if process.exitcode is None]) and (
            time.monotonic() < until
        ):
            wait(open_ends, timeout=max(0.0, until - time.monotonic()))
        for process in living:
            kill_group(process.pid or 0)
            process.kill()  # one that was started this moment leads no group yet
            process.join()
        for place in self._places:
            place.process = None
        return [process.pid or 0 for process in living]

    def _say_goodbye(self, watcher: Watcher, pids: list[int]) -> None:
        try:
            watcher.give_back(pids, "its host was stopped")
            self._presence.end()
        except SQLAlchemyError as error:  # the next start finds that the processes are gone
            log.warning("the database does not answer: %s", reason(error))

    # -- watching ------------

    def _look_after(self, kernel: Kernel, watcher: Watcher) -> None:
        """Sleep until a child dies, the database changes or the time has come; then look."""
        processes = {place.process.sentinel: place for place in self._places if place.process is not None}
        try:
            if self._counter is None:
                self._counter = kernel.database.change_counter()
            dead = wait(list(processes), timeout=self._counter.interval)
            changed = self._has_changed(self._counter)
            overdue = self._running > 0 and time.monotonic() - self._looked >= INTERVAL
            self._presence.beat()
            if dead or changed or overdue:
                self._looked = time.monotonic()
                pids = [place.process.pid or 0 for place in self._places if place.process is not None]
                self._running = watcher.tick(pids)
        except SQLAlchemyError as error:
            log.warning("the database does not answer: %s", reason(error))
            self._seen = None  # what changed was not looked at
            time.sleep(INTERVAL)
            dead = wait(list(processes), timeout=0)
        for sentinel in dead:
            self._bury(processes[sentinel])  # type: ignore[index]  # we gave it the sentinels

    def _has_changed(self, counter: ChangeCounter) -> bool:
        before, self._seen = self._seen, counter.read()
        return before != self._seen
