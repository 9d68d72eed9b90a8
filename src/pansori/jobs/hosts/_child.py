"""A child of the local host: takes step after step of one queue."""

from __future__ import annotations

import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable

from pansori import telemetry
from pansori.domain.units import Seconds
from pansori.jobs._claim import earliest_start
from pansori.jobs._kernel import Kernel
from pansori.jobs._process import Worker, kill_group_of_own, own_group, signal_at_parents_death
from pansori.jobs._run import claim_and_run

log = logging.getLogger(__name__)

SAFETY = Seconds(2.0)  #: a child looks so often though nothing seems to have changed


def run_child(factory: Callable[[], Kernel], queue: str, host_pid: int) -> None:
    """The main function of a child process. `factory` makes its kernel: nothing is inherited from the host."""
    own_group()
    stopping = threading.Event()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the host
    signal.signal(signal.SIGTERM, lambda _number, _frame: stopping.set())
    _end_with_host(host_pid, stopping)
    kernel = factory()
    try:
        take_steps(kernel, queue, stopping.is_set)
    finally:
        telemetry.flush()
        kernel.close()


def take_steps(kernel: Kernel, queue: str, is_over: Callable[[], bool]) -> None:
    """Run the ready steps of `queue` one by one, sleeping while there are none, until `is_over`."""
    worker = Worker.here(kernel.host)
    counter = kernel.database.change_counter()
    try:
        while not is_over():
            seen = counter.read()
            if claim_and_run(kernel, queue, worker=worker):
                continue
            until = time.monotonic() + _patience(kernel, queue)
            while not is_over() and time.monotonic() < until and counter.read() == seen:
                time.sleep(max(0.0, min(counter.interval, until - time.monotonic())))
    finally:
        counter.close()


def _patience(kernel: Kernel, queue: str) -> Seconds:
    """How long one may sleep if nothing changes: until the next retry is due, at most."""
    earliest, now = earliest_start(kernel, queue)
    return SAFETY if earliest is None else Seconds(min(SAFETY, max(0.01, (earliest - now).total_seconds())))


def _end_with_host(host_pid: int, stopping: threading.Event) -> None:
    """See to it that this process, and all that it started, ends when its host does, however that happens.

    The thread ends the group whatever the main thread computes; the signal is for a main thread that waits.
    """
    signal_at_parents_death(signal.SIGTERM)
    parent = multiprocessing.parent_process()
    assert parent is not None

    def wait_for_the_end() -> None:
        parent.join()
        log.warning("the host is gone; ending")
        kill_group_of_own()

    threading.Thread(target=wait_for_the_end, name="host", daemon=True).start()
    if os.getppid() != host_pid:  # it went before we could watch it
        stopping.set()
