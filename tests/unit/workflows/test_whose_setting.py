"""A document's own setting chooses the engine of its own contract, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from pansori.bootstrap import build
from pansori.settings import load
from pansori.workflows import GenerationTask, Services, SongTask


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path, workers=0, hf_space_id="owner/name"))
    yield made
    made.close()


def test_a_space_is_for_generations_alone(services: Services) -> None:
    generation = services.workflows["generation"].accept(GenerationTask(prompt="jazz"))
    song = services.workflows["song"].accept(SongTask(genre="jazz"))
    assert isinstance(generation, GenerationTask)
    assert isinstance(song, SongTask)
    assert (generation.engine, song.engine) == ("space", "house_band")
