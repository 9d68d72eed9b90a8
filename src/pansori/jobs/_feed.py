"""The change feed: lets threads and coroutines sleep until something was committed, without asking the database each.

Its value only grows. A value says nothing but “look again”; whoever sleeps passes the value it saw before it looked.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError

from pansori.db import ChangeCounter, Database, reason
from pansori.domain.units import Seconds

log = logging.getLogger(__name__)

IDLE = Seconds(10.0)  #: the poller rests when nobody has waited for so long
AWAY = Seconds(1.0)  #: between two tries to read a database that is away


class ChangeFeed(ABC):
    """One a process. Nothing is started before somebody waits, so a process may fork until then."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value = 0
        self._sleepers = 0
        self._sleeping: dict[asyncio.AbstractEventLoop, asyncio.Future[None]] = {}
        self._closed = threading.Event()

    @property
    def value(self) -> int:
        return self._value

    def wait(self, after: int, timeout: float) -> int:
        """The value as soon as it is greater than `after`, or what it is after `timeout` seconds."""
        with self._asleep(), self._condition:
            self._condition.wait_for(lambda: self._value > after or self._closed.is_set(), timeout)
            return self._value

    async def changed(self, after: int, timeout: float) -> int:
        """`wait` for asyncio. A thousand sleepers of one loop share one wake-up."""
        with self._asleep():
            with self._condition:
                if self._value > after or self._closed.is_set():
                    return self._value
                loop = asyncio.get_running_loop()
                woken = self._sleeping.get(loop)
                if woken is None:
                    woken = self._sleeping[loop] = loop.create_future()
            await asyncio.wait((woken,), timeout=timeout)
            return self._value

    @abstractmethod
    def announce(self) -> None:
        """Say that something was committed. MUST NOT block or raise."""

    @abstractmethod
    def _listen(self) -> None:
        """See to it that changes are noticed from now on. Called before every sleep: cheap."""

    def close(self) -> None:
        """Wake every sleeper for the last time."""
        self._closed.set()
        self._advance()

    @contextmanager
    def _asleep(self) -> Iterator[None]:
        """While somebody waits, changes are listened for."""
        with self._condition:
            self._sleepers += 1
        try:
            self._listen()
            yield
        finally:
            with self._condition:
                self._sleepers -= 1

    def _advance(self) -> None:
        with self._condition:
            self._value += 1
            sleeping, self._sleeping = self._sleeping, {}
            self._condition.notify_all()
        for loop, woken in sleeping.items():
            with suppress(RuntimeError):  # its loop was closed meanwhile
                loop.call_soon_threadsafe(_wake, woken)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


class PollingFeed(ChangeFeed):
    """One thread reads the database's change counter; it rests while nobody waits."""

    def __init__(self, database: Database, idle: Seconds = IDLE) -> None:
        super().__init__()
        self._database = database
        self._idle = idle
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def announce(self) -> None:
        """The counter itself tells everybody."""

    def close(self) -> None:
        super().close()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()

    def _listen(self) -> None:
        self._wanted.set()
        if self._thread is None:
            with self._condition:
                if self._thread is None and not self._closed.is_set():
                    thread = threading.Thread(target=self._poll, name="feed", daemon=True)
                    thread.start()
                    self._thread = thread

    def _poll(self) -> None:
        counter = self._database.change_counter()
        seen: int | None = None
        try:
            while not self._closed.is_set():
                self._wanted.wait()
                self._wanted.clear()
                seen = self._follow(counter, seen)
        finally:
            counter.close()

    def _follow(self, counter: ChangeCounter, seen: int | None) -> int | None:
        """Tell of changes until nobody has waited for a while. Returns the number seen last."""
        needed = time.monotonic()
        while not self._closed.is_set() and time.monotonic() - needed < self._idle:
            now = self._read(counter)
            if now is None or now != seen:
                self._advance()
            seen = now
            self._closed.wait(counter.interval if now is not None else AWAY)
            if self._sleepers:
                needed = time.monotonic()
        return seen

    def _read(self, counter: ChangeCounter) -> int | None:
        """None: the database is away. Whoever wakes up will see for himself."""
        try:
            return counter.read()
        except SQLAlchemyError as error:
            log.warning("changes cannot be seen: %s", reason(error))
            return None
