"""Who carries out steps: children of this machine's own, or Celery's workers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from pansori.domain.jobs import Queue
from pansori.jobs._kernel import Kernel
from pansori.jobs.hosts.local import LocalHost
from pansori.settings import Settings


class Host(Protocol):
    """A process that hosts children."""

    def run(self) -> None:
        """Until SIGTERM, SIGINT or the end of the supervising parent; for the main thread of a process of its own."""


def make_host(factory: Callable[[], Kernel], settings: Settings, children: Mapping[Queue, int]) -> Host:
    """The host that `settings` ask for, with so many children a queue. `factory` makes a process's kernel; it has to
    be picklable."""
    if not settings.broker_url:
        return LocalHost(factory, children)
    from pansori.jobs.hosts.celery import CeleryHost  # the only module that knows Celery, loaded only where it is used

    return CeleryHost(factory, settings, children)
