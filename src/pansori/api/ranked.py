"""Threads for short calls of which many may wait."""

from __future__ import annotations

from asyncio import Event
from collections.abc import Callable
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count
from typing import ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

T = TypeVar("T")
P = ParamSpec("P")


class Ranked:
    """Those of the lowest rank come first, and of one rank those that came first. Only for the event loop's thread."""

    def __init__(self, at_once: int) -> None:
        self._threads = CapacityLimiter(at_once)
        self._free = at_once
        self._line: list[tuple[float, int, Event]] = []
        self._numbers = count()

    async def work(self, rank: float, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        await self._enter(rank)
        try:
            return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._threads)
        finally:
            self._leave()

    async def _enter(self, rank: float) -> None:
        if self._free:
            self._free -= 1
            return
        called = Event()
        place = rank, next(self._numbers), called
        heappush(self._line, place)
        try:
            await called.wait()
        except BaseException:
            if called.is_set():
                self._leave()
            else:
                self._line.remove(place)
                heapify(self._line)
            raise

    def _leave(self) -> None:
        """Its thread is the next one's."""
        if self._line:
            heappop(self._line)[2].set()
        else:
            self._free += 1
