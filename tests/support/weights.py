"""Models that are here, for those who only look."""

from __future__ import annotations

from pathlib import Path

from pansori.models import look_up, models_dir
from pansori.settings import Settings


def put_model(chosen: Settings, name: str) -> Path:
    """A model's files, at their sizes; they are holes, and take no room."""
    folder = models_dir(chosen) / name
    folder.mkdir(parents=True)
    for file in look_up(name).files:
        with (folder / file.path).open("wb") as output:
            output.truncate(file.size)
    return folder
