"""Installations of both sizes for drills to do harm to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from uuid import uuid4

import pytest

from pansori.settings import Settings
from support.drill.world import World

SEED = 2026
Install = Callable[..., World]


@pytest.fixture(params=["embedded", "scaled"], scope="module")
def size(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def install(size: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Install]:
    """Makes a new installation, whose options are settings; nothing of it is left afterwards."""
    with ExitStack() as cleanup:

        def make(**options: object) -> World:
            given: dict[str, object] = {"data_dir": tmp_path_factory.mktemp(size), "lease": 10.0}
            if size == "scaled":
                given |= cleanup.enter_context(services(request))
            return cleanup.enter_context(World(Settings.model_validate(given | options), SEED))

        yield make


@contextmanager
def services(request: pytest.FixtureRequest) -> Iterator[dict[str, object]]:
    """Settings that make an installation the scaled-out size."""
    redis = request.getfixturevalue("redis_server")
    postgres = request.getfixturevalue("postgres_server")
    url = postgres.fresh_database()
    try:
        yield {"broker_url": redis.url, "key_prefix": f"drill-{uuid4().hex}", "database_url": url}
    finally:
        postgres.drop(url)
