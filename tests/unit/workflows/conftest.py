from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest

from pansori.bootstrap import build
from pansori.settings import load
from pansori.workflows import Services
from support.voice import ENGINES


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(load(data_dir=tmp_path, workers=0, **ENGINES))
    yield services
    services.close()


@pytest.fixture
def owner(services: Services) -> UUID:
    return services.accounts.local().known("write").id
