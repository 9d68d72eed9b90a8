"""The scaled-out host: Celery workers on Redis, woken by a message that says only “look”. No other module knows Celery.

The database owns the work: Celery carries doorbells and keeps the children alive; its results, retries and countdowns
are not used. A doorbell that is lost, doubled or late does no harm.
"""

from __future__ import annotations

import base64
import logging
import os
import pickle
import signal
import socket
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Mapping
from functools import cache
from multiprocessing import get_context
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from typing import Any

import redis
from celery import Celery, bootsteps, current_app, shared_task, signals
from celery.exceptions import CPendingDeprecationWarning
from celery.platforms import SecurityWarning
from celery.worker.consumer import Consumer
from celery.worker.state import maybe_shutdown
from kombu.exceptions import OperationalError
from sqlalchemy.exc import SQLAlchemyError

from pansori import telemetry
from pansori.db import reason
from pansori.domain.jobs import Queue
from pansori.domain.units import Seconds
from pansori.jobs._bell import RINGS_AT_ONCE, Bell
from pansori.jobs._claim import claim, earliest_start
from pansori.jobs._kernel import Kernel
from pansori.jobs._presence import Presence
from pansori.jobs._process import Worker, kill_group, kill_group_of_own, own_group, signal_at_parents_death
from pansori.jobs._run import run_claimed
from pansori.jobs._watcher import INTERVAL, Watcher
from pansori.jobs.hosts.supervisor import supervising_parent
from pansori.settings import Settings

log = logging.getLogger(__name__)

KernelFactory = Callable[[], Kernel]

FORK = sys.platform == "linux"  #: macOS's own libraries do not survive it
DOORBELL = "pansori.doorbell"
FACTORY = "pansori_factory"  #: entry of Celery's configuration that says how a child makes its kernel
QUEUE = "pansori_queue"  #: entry that says which queue this worker is for
EXPIRY = Seconds(600.0)  #: a doorbell that nobody heard for so long is dropped
STINT = Seconds(60.0)  #: a child that never finds its queue empty lets Celery have it back after so long
GRACE = Seconds(3.0)  #: how long workers may take to end
RESTART_PAUSE = Seconds(0.5)  #: before a worker that ended is started again
PARENT_INTERVAL = Seconds(0.5)  #: between two looks of a child whether its parent lives
BROKER_PAUSE = Seconds(1.0)  #: before a broker that did not answer is tried again
EX_TEMPFAIL = 75  #: <sysexits.h>
DATABASE_PAUSE = Seconds(1.0)  #: before a database that did not answer is asked again
CONNECT_TIMEOUT = Seconds(2.0)
SOCKET_TIMEOUT = Seconds(5.0)


def make_app(settings: Settings) -> Celery:
    """Celery, set as drills showed that it has to be."""
    app = Celery("pansori", broker=settings.broker_url, set_as_current=False)
    app.conf.update(
        imports=[__name__],  # children that are spawned, as on macOS, know nothing yet
        task_acks_late=True,
        task_reject_on_worker_lost=False,
        task_ignore_result=True,
        task_publish_retry=False,
        worker_prefetch_multiplier=1,
        worker_enable_remote_control=False,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_enable_prefetch_count_reduction=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        worker_proc_alive_timeout=60.0,  # a child connects to the database before it says that it is up
        worker_pool_start_method="fork" if FORK else "spawn",
        worker_consumer=f"{__name__}:PatientConsumer",
        broker_connection_timeout=CONNECT_TIMEOUT,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": 86_400,
            "socket_timeout": SOCKET_TIMEOUT,
            "socket_connect_timeout": CONNECT_TIMEOUT,
            "global_keyprefix": key_prefix(settings),
        },
    )
    return app


def key_prefix(settings: Settings) -> str:
    return f"{settings.key_prefix}:"


class PatientConsumer(Consumer):  # type: ignore[misc]  # Celery has no types
    """Tries a broker that is gone once a second, where Celery's own pauses grow to half a minute."""

    def ensure_connected(self, conn: Any) -> Any:
        def say(error: Exception, interval: float) -> None:
            log.warning("the broker does not answer (%s); trying again in %g s", error, interval)

        pause = {"interval_start": BROKER_PAUSE, "interval_step": 0, "interval_max": BROKER_PAUSE}
        return conn.ensure_connection(say, None, callback=maybe_shutdown, **pause)


# -- ringing ------------


