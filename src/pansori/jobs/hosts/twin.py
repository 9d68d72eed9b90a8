"""The host in memory: workers are threads of this process. For tests, and for programs that use Pansori as a library.

A thread cannot be killed: a cancelled step ends when it asks `check_cancelled`.
"""

from __future__ import annotations

import threading
from types import TracebackType

from pansori.domain.jobs import QUEUES
from pansori.jobs._kernel import Kernel
from pansori.jobs._sweeper import Sweeper
from pansori.jobs.hosts._child import take_steps
from pansori.jobs.hosts.inline import Leases


class Twin:
    """While it is entered, `workers` threads a queue take steps, and a sweeper looks after them."""

    def __init__(self, kernel: Kernel, workers: int = 1) -> None:
        self._leases = Leases(kernel)
        self._over = threading.Event()
        self._sweeper = Sweeper(kernel)
        self._threads = [
            threading.Thread(target=take_steps, args=(kernel, queue, self._over.is_set), name=queue)
            for queue in QUEUES
            for _ in range(workers)
        ]

    def __enter__(self) -> Twin:
        self._leases.start()
        self._sweeper.start()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._sweeper.stop()
        self._leases.stop()
