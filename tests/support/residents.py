"""Models of tests, which take of a machine's memory what they say, and machines that have so much."""

from __future__ import annotations

import threading
import weakref

from pansori.domain.units import Bytes, Seconds
from pansori.engines.memory import Memory
from pansori.engines.residency import Residency

NOTHING, MEGABYTE = Bytes(0), Bytes(2**20)
AT_ONCE, LONG, SOON = Seconds(0.0), Seconds(3600.0), Seconds(0.05)


class Model:
    """What is loaded; it takes `size` of a machine's memory for as long as it is there."""

    def __init__(self, machine: Machine, size: int) -> None:
        self.size = size
        machine.take(size)
        weakref.finalize(self, machine.take, -size)


class Machine:
    """So much memory, and what models take of it."""

    def __init__(self, whole: int) -> None:
        self.whole, self.taken = whole, 0
        self._lock = threading.RLock()  # a model may go while another comes

    def take(self, size: int) -> None:
        with self._lock:
            self.taken += size

    def measure(self) -> Memory:
        return Memory(Bytes(self.whole - self.taken), Bytes(self.whole))


def plenty() -> Memory:
    return Memory(Bytes(2**40), Bytes(2**40))


def keys(models: Residency) -> list[str]:
    return [resident.key for resident in models.loaded()]
