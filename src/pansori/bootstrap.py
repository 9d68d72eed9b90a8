"""The composition root: settings become services, servers and workers here, and nowhere else."""

from __future__ import annotations

import sys
from collections.abc import Callable, Collection
from functools import partial

from pansori import db
from pansori.db import Database
from pansori.domain.errors import ConfigurationError, StorageError, Text
from pansori.domain.jobs import QUEUES, Queue
from pansori.engines.registry import Registry
from pansori.jobs import Kernel, Supervisor, Workflow, make_host
from pansori.media import Assets, LocalStore
from pansori.settings import Settings
from pansori.workflows import Services, SongWorkflow

ASSETS = "assets"  #: folder of the stored files under the data folder


def assemble(settings: Settings) -> Services:
    """Everything put together; no database and no network is touched. Raises `ConfigurationError`."""
    database = Database(settings.database)
    store = _store(settings)
    assets = Assets(database, store)
    registry = Registry(settings)
    kinds = workflows(registry, settings)
    kernel = Kernel(database, assets, kinds, settings)
    return Services(settings, registry, database, store, assets, kinds, kernel)


def _store(settings: Settings) -> LocalStore:
    folder = settings.data_dir.absolute()
    try:
        return LocalStore(folder / ASSETS)
    except StorageError as error:
        raise ConfigurationError(
            Text(f"{folder}: {error.message.en}", f"{folder}: {error.message.ko}"),
            field="PANSORI_DATA_DIR",
            cure=Text(
                "Let PANSORI_DATA_DIR name a folder that can be written.",
                "PANSORI_DATA_DIR에 쓸 수 있는 폴더를 적으세요.",
            ),
        ) from error


def workflows(registry: Registry, settings: Settings) -> dict[str, Workflow]:
    """What each kind of job does, by kind."""
    found = (SongWorkflow(registry, settings),)
    return {workflow.kind: workflow for workflow in found}


def build(settings: Settings) -> Services:
    """Services with a database that is ready for use.

    The embedded database is upgraded by itself; a shared one has to be upgraded on purpose. Raises `DatabaseTooNew`,
    `ConfigurationError`.
    """
    services = assemble(settings)
    if services.database.dialect == "sqlite":
        db.upgrade(services.database)
    db.check(services.database)
    return services


def kernel_of(settings: Settings) -> Kernel:
    """A kernel for a child process, which makes everything anew."""
    return assemble(settings).kernel


def serve(
    settings: Settings,
    *,
    only: Collection[str] | None = None,
    on_started: Callable[[str], None] = lambda url: None,
) -> None:
    """Serve until SIGTERM or SIGINT, with the workers that the settings ask for.

    `only`: the contracts to answer; None: all. `on_started` is told the server's address once it listens. Raises
    `ConfigurationError` where the settings do not allow it, `OSError` where the port is taken.
    """
    from pansori import api  # FastAPI takes a third of a second, which workers need not wait for

    services = build(settings)
    try:
        api.serve(services, only=only, workers=worker_process(settings), on_started=on_started)
    finally:
        services.close()


def worker_process(settings: Settings) -> Supervisor | None:
    """The process that `serve` keeps for its work. None: `PANSORI_WORKERS` is 0, so there is none."""
    if settings.workers == 0:
        return None
    return Supervisor([sys.executable, "-m", "pansori.cli", "worker"], settings.environment())


def work(settings: Settings, queues: Collection[Queue] = QUEUES) -> None:
    """Carry out jobs until SIGTERM or SIGINT: `settings.workers` children for the queue `cpu`, one for `gpu`."""
    build(settings).close()
    children: dict[Queue, int] = {queue: settings.workers if queue == "cpu" else 1 for queue in queues}
    make_host(partial(kernel_of, settings), settings, children).run()
