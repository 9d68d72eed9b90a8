"""Fixtures that every kind of test may use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.server import Server, running
from support.services import PostgresServer, RedisServer, running_postgres, running_redis


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The real server with the debug engine and one worker, for tests that leave it alive."""
    settings = {"PANSORI_ALLOW_ORIGINS": "https://app.example"}
    with running(tmp_path_factory.mktemp("server"), settings) as server:
        yield server


@pytest.fixture(scope="session")
def idle_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server without workers: whatever is asked of it stays queued."""
    with running(tmp_path_factory.mktemp("idle"), {"PANSORI_WORKERS": "0"}, until_ready=False) as server:
        yield server


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A real Redis of this test session; tests that stop it start it again."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A real PostgreSQL of this test session."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """URL of an empty database of the test's own."""
    url = postgres_server.fresh_database()
    yield url
    postgres_server.drop(url)