class CeleryBell(Bell):
    """Sends doorbells from a thread of its own, so that a broker that is down slows nobody."""

    def __init__(self, settings: Settings) -> None:
        self._app = make_app(settings)
        self._redis = redis.Redis.from_url(
            settings.broker_url, socket_timeout=SOCKET_TIMEOUT, socket_connect_timeout=CONNECT_TIMEOUT
        )
        self._prefix = key_prefix(settings)
        self._wanted: Counter[str] = Counter()
        self._lock = threading.Lock()
        self._news = threading.Event()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="doorbells", daemon=True)

    def ring(self, queue: str, times: int = 1) -> None:
        """Forgotten where the broker is down: the sweeper rings again."""
        with self._lock:
            self._wanted[queue] = min(self._wanted[queue] + times, RINGS_AT_ONCE)
            if self._thread.ident is None:
                self._thread.start()
        self._news.set()

    def depth(self, queue: str) -> int:
        try:
            return self._waiting(queue)
        except redis.RedisError as error:
            log.debug("nobody knows how many doorbells wait: %s", error)
            return RINGS_AT_ONCE

    def close(self) -> None:
        self._closed.set()
        self._news.set()
        if self._thread.is_alive():
            self._thread.join(BROKER_PAUSE)
        if not self._thread.is_alive():  # else it waits for a broker that does not answer
            self._redis.close()
            self._app.close()

    def _waiting(self, queue: str) -> int:
        return int(self._redis.llen(self._prefix + queue))

    def _work(self) -> None:
        over = False
        while not over:
            self._news.wait()
            self._news.clear()
            over = self._closed.is_set()
            with self._lock:
                wanted, self._wanted = self._wanted, Counter()
            try:
                for queue, times in wanted.items():
                    self._send(queue, min(times, RINGS_AT_ONCE - self._waiting(queue)))
            except (OperationalError, redis.RedisError) as error:
                log.warning("doorbells were not sent: %s", error)
                self._closed.wait(BROKER_PAUSE)

    def _send(self, queue: str, times: int) -> None:
        for _ in range(times):
            self._app.send_task(DOORBELL, (queue,), queue=queue, expires=EXPIRY, ignore_result=True)


# -- answering ------------


@shared_task(name=DOORBELL, ignore_result=True)  # type: ignore[untyped-decorator]
def doorbell(queue: Queue) -> None:
    """Run the ready steps of `queue`, one after the other, until there are none.

    Who finds more work than one can do wakes the next, so that a fan-out reaches as many children as it can use.
    """
    kernel = kernel_of_child()
    worker = Worker.here(kernel.host)
    until = time.monotonic() + STINT
    alone = True
    try:
        while (claimed := claim(kernel, queue, worker)) is not None:
            if alone and is_ready(kernel, queue):
                kernel.bell.ring(queue)
            alone = False
            run_claimed(kernel, claimed)
            if time.monotonic() > until:
                kernel.bell.ring(queue)
                return
    except SQLAlchemyError as error:
        log.error("the database did not answer (%s); this child ends, so that what it held is released", reason(error))
        os._exit(EX_TEMPFAIL)


def is_ready(kernel: Kernel, queue: Queue) -> bool:
    """Whether there is work for others."""
    earliest, now = earliest_start(kernel, queue)
    return earliest is not None and earliest <= now


@cache
def kernel_of_child() -> Kernel:
    """This child's own kernel, made after the fork by the recipe in Celery's configuration."""
    return kernel_factory(current_app)()


def kernel_factory(app: Celery) -> KernelFactory:
    factory: KernelFactory = pickle.loads(base64.b64decode(app.conf[FACTORY]))  # noqa: S301 - written by `work`
    return factory


# -- children, and who looks after them ------------


@signals.worker_process_init.connect  # type: ignore[untyped-decorator]
def begin_child(**_: Any) -> None:
    """In each child, before its first doorbell: a process group of its own, which ends with Celery's main process."""
    own_group()
    signal_at_parents_death(None)  # Celery has it killed alone, and what it started would be left
    parent = os.getppid()

    def end_with_parent() -> None:
        while os.getppid() == parent:
            time.sleep(PARENT_INTERVAL)
        kill_group_of_own()

    threading.Thread(target=end_with_parent, name="parent", daemon=True).start()
    kernel_of_child()


