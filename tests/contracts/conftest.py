"""The kernel's sizes, for one suite of laws."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

import pytest

from support.services import scaled_out
from support.sizes import Size, make_size


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
