"""Decoders that are lent: few are made, for each takes memory, and all of them together one processor."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pansori.domain.units import Seconds

if TYPE_CHECKING:
    from pansori.engines.transcribe.pocketsphinx.decoding import Search

MOST: Final = 8  #: that are made; who speaks beside them is understood when one of them has been
PATIENCE: Final = Seconds(1.0)  #: without any given back, after which the first in line has another one made


class Pool:
    """Any thread may call. One is made at once, the others when they are wanted."""

    def __init__(self, make: Callable[[], Search], most: int = MOST, patience: Seconds = PATIENCE) -> None:
        self._make = make
        self._most = most
        self._patience = patience
        self._free = deque([make()])
        self._made = 1
        self._lock = threading.RLock()  # who drops an utterance may do so anywhere, also in here
        self._line: deque[threading.Condition] = deque()
        self._moved = 0.0  #: when one was lent or given back last, on the monotonic clock

    def take(self, *, wait: bool) -> Search | None:
        """A search for one alone, until `give`. `wait`: those who do are served in the order in which they came, and
        before all others. None: there is none now."""
        with self._lock:
            if wait:
                self._wait()
            elif self._line or not self._is_any:
                return None
            self._moved = time.monotonic()
            if self._free:
                return self._free.pop()
            self._made += 1
        try:
            return self._make()
        except BaseException:
            with self._lock:
                self._made -= 1
                self._call()
            raise

    def give(self, search: Search) -> None:
        search.drop()
        with self._lock:
            if self._made > self._most:
                self._made -= 1
            else:
                self._free.append(search)
            self._moved = time.monotonic()
            self._call()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._line)

    @property
    def _is_any(self) -> bool:
        return bool(self._free) or self._made < self._most

    def _wait(self) -> None:
        """Until one is free, or whoever has them seems to keep them."""
        place = threading.Condition(self._lock)
        self._line.append(place)
        try:
            while not (self._line[0] is place and (self._is_any or time.monotonic() - self._moved >= self._patience)):
                place.wait(self._patience)
        finally:
            self._line.remove(place)
            self._call()

    def _call(self) -> None:
        """Let the first in line look."""
        if self._line:
            self._line[0].notify()
