"""The sizes of the kernel, for one suite of laws over all of them.

`memory` has threads for workers, `embedded` children of a local host, `scaled` children of Celery.
"""

from __future__ import annotations

import functools
import signal
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from pansori import jobs
from pansori.accounts import local_account
from pansori.db import Database
from pansori.db.tables import Asset, Step
from pansori.domain.jobs import EventView, JobView, StepState
from pansori.jobs import Kernel, Sweeper, Twin
from pansori.media import Assets, LocalStore
from pansori.settings import Settings
from support.host import HOST
from support.tables import furnish
from support.waiting import PATIENCE, eventually
from support.workflows import Plan, Planned

SizeName = Literal["memory", "embedded", "scaled"]


@dataclass(frozen=True)
class Attempt:
    """A running step as the tables show it."""

    number: int
    pid: int


class Size(ABC):
    """One installation of its own, with no workers until they are asked for."""

    name: SizeName
    processes: bool
    """Whether steps run in processes that may be killed."""

    def __init__(self, factory: Callable[[], Kernel]) -> None:
        self.factory = factory
        self.kernel = factory()
        furnish(self.kernel.database)
        with self.kernel.database.write() as session:
            self.owner = local_account(session)
        self.workflow = self.kernel.workflow(Planned.kind)

    @abstractmethod
    def workers(self, number: int = 2) -> AbstractContextManager[None]:
        """Workers for the queue `cpu`, and one for `gpu`, while the block runs."""

    def submit(self, plan: Plan, **options: Any) -> JobView:
        with self.kernel.database.write() as session:
            view = jobs.submit(session, self.workflow, plan, owner=self.owner, **options)
        self.kernel.wake()
        return view

    def view(self, job_id: UUID) -> JobView:
        with self.kernel.database.read() as session:
            return jobs.get(session, job_id)

    def cancel(self, job_id: UUID) -> JobView:
        with self.kernel.database.write() as session:
            view = jobs.cancel(session, job_id)
        self.kernel.wake(())
        return view

    def retry(self, job_id: UUID) -> JobView:
        with self.kernel.database.write() as session:
            view = jobs.retry(session, job_id)
        self.kernel.wake()
        return view

    def events(self, job_id: UUID) -> list[EventView]:
        with self.kernel.database.read() as session:
            return jobs.events(session, job_id)

    def finished(self, job_id: UUID, timeout: float = PATIENCE) -> JobView:
        """The job as soon as it is finished."""

        def look() -> JobView | None:
            view = self.view(job_id)
            return view if view.state.finished else None

        view = eventually(look, timeout=timeout)
        assert view is not None
        return view

    def running(self, job_id: UUID, step: str) -> Attempt:
        """The step's attempt as soon as a worker has it."""
        wanted = select(Step.attempt, Step.pid).where(Step.job_id == job_id, Step.name == step)

        def look() -> Attempt | None:
            with self.kernel.database.read() as session:
                row = session.execute(wanted.where(Step.state == StepState.RUNNING)).one_or_none()
            return None if row is None else Attempt(row.attempt, row.pid)

        found = eventually(look)
        assert found is not None
        return found

    def close(self) -> None:
        self.kernel.close()


def settings_for(folder: Path, **options: Any) -> Settings:
    return Settings.model_validate({"data_dir": folder, **options})


# -- workers of the test's own process ------------


def drain(size: Size, queue: str = "cpu") -> int:
    """Take steps until none is ready. Returns how many there were."""
    taken = 0
    while jobs.claim_and_run(size.kernel, queue):
        taken += 1
    return taken


def drained(size: Size, job_id: UUID) -> JobView:
    """The job as soon as it is finished, by taking its steps when they become ready."""

    def look() -> JobView | None:
        drain(size)
        view = size.view(job_id)
        return view if view.state.finished else None

    view = eventually(look)
    assert view is not None
    return view


@contextmanager
def in_background(size: Size) -> Iterator[threading.Thread]:
    """One step taken by a thread, which must end within the block."""
    thread = threading.Thread(target=jobs.claim_and_run, args=(size.kernel, "cpu"))
    thread.start()
    yield thread
    thread.join(60)
    assert not thread.is_alive()


# -- what the tables show ------------


def event_types(size: Size, job: JobView) -> list[str]:
    return [event.type for event in size.events(job.id)]


def step_states(view: JobView) -> dict[str, StepState]:
    return {step.name: step.state for step in view.steps}


def asset_names(size: Size) -> list[str]:
    with size.kernel.database.read() as session:
        return list(session.scalars(select(Asset.name)))


# -- in memory ------------


def memory_kernel(settings: Settings) -> Kernel:
    database = Database("sqlite:///:memory:")
    return Kernel(database, Assets(database, LocalStore(settings.data_dir / "assets")), planned(), settings)


class Memory(Size):
    name = "memory"
    processes = False

    @contextmanager
    def workers(self, number: int = 2) -> Iterator[None]:
        with Twin(self.kernel, number):
            try:
                yield
            except BaseException:
                self._cancel_everything()  # a thread cannot be killed: it would be waited for in vain
                raise

    def _cancel_everything(self) -> None:
        with self.kernel.database.write() as session:
            for job_id in jobs.running(session):
                jobs.cancel(session, job_id)


# -- embedded ------------


def embedded_kernel(settings: Settings, host: str | None = None) -> Kernel:
    database = Database(settings.database)
    assets = Assets(database, LocalStore(settings.data_dir / "assets"))
    return Kernel(database, assets, planned(), settings, host=host)


class Embedded(Size):
    name: SizeName = "embedded"
    processes = True

    @contextmanager
    def workers(self, number: int = 2) -> Iterator[None]:
        process = self.start_host(number)
        try:
            yield
        finally:
            process.terminate()
            assert process.wait(60) in (0, -signal.SIGTERM)  # the latter while it is still starting

    def start_host(self, number: int = 2, host: str | None = None) -> subprocess.Popen[bytes]:
        """A local host as a process of its own; `host` lets it play another machine."""
        return start_host(self.kernel.settings, number, host)


def start_host(settings: Settings, number: int, host: str | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(HOST), settings.model_dump_json(), str(number), host or ""]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL)


def planned() -> dict[str, jobs.Workflow]:
    return {Planned.kind: Planned()}


# -- scaled out ------------


class Scaled(Embedded):
    """PostgreSQL, and children of Celery. Retries that fall due are rung for by the sweeper, as in every server."""

    name = "scaled"

    @contextmanager
    def workers(self, number: int = 2) -> Iterator[None]:
        sweeper = Sweeper(self.kernel)
        sweeper.start()
        try:
            with super().workers(number):
                yield
        finally:
            sweeper.stop()


# -- choosing ------------

MAKERS: dict[str, tuple[type[Size], Callable[[Settings], Kernel]]] = {
    "memory": (Memory, memory_kernel),
    "embedded": (Embedded, embedded_kernel),
    "scaled": (Scaled, embedded_kernel),
}


def make_size(name: str, folder: Path, **options: Any) -> Size:
    """A fresh installation; `options` are settings."""
    kind, kernel = MAKERS[name]
    return kind(functools.partial(kernel, settings_for(folder, **options)))
