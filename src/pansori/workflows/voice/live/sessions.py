"""The conversations of this process, of which there are only so many. One whose connection breaks waits for a while."""

from __future__ import annotations

import threading
import time
from typing import Final, NamedTuple
from uuid import UUID
from weakref import WeakSet

from pansori.domain.errors import Busy, NotFound, Text
from pansori.domain.units import Seconds
from pansori.workflows.services import Services
from pansori.workflows.voice.live.outbox import FIRST
from pansori.workflows.voice.live.session import Live
from pansori.workflows.voice.live.vocabulary import Start

KEPT: Final = Seconds(60.0)  #: for one whose connection broke
GONE: Final = Text("That conversation is over: begin a new one.", "끝난 대화예요. 새로 시작해 주세요.")
FULL: Final = Text("Everybody who can be talked to is talking now.", "지금은 대화할 수 있는 자리가 없어요.")
HELD: Final = Text(
    "You hold as many conversations as one account may: end another one first.",
    "한 계정에서 할 수 있는 대화를 모두 하고 있어요. 다른 대화를 먼저 끝내 주세요.",
)
ENDING: Final = Text("This server is about to end.", "서버가 곧 꺼져요.")


class Seat(NamedTuple):
    """A conversation, and the number of the connection that holds it, until another one does."""

    live: Live
    reader: int


class Sessions:
    """Any thread may call."""

    def __init__(self, services: Services, places: int) -> None:
        self._services = services
        self._places = places
        self._lock = threading.Lock()
        self._live: dict[str, Live] = {}
        self._leaving: dict[str, threading.Timer] = {}
        self._ending: WeakSet[Live] = WeakSet()  #: their last turns may still be being kept
        self._opening: list[UUID] = []  #: whose are about to begin
        self._closed = False

    def open(self, owner: UUID, start: Start) -> Seat:
        """A new conversation, or the one that broke off. Raises `Busy` where all places are taken, `NotFound` for one
        that is over, and what `Live` raises."""
        if start.resume:
            return self._resume(owner, start)
        with self._lock:
            if self._closed:
                raise Busy(ENDING, retry_after=5.0)
            self._find_place(owner)
            self._opening.append(owner)
        try:
            live = Live(self._services, owner, start)
            with self._lock:
                if self._closed:
                    raise Busy(ENDING, retry_after=5.0)
                self._live[live.token] = live
        finally:
            with self._lock:
                self._opening.remove(owner)
        live.greet()
        return Seat(live, FIRST)

    def _find_place(self, owner: UUID) -> None:
        taken = [*(live.owner for live in self._live.values()), *self._opening]
        if len(taken) >= self._places:
            raise Busy(FULL, retry_after=10.0)
        if self._services.settings.mode == "accounts" and taken.count(owner) >= max(1, self._places // 2):
            raise Busy(HELD, retry_after=10.0)

    @property
    def count(self) -> int:
        """How many there are, those that wait for a connection among them."""
        return len(self._live)

    def _resume(self, owner: UUID, start: Start) -> Seat:
        with self._lock:
            live = self._live.get(start.resume)
            if live is None or live.owner != owner or live.closed:
                raise NotFound(GONE, field="resume")
            # a connection that still seems to live is replaced: who asks knows better that it broke
            reader = live.outbox.rewind(start.after)
            if reader is None:
                raise NotFound(GONE, field="resume")
            timer = self._leaving.pop(live.token, None)
        if timer is not None:
            timer.cancel()
        live.greet(resumed=True)
        return Seat(live, reader)

    def leave(self, live: Live, reader: int) -> None:
        """The connection with that number broke: the conversation waits for another one."""
        if live.closed:  # its good-bye did not arrive, and nobody can come back to it
            self.end(live, reader)
            return
        with self._lock:
            if live.token not in self._live or self._closed or live.outbox.reader != reader:
                return
            timer = threading.Timer(KEPT, self.end, (live, reader))
            timer.daemon = True
            self._leaving[live.token] = timer
            timer.start()

    def end(self, live: Live, reader: int, reason: str = "stopped") -> None:
        """It is over, where that connection is still the one that it has."""
        with self._lock:
            if live.outbox.reader != reader:
                return
            self._live.pop(live.token, None)
            timer = self._leaving.pop(live.token, None)
        if timer is not None:
            timer.cancel()
        self._close(live, reason)

    def close(self) -> None:
        """The process ends: so do they all, and what was said is kept. Returns at once: see `wait`."""
        with self._lock:
            self._closed = True
            ending = list(self._live.values())
            self._live.clear()
            leaving = list(self._leaving.values())
            self._leaving.clear()
        for timer in leaving:
            timer.cancel()
        for live in ending:
            self._close(live, "closing")

    def wait(self, timeout: Seconds) -> None:
        """Until the turns of those that have ended are kept."""
        end = time.monotonic() + timeout
        with self._lock:
            ending = tuple(self._ending)
        for live in ending:
            live.wait(Seconds(max(0.0, end - time.monotonic())))

    def _close(self, live: Live, reason: str) -> None:
        with self._lock:
            self._ending.add(live)
        live.close(reason)
