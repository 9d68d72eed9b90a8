"""Weights of models: which there are, which are here, and how they come here.

Engines ask where a model's files lie, by `find`; the command line fetches and deletes them.
"""

from __future__ import annotations

from pansori.models._catalogue import HUB, Model, ModelFile, catalogue, look_up, models_for
from pansori.models._fetch import PATIENCE, Fetching
from pansori.models._hub import Hub
from pansori.models._shelf import Shelved, find, models_dir, remove, shelved, shown, usable

__all__ = [
    "HUB",
    "PATIENCE",
    "Fetching",
    "Hub",
    "Model",
    "ModelFile",
    "Shelved",
    "catalogue",
    "find",
    "look_up",
    "models_dir",
    "models_for",
    "remove",
    "shelved",
    "shown",
    "usable",
]
