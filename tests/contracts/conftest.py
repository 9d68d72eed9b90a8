"""The kernel's sizes, for one suite of laws."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.sizes import Size, make_size


@pytest.fixture(params=["memory", "embedded"])
def size(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Size]:
    """A fresh installation without workers: the test takes steps itself, or starts some."""
    made = make_size(request.param, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module", params=["embedded"])
def staffed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Size]:
    """An installation whose workers are processes, which the tests of a module share."""
    made = make_size(request.param, tmp_path_factory.mktemp(request.param), worker_losses=2)
    with made.workers(2):
        yield made
    made.close()