class WatchChildren(bootsteps.StartStopStep):  # type: ignore[misc]  # Celery has no types
    """The watcher, as a thread of Celery's main process, from when the children were started until they may end."""

    requires = ("celery.worker.components:Pool",)

    def __init__(self, parent: Any, **options: Any) -> None:
        super().__init__(parent, **options)
        self._over = threading.Event()

    def start(self, parent: Any) -> None:
        self._kernel = kernel_factory(parent.app)()
        self._watcher = Watcher(self._kernel)
        self._presence = Presence(self._kernel, [parent.app.conf[QUEUE]])
        signals.worker_process_init.connect(self._forget_connections, weak=False)
        self._thread = threading.Thread(target=self._watch, args=(parent.pool,), name="watcher", daemon=True)
        self._thread.start()

    def stop(self, parent: Any) -> None:
        """Celery would wait for its children as long as their steps take; what they had begun others begin anew."""
        self._over.set()
        self._thread.join()
        pids = parent.pool.info["processes"]
        for pid in pids:
            kill_group(pid)
        try:
            self._watcher.give_back(pids, "its host was stopped")
        except SQLAlchemyError as error:
            log.warning("the next host will release what this one held: %s", reason(error))
        self._kernel.close()

    terminate = stop

    def _forget_connections(self, **_: Any) -> None:
        self._kernel.database.after_fork()

    def _watch(self, pool: Any) -> None:
        while not self._over.wait(INTERVAL):
            try:
                self._watcher.tick(pool.info["processes"])
                self._presence.beat()
            except SQLAlchemyError as error:
                log.warning("the database does not answer: %s", reason(error))
                self._over.wait(DATABASE_PAUSE)


# -- hosting ------------


class CeleryHost:
    """Keeps one Celery worker a queue alive. Runs until SIGTERM or SIGINT, or until its supervising parent is gone."""

    def __init__(self, factory: KernelFactory, settings: Settings, children: Mapping[Queue, int]) -> None:
        """`factory` makes a process's kernel and can be pickled; `children` says how many each queue has."""
        self._factory = factory
        self._settings = settings
        self._children = {queue: number for queue, number in children.items() if number > 0}
        self._workers: dict[Queue, BaseProcess] = {}
        self._stopping = threading.Event()
        self._parent = supervising_parent()

    def run(self) -> None:
        """For the main thread of a process that does nothing else."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda _number, _frame: self._stopping.set())
        try:
            while not self._stopping.is_set() and self._parent in (None, os.getppid()):
                self._start_missing()
                wait([worker.sentinel for worker in self._workers.values()], timeout=INTERVAL)
        finally:
            self._end()

    def _start_missing(self) -> None:
        for queue, children in self._children.items():
            worker = self._workers.get(queue)
            if worker is not None and worker.is_alive():
                continue
            if worker is not None:
                log.warning("the worker of queue %s ended with %s; starting it again", queue, worker.exitcode)
                self._stopping.wait(RESTART_PAUSE)
            arguments = (self._factory, self._settings, queue, children, logging.getLogger().getEffectiveLevel())
            # one thread and no connection are here, so forking is safe, and saves a second of imports
            make: Callable[..., BaseProcess] = get_context("fork").Process if FORK else get_context("spawn").Process
            self._workers[queue] = make(target=work, args=arguments)
            self._workers[queue].start()

    def _end(self) -> None:
        for worker in self._workers.values():
            worker.terminate()
        until = time.monotonic() + GRACE
        for worker in self._workers.values():
            worker.join(max(0.0, until - time.monotonic()))
            worker.kill()
            worker.join()


def work(factory: KernelFactory, settings: Settings, queue: Queue, children: int, loglevel: int) -> None:
    """Be the Celery worker of one queue, in a process of its own, until told to end."""
    signal_at_parents_death(signal.SIGKILL)
    telemetry.log_to_stderr(settings.log_format, logging.getLevelName(loglevel))
    sys.__stderr__ = None  # type: ignore[misc]  # where Celery writes of its end, past the log
    warnings.simplefilter("ignore", SecurityWarning)  # of running as root, which containers do
    warnings.simplefilter("ignore", CPendingDeprecationWarning)  # of settings that were made as it advises
    app = make_app(settings)
    app.conf[FACTORY] = base64.b64encode(pickle.dumps(factory)).decode()
    app.conf[QUEUE] = queue
    app.steps["worker"].add(WatchChildren)
    worker = app.Worker(
        queues=[queue],
        concurrency=children,
        pool="prefork",
        hostname=f"{queue}-{os.getpid()}@{socket.gethostname()}",
        loglevel=loglevel,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    worker.start()
    sys.exit(worker.exitcode)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def quiet_logging(**_: Any) -> None:
    """Instead of Celery's own: its loggers speak of what is wrong only, and a lost child is the watcher's to report."""
    for name in ("celery", "kombu"):
        logging.getLogger(name).setLevel(logging.WARNING)
    for name in ("celery.worker.request", "multiprocessing"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
