"""Places for work that somebody waits for: few are worked on at once, some more may wait, and nobody beyond."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import ParamSpec, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter

from pansori.domain.errors import Busy, Text

T = TypeVar("T")
P = ParamSpec("P")
RETRY_AFTER = 5.0  #: seconds


class Places:
    """Only for the event loop's thread."""

    def __init__(self, at_once: int, most: int, full: Text) -> None:
        """`at_once`: threads that work. `most`: who may have a place, working or not. `full`: what the others hear."""
        self._most = most
        self._full = full
        self._taken = 0
        self._working = CapacityLimiter(at_once)

    @property
    def taken(self) -> int:
        return self._taken

    @contextmanager
    def place(self) -> Iterator[None]:
        """Raises `Busy` where there is none left."""
        if self._taken >= self._most:
            raise Busy(self._full, retry_after=RETRY_AFTER)
        self._taken += 1
        try:
            yield
        finally:
            self._taken -= 1

    async def work(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """For one who has a place: a call on one of the threads, as soon as one is free."""
        return await anyio.to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._working)
