"""OpenAI's audio API, so that its clients work with this server unchanged."""

from __future__ import annotations

from typing import Final

from pansori.api.contracts.openai_audio._hearing import PATHS
from pansori.api.contracts.openai_audio._hearing import router as hearing
from pansori.api.contracts.openai_audio._models import router as models
from pansori.api.contracts.openai_audio._shape import ROOT, shape_at
from pansori.api.contracts.openai_audio._speech import PATH
from pansori.api.contracts.openai_audio._speech import router as speech
from pansori.api.contracts.openai_audio._told import EXPOSED
from pansori.api.limits import LargeBody
from pansori.api.routing import Router

routers: Final[tuple[Router, ...]] = (models, speech, hearing)
LARGE_BODIES: Final = tuple(LargeBody("POST", path) for path in (*PATHS, PATH))

__all__ = ["EXPOSED", "LARGE_BODIES", "ROOT", "routers", "shape_at"]
