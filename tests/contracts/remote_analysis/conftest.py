"""A service that asks an analysis server, and that server, which does whatever a test wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.installations import Installation, installation, sound
from support.listener import Listener, listening
from support.remote_analysis import SECRET


@pytest.fixture(scope="module")
def server() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


@pytest.fixture(scope="module")
def shared(server: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    address = f"{server.url}/analyze-voice"
    settings = {"target_server_url": address, "target_server_token": "psk_theirs", "webhook_secret": SECRET}
    with installation(tmp_path_factory.mktemp("service"), workers=1, only=None, **settings) as made:
        yield made


@pytest.fixture(scope="module")
def alone(server: Listener, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Installation, str]]:
    """A service that knows the server and has chosen not to ask it, and an analysis that it has done."""
    folder = tmp_path_factory.mktemp("alone")
    with installation(folder, target_server_url=server.url, analyze_engine="debug") as made:
        job_id = made.upload(sound(0.12))
        made.finish(job_id)
        yield made, job_id


@pytest.fixture
def remote(server: Listener, shared: Installation) -> Listener:
    server.reset()
    return server


@pytest.fixture
def service(remote: Listener, shared: Installation) -> Installation:
    return shared
