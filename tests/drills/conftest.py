"""Installations of both sizes for drills to do harm to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from pansori.settings import Settings
from support.drill.world import World
from support.services import scaled_out

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
                servers = (request.getfixturevalue("redis_server"), request.getfixturevalue("postgres_server"))
                given |= cleanup.enter_context(scaled_out(*servers))
            return cleanup.enter_context(World(Settings.model_validate(given | options), SEED))

        yield make
