"""The installation that the settings name, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pansori import settings, telemetry
from pansori.bootstrap import build
from pansori.domain.jobs import ArtifactView
from pansori.settings import Settings
from pansori.workflows import Services


@contextmanager
def opened(loaded: Settings | None = None) -> Iterator[Services]:
    """Services that are closed afterwards. Raises `ConfigurationError`."""
    chosen = loaded or settings.load()
    log_to_stderr(chosen, quiet=True)
    services = build(chosen)
    try:
        yield services
    finally:
        services.close()
        telemetry.flush()


def log_to_stderr(chosen: Settings, *, quiet: bool = False) -> None:
    """`quiet`: a command that answers by itself logs only what went wrong, unless more was asked for."""
    level = "error" if quiet and chosen.log_level == "info" else chosen.log_level
    telemetry.log_to_stderr(chosen.log_format, level)


def content(services: Services, artifact: ArtifactView) -> Iterator[bytes]:
    """The bytes of one of a job's files, in chunks."""
    with services.database.read() as session:
        info = services.assets.info(session, artifact.asset_id)
    return services.assets.read(info)
