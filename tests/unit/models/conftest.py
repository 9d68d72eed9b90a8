"""A hub that has a model, and an installation that asks it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pansori.settings import Settings
from support.fetched import FILES, settings_of
from support.hub import Repository, TestHub, hub


@pytest.fixture
def serving() -> Iterator[TestHub]:
    with hub(owner__tiny=Repository(dict(FILES))) as running:
        yield running


@pytest.fixture
def chosen(serving: TestHub, tmp_path: Path) -> Settings:
    return settings_of(serving, tmp_path)
