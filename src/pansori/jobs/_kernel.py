"""What every part of the kernel works with, put together once a process."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from pansori.db import Database
from pansori.domain.errors import Text, UnknownKind
from pansori.domain.jobs import QUEUES
from pansori.jobs._bell import Bell, NoBell
from pansori.jobs._feed import ChangeFeed, PollingFeed
from pansori.jobs._process import host_identity
from pansori.jobs._workflow import Workflow
from pansori.media import FULL, Assets, storage_full
from pansori.settings import Settings

LOOSE: Final = "loose-"  #: names of scratch folders that belong to no step begin so


class Kernel:
    """Database, assets and workflows of an installation, and how its processes wake each other.

    `bell` and `feed` follow from the settings unless given; `host` names the machine, and tests give it to play two.
    """

    def __init__(
        self,
        database: Database,
        assets: Assets,
        workflows: Mapping[str, Workflow],
        settings: Settings,
        *,
        bell: Bell | None = None,
        feed: ChangeFeed | None = None,
        host: str | None = None,
    ) -> None:
        self.database = database
        self.assets = assets
        self.workflows = workflows
        self.settings = settings
        self.host = host or host_identity()
        self.bell = bell or _bell(settings)
        self.feed = feed or _feed(settings, database)

    @property
    def scratch(self) -> Path:
        return self.settings.data_dir.absolute() / "scratch"

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """A scratch folder for a few minutes, of no step; it is deleted afterwards, and by the sweeper where this
        process died. Raises `StorageFull` where the block finds no space."""
        try:
            self.scratch.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(prefix=LOOSE, dir=self.scratch) as folder:
                yield Path(folder)
        except OSError as error:
            if error.errno in FULL:
                raise storage_full() from error
            raise

    def workflow(self, kind: str) -> Workflow:
        """Raises `UnknownKind`."""
        if kind not in self.workflows:
            known = ", ".join(sorted(self.workflows))
            raise UnknownKind(
                Text(f"There are no jobs of the kind “{kind}”.", f"“{kind}” 종류의 작업은 없어요."),
                field="kind",
                cure=Text(f"Choose one of: {known}.", f"다음 중에서 고르세요: {known}."),
            )
        return self.workflows[kind]

    def wake(self, queues: Collection[str] = QUEUES) -> None:
        """Call after committing what others may be waiting for. Never blocks."""
        for queue in queues:
            self.bell.ring(queue)
        self.feed.announce()

    def close(self) -> None:
        self.feed.close()
        self.bell.close()
        self.database.close()


def _bell(settings: Settings) -> Bell:
    if not settings.broker_url:
        return NoBell()
    from pansori.jobs.hosts.celery import CeleryBell  # the only module that knows Celery, loaded only where it is used

    return CeleryBell(settings)


def _feed(settings: Settings, database: Database) -> ChangeFeed:
    if not settings.broker_url:
        return PollingFeed(database)
    from pansori.jobs._redis import RedisFeed

    return RedisFeed(settings)
