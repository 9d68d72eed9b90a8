"""One installation for all tests of `/v1/analyses` and their pages, in this process and without workers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from pansori.api import create_app
from pansori.bootstrap import build
from pansori.settings import load
from pansori.web.site import install
from pansori.workflows import Services
from support.analysing import made_whole


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("analyses")
    services = build(load(data_dir=folder, workers=0, analyze_engine="debug", compose_engine="debug"))
    yield services
    services.close()


@pytest.fixture(scope="module")
async def client(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(services, extend=install)
    headers = {"Accept-Language": "en", "Accept": "application/json"}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost", headers=headers
    ) as client:
        yield client


@pytest.fixture(scope="module")
async def whole(client: httpx.AsyncClient, services: Services) -> str:
    return await made_whole(client, services, "song.wav")


@pytest.fixture
async def uncorrected(client: httpx.AsyncClient, whole: str) -> AsyncIterator[str]:
    """The same, and afterwards as it was measured."""
    yield whole
    await client.delete(f"/v1/analyses/{whole}/corrections")
