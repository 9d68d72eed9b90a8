"""A Space that behaves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.context import MemoryContext
from support.origin import Origin, serving
from support.space import CONFIG, a_wav, as_json, done, events


@pytest.fixture
def space() -> Iterator[Origin]:
    """A well-behaved app, in the words of the protocol; tests change one answer of it."""
    routes = {
        "/config": as_json(CONFIG),
        "/info": as_json({"named_endpoints": {}}),
        "/queue/join": as_json({"event_id": "e"}),
        "/queue/data": events({"msg": "estimation", "rank": 0, "queue_size": 1}, done({"path": "/tmp/a.wav"})),
        "/file=/tmp/a.wav": lambda exchange: exchange.answer(body=a_wav(), media_type="audio/wav"),
        "/cancel": as_json({"success": True}),
    }
    with serving(routes) as origin:
        yield origin


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    return MemoryContext(seed=1, scratch=tmp_path)
