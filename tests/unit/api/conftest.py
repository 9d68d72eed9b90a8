from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from pansori.api import create_app
from pansori.bootstrap import build
from pansori.settings import load


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., FastAPI]]:
    """Makes an application whose settings are given."""
    made = []

    def build_app(**settings: Any) -> FastAPI:
        debug = {"compose_engine": "debug", "write_engine": "debug"}
        made.append(build(load(data_dir=tmp_path, workers=0, **{**debug, **settings})))
        return create_app(made[-1])

    yield build_app
    for services in made:
        services.close()
