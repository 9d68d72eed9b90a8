"""Places for work that somebody waits for: few are worked on at once, some more may wait, and nobody beyond.

No account keeps the others out. It gets a place as long as it has fewer than are left, so that alone it may have half
of them. It is so with threads, for what hangs holds one until its time is over; and one that comes free works for
whoever has the fewest at work.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import ParamSpec, TypeVar
from uuid import UUID

import anyio.to_thread
from anyio import CapacityLimiter, Event

from pansori.domain.errors import Busy, Cancelled, Text

T = TypeVar("T")
P = ParamSpec("P")
RETRY_AFTER = 5.0  #: seconds
LEFT = Text("Nobody waits for it.", "기다리는 사람이 없어요.")


class Places:
    """Only for the event loop's thread."""

    def __init__(self, at_once: int, most: int, full: Text) -> None:
        """`at_once`: threads that work, half of them for one account alone. `most`: places, working or not. `full`:
        what those hear who get none."""
        self._most = most
        self._full = full
        self._free = at_once
        self._threads = CapacityLimiter(at_once)
        self._held: Counter[UUID] = Counter()
        self._working: Counter[UUID] = Counter()
        self._line: list[_Turn] = []

    @property
    def taken(self) -> int:
        return self._held.total()

    @contextmanager
    def place(self, owner: UUID) -> Iterator[Place]:
        """Raises `Busy` for an account that has as many as are left."""
        if self._held[owner] >= self._most - self.taken:
            raise Busy(self._full, retry_after=RETRY_AFTER)
        self._held[owner] += 1
        try:
            yield Place(self, owner)
        finally:
            self._held -= Counter([owner])  # which forgets those that have none

    async def work(self, turn: _Turn, call: Callable[[], T]) -> T:
        """Raises `Cancelled` for a turn that was given up while it waited."""
        await self._wait(turn)
        try:
            return await anyio.to_thread.run_sync(call, limiter=self._threads)
        finally:
            self._end(turn)

    async def _wait(self, turn: _Turn) -> None:
        self._line.append(turn)
        self._call()
        try:
            await turn.called.wait()
        except BaseException:
            if turn.has_begun:
                self._end(turn)
            else:
                self.give_up(turn)
            raise
        if not turn.has_begun:
            raise Cancelled(LEFT)

    def give_up(self, turn: _Turn) -> None:
        """Leave the line, if that is where it is."""
        if turn in self._line:
            self._line.remove(turn)
            turn.called.set()

    def _call(self) -> None:
        """Let those begin for whom there are threads: of those that have equally few at work, the first in line."""
        while waiting := [one for one in self._line if self._working[one.owner] < self._free]:
            following = min(waiting, key=lambda one: self._working[one.owner])
            self._line.remove(following)
            self._free -= 1
            self._working[following.owner] += 1
            following.has_begun = True
            following.called.set()

    def _end(self, turn: _Turn) -> None:
        self._working -= Counter([turn.owner])
        self._free += 1
        self._call()


@dataclass
class Place:
    """One account's, for one call after another."""

    _places: Places
    _owner: UUID
    _turn: _Turn | None = None
    _left: bool = False

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """A call on one of the threads, when it is this account's turn. Raises `Cancelled` for who leaves before."""
        if self._left:
            raise Cancelled(LEFT)
        self._turn = _Turn(self._owner)
        return await self._places.work(self._turn, partial(function, *args, **kwargs))

    def leave(self) -> None:
        """Wait no longer for a turn."""
        self._left = True
        if self._turn is not None:
            self._places.give_up(self._turn)


@dataclass(eq=False)
class _Turn:
    """A call that waits or works."""

    owner: UUID
    called: Event = field(default_factory=Event)
    has_begun: bool = False
