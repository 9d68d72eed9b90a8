"""`pansori serve` without HTTP: a sweeper, and a supervised host. `server.py serve|work DRILL`."""

from __future__ import annotations

import functools
import logging
import signal
import sys
import threading
from collections.abc import Mapping

from pydantic import BaseModel

from pansori.db import Database, upgrade
from pansori.domain.jobs import Queue
from pansori.jobs import Kernel, Supervisor, Sweeper, make_host
from pansori.media import Assets
from pansori.settings import Settings
from support.drill.jobs import WORKFLOWS
from support.drill.stores import QuotaStore


class Drill(BaseModel):
    """All that a process of a drill has to know."""

    settings: Settings
    machine: str = ""
    """Name of the machine it plays. Empty: the one it is on."""
    children: dict[Queue, int] = {"cpu": 2}


def make_kernel(drill: Drill) -> Kernel:
    settings = drill.settings
    database = Database(settings.database)
    assets = Assets(database, QuotaStore(settings.data_dir / "assets"))
    return Kernel(database, assets, WORKFLOWS, settings, host=drill.machine or None)


def serve(drill: Drill) -> None:
    kernel = make_kernel(drill)
    upgrade(kernel.database)
    workers = Supervisor([sys.executable, __file__, "work", drill.model_dump_json()])
    sweeper = Sweeper(kernel)
    over = threading.Event()
    signal.signal(signal.SIGTERM, lambda _number, _frame: over.set())
    workers.start()
    sweeper.start()
    over.wait()
    workers.stop()
    sweeper.stop()
    kernel.close()


def work(drill: Drill) -> None:
    children: Mapping[Queue, int] = drill.children
    make_host(functools.partial(make_kernel, drill), drill.settings, children).run()


def main() -> None:
    drill = Drill.model_validate_json(sys.argv[2])
    logging.basicConfig(level="INFO", format="%(asctime)s %(process)d %(name)s %(message)s")
    {"serve": serve, "work": work}[sys.argv[1]](drill)


if __name__ == "__main__":
    main()
