"""The composition root: settings become services, servers and workers here, and nowhere else."""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Callable, Collection
from functools import partial

from sqlalchemy.exc import SQLAlchemyError

from pansori import db, telemetry
from pansori.accounts import Accounts
from pansori.db import Database
from pansori.domain.errors import PansoriError
from pansori.domain.jobs import QUEUES, Queue
from pansori.engines.registry import Registry
from pansori.jobs import Kernel, Supervisor, Workflow, make_host
from pansori.media import Assets, Quotas, Uploads, open_store, sample_missing, store_name
from pansori.settings import Settings
from pansori.workflows import (
    AnalysisWorkflow,
    GenerationWorkflow,
    Handout,
    Services,
    SongWorkflow,
    VoiceAnalysisWorkflow,
    VoiceNoticeWorkflow,
    voice,
)

log = logging.getLogger(__name__)


def assemble(settings: Settings) -> Services:
    """Everything put together; no database and no network is touched. Raises `ConfigurationError`."""
    database = Database(settings.database)
    store = open_store(settings)
    assets = Assets(database, store, quotas=Quotas.of(settings), redirect=settings.s3_redirect)
    registry = Registry(settings)
    accounts = Accounts(database, settings)
    handout = Handout(settings, assets, accounts.key)
    made: list[Services] = []
    kinds = workflows(registry, settings, handout, lambda: made[0])
    kernel = Kernel(database, assets, kinds, settings)
    uploads = Uploads(assets, settings)
    made.append(Services(settings, registry, database, store, assets, kinds, kernel, accounts, uploads, handout))
    return made[0]


def workflows(
    registry: Registry, settings: Settings, handout: Handout, services: Callable[[], Services]
) -> dict[str, Workflow]:
    """What each kind of job does, by kind. `services`: the installation, for work that begins other work, once it is
    put together."""
    found = (
        SongWorkflow(registry, settings),
        GenerationWorkflow(registry, settings),
        AnalysisWorkflow(registry, settings, handout, services),
        VoiceAnalysisWorkflow(registry, settings),
        VoiceNoticeWorkflow(settings),
        voice.VoiceTurnWorkflow(registry, settings, services),
    )
    return {workflow.kind: workflow for workflow in found}


def build(settings: Settings) -> Services:
    """Services with a database that is ready for use.

    The embedded database is upgraded by itself; a shared one has to be upgraded on purpose. Raises `DatabaseTooNew`,
    `ConfigurationError`.
    """
    telemetry.exporting()  # whoever asks for traces that cannot be had is told at once
    services = assemble(settings)
    if services.database.dialect == "sqlite":
        db.upgrade(services.database)
    db.check(services.database)
    return services


def kernel_of(settings: Settings) -> Kernel:
    """A kernel for a child process, which makes everything anew."""
    if not logging.getLogger().handlers:  # it was spawned, as on macOS, and inherited nothing
        telemetry.log_to_stderr(settings.log_format, settings.log_level)
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
    from pansori import api, web  # FastAPI takes a third of a second, which workers need not wait for

    services = build(settings)
    threading.Thread(target=look_for_files, args=(services,), name="look-for-files", daemon=True).start()
    try:
        api.serve(services, only=only, workers=worker_process(settings), extend=web.install, on_started=on_started)
    finally:
        services.close()
        telemetry.flush()


def look_for_files(services: Services) -> None:
    """Warn in the log where the store lacks files that the database knows, as after a change of `PANSORI_STORE`."""
    try:
        looked, lacking = sample_missing(services.assets)
    except (PansoriError, SQLAlchemyError) as error:
        log.warning("the store of files was not looked at: %s", db.reason(error))
        return
    if lacking:
        log.warning(
            "%s lacks %d of the %d files looked at. Is PANSORI_STORE right? See: pansori assets check, "
            "pansori assets move",
            store_name(services.store, services.settings),
            lacking,
            looked,
        )


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
