"""Doorbells: a wake-up for workers on a queue that says only “look”. Lost, doubled or late, it does no harm."""

from __future__ import annotations

from abc import ABC, abstractmethod

RINGS_AT_ONCE = 20  #: more doorbells than that wake nobody else: each is answered until its queue is empty


class Bell(ABC):
    """Wakes workers of other processes and machines."""

    @abstractmethod
    def ring(self, queue: str, times: int = 1) -> None:
        """Wake up to `times` workers of `queue`. MUST NOT block or raise, whatever the broker does."""

    @abstractmethod
    def depth(self, queue: str) -> int:
        """How many rings wait unheard. MUST NOT raise; where nobody knows, `RINGS_AT_ONCE`, so that none is added."""

    @abstractmethod
    def close(self) -> None: ...


class NoBell(Bell):
    """Where workers see changes of the database themselves."""

    def ring(self, queue: str, times: int = 1) -> None:
        """Nobody needs it."""

    def depth(self, queue: str) -> int:
        return RINGS_AT_ONCE

    def close(self) -> None:
        """Nothing is held."""
