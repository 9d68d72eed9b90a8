"""Fixtures that every kind of test may use."""

from __future__ import annotations

import gc
import logging
import os
import signal
import tempfile
from collections.abc import Generator, Iterator
from contextlib import closing
from pathlib import Path

import hypothesis
import pytest
from playwright.sync_api import Browser, Page

from support.browser import Browsers, Browsing, browsing
from support.s3 import S3Server, running_s3
from support.server import Server, running
from support.services import PostgresServer, RedisServer, running_postgres, running_redis

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # so a shell starts what it runs in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)  # the tests press Ctrl-C, and so do what they start

BUSY = hypothesis.settings(deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
"""A machine that does much else is slow, which says nothing of what is tested."""
hypothesis.settings.register_profile("same", BUSY, derandomize=True)  # no run fails by chance
hypothesis.settings.register_profile("search", BUSY, derandomize=False)  # `make search`
hypothesis.settings.load_profile("same")

MEMORY = Path("/dev/shm")  #: a file system in memory, as Linux has it
ROOM = 4 * 1024**3  #: bytes that have to be free there; containers are often given very little


def pytest_configure() -> None:
    """Temporary folders lie in memory where there is room: databases and files wait for a disk at every commit, and a
    new database of PostgreSQL has a thousand files."""
    if not os.access(MEMORY, os.W_OK):
        return
    found = os.statvfs(MEMORY)
    if found.f_bavail * found.f_frsize >= ROOM and not found.f_flag & getattr(os, "ST_NOEXEC", 0):
        chosen = os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))  # pytest's own name for where they are
        os.environ.setdefault("TMPDIR", chosen)  # everybody else's
        tempfile.tempdir = None  # it is looked for anew


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Thousands of tests are no rubbish: looking for it while they are collected takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """Commands that run in this process set up its logging; the next test expects pytest's."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


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
def s3_server() -> Iterator[S3Server]:
    """A real S3 server of this test session; tests that stop it start it again."""
    with running_s3() as server:
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


@pytest.fixture(scope="session")
def browsers() -> Iterator[Browsers]:
    with closing(Browsers()) as browsers:
        yield browsers


@pytest.fixture(scope="module")
def chromium(browsers: Browsers) -> Iterator[Browser]:
    """A browser for the tests of one module, which use `visit` or `page`."""
    with browsers.open() as browser:
        yield browser


@pytest.fixture
def visit(chromium: Browser) -> Iterator[Browsing]:
    """Opens watched pages: the test fails where one has an error, or asks another host."""
    with browsing(chromium) as visit:
        yield visit


@pytest.fixture
def page(visit: Browsing) -> Page:
    """One watched page, in a context of its own."""
    return visit.open()
