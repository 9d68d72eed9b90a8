"""The installation that the settings name, opened for one command."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pansori import settings, telemetry
from pansori.bootstrap import build
from pansori.cli.logs import log_to_stderr
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


def content(services: Services, artifact: ArtifactView) -> Iterator[bytes]:
    """The bytes of one of a job's files, in chunks."""
    with services.database.read() as session:
        info = services.assets.info(session, artifact.asset_id)
    return services.assets.read(info)
