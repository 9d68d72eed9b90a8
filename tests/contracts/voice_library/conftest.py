"""An installation in which scripts, actors and tokens are kept, in this process and without workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from pansori.api import create_app
from pansori.bootstrap import build
from pansori.settings import load
from pansori.workflows import Services


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path_factory.mktemp("voices"), workers=0))
    yield made
    made.close()


@pytest.fixture(scope="module")
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as made:
        yield made
