"""The kernel's sizes for one suite of laws, and servers for the contracts'."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from support.installations import Installation, installation
from support.members import serving_accounts
from support.memoria import begin, finish
from support.server import Server
from support.services import scaled_out
from support.sizes import Size, make_size
from support.waiting import eventually


@pytest.fixture(params=["memory", "embedded", "scaled"])
def size(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Size]:
    """A fresh installation without workers: the test takes steps itself, or starts some."""
    with options_for(request) as options:
        made = make_size(request.param, tmp_path, **options)
        yield made
        made.close()


@pytest.fixture(scope="module", params=["embedded", "scaled"])
def staffed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Size]:
    """An installation whose workers are processes, which the tests of a module share."""
    with options_for(request) as options:
        made = make_size(request.param, tmp_path_factory.mktemp(request.param), worker_losses=2, **options)
        with made.workers(2):
            yield made
        made.close()


def options_for(request: pytest.FixtureRequest) -> AbstractContextManager[dict[str, object]]:
    """Settings of the size that is asked for, with the servers it needs."""
    if request.param != "scaled":
        return nullcontext({})
    return scaled_out(request.getfixturevalue("redis_server"), request.getfixturevalue("postgres_server"))


# -- clients of a server ------------


@pytest.fixture
def server(shared_server: Server) -> Server:
    return shared_server


@pytest.fixture
def idle(idle_server: Server) -> Server:
    return idle_server


@pytest.fixture(scope="session")
def accounts_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server where one logs in, with a worker."""
    with serving_accounts(tmp_path_factory.mktemp("accounts")) as server:
        yield server


@pytest.fixture
def free(server: Server) -> None:
    """No song is being made, and none waits that could begin at any moment."""

    def idle() -> bool:
        status = server.get("/status").json()
        return status["active_job"] is None and status["queue_size"] == 0

    eventually(idle)


@pytest.fixture(scope="module")
def finished(shared_server: Server) -> str:
    job_id = begin(shared_server)
    assert finish(shared_server, job_id)["status"] == "completed"
    return job_id


@pytest.fixture(scope="session")
def openai_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A server for OpenAI's clients, whose engines hear and speak tones."""
    with installation(
        tmp_path_factory.mktemp("openai"), workers=0, transcribe_engine="debug", speak_engine="debug"
    ) as made:
        yield made
