"""Engines whose voices are files: which of them are here, and what to say where none is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pansori.engines.base import READY, Status
from pansori.engines.weights import lacking, missing
from pansori.models import models_for, usable
from pansori.settings import Settings


def folders(settings: Settings, engine: str) -> Iterator[tuple[str, Path]]:
    """Name and folder of each model that is here for `engine` (`speak.piper`): those of the catalogue, and others whose
    files are such as it wants."""
    for one in usable(settings, engine):
        yield one.model.name, one.path


def status(settings: Settings, engine: str, module: str) -> Status:
    """`module`: what the engine imports, of the extra that is called like it."""
    name = engine.partition(".")[2]
    model = models_for(engine)[0].name
    weighed = READY if next(folders(settings, engine), None) else missing(model)
    return lacking(module, f"pansori[{name}]", weighed, model)
