"""`/v1/engines`: what can be done here, and by what means."""

from __future__ import annotations

from pansori.api.deps import ServicesDep
from pansori.api.routing import Router
from pansori.api.shown import Engines
from pansori.domain.jobs import JsonDict

router = Router(prefix="/v1/engines", tags=["engines"])


@router.get("", response_model=Engines)
def engines(services: ServicesDep) -> JsonDict:
    """Every engine with its family, state, reason, cure, capability card and options."""
    return {"engines": list(services.registry.descriptions())}
