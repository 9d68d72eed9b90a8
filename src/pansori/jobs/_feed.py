"""The change feed: lets threads and coroutines sleep until something was committed, without asking the database each.

Its value only grows. A value says nothing but “look again”; whoever sleeps passes the value it saw before it looked.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from abc import ABC, abstractmethod

from sqlalchemy.exc import DBAPIError

from pansori.db import ChangeCounter, Database
from pansori.domain.units import Seconds

log = logging.getLogger(__name__)

IDLE = Seconds(10.0)  #: the poller rests when nobody has waited for so long


class ChangeFeed(ABC):
    """One a process. Nothing is started before somebody waits, so a process may fork until then."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._value = 0
        self._sleeping: dict[asyncio.AbstractEventLoop, asyncio.Future[None]] = {}
        self._closed = threading.Event()

    @property
    def value(self) -> int:
        return self._value

    def wait(self, after: int, timeout: float) -> int:
        """The value as soon as it is greater than `after`, or what it is after `timeout` seconds."""
        self._listen()
        with self._condition:
            self._condition.wait_for(lambda: self._value > after or self._closed.is_set(), timeout)
            return self._value

    async def changed(self, after: int, timeout: float) -> int:
        """`wait` for asyncio. A thousand sleepers of one loop share one wake-up."""
        self._listen()
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

    def _advance(self) -> None:
        with self._condition:
            self._value += 1
            sleeping, self._sleeping = self._sleeping, {}
            self._condition.notify_all()
        for loop, woken in sleeping.items():
            if not loop.is_closed():
                loop.call_soon_threadsafe(_wake, woken)


def _wake(woken: asyncio.Future[None]) -> None:
    if not woken.done():
        woken.set_result(None)


class PollingFeed(ChangeFeed):
    """One thread reads the database's change counter; it rests while nobody waits."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database
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
                    self._thread = threading.Thread(target=self._poll, name="feed", daemon=True)
                    self._thread.start()

    def _poll(self) -> None:
        counter = self._database.change_counter()
        try:
            seen: int | None = None
            while not self._closed.is_set():
                seen = self._look(counter, seen)
        finally:
            counter.close()

    def _look(self, counter: ChangeCounter, seen: int | None) -> int | None:
        self._wanted.wait(IDLE)
        self._wanted.clear()
        quiet = Seconds(0.0)
        while quiet < IDLE and not self._closed.is_set():
            try:
                now = counter.read()
            except DBAPIError as error:  # the database is away: whoever wakes up will see for himself
                log.warning("changes cannot be seen: %s", error)
                now = None
            if now != seen or now is None:
                self._advance()
                seen = now
            self._closed.wait(counter.interval if now is not None else 1.0)
            quiet = Seconds(0.0) if self._wanted.is_set() else Seconds(quiet + counter.interval)
            self._wanted.clear()
        return seen
