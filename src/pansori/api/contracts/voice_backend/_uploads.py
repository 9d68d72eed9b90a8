"""`/static/uploads/`: the sounds of turns, for those whose they are."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from pansori.api.contracts.voice_backend._shape import VoiceRoute, refuses
from pansori.api.delivery import deliver
from pansori.api.deps import OwnerDep, ServicesDep
from pansori.api.routing import Router
from pansori.domain.jobs import JsonDict
from pansori.workflows import voice

SOUND: JsonDict = {"content": {"audio/wav": {"schema": {"type": "string", "format": "binary"}}}}

router = Router(tags=["voice_backend"], route_class=VoiceRoute)


@router.get(voice.UPLOADS + "/{file}", response_class=Response, responses={200: SOUND, **refuses(404)})
def uploaded_sound(file: str, request: Request, services: ServicesDep, owner: OwnerDep) -> Response:
    """A sound that `input_wav` or `output_wav` names. Ranges and preconditions are understood."""
    with services.database.read() as session:
        info = voice.find(services, session, file, owner)
    return deliver(request, services.assets, info)
