"""The TTOT server: text in, an answer out."""

from __future__ import annotations

from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from pansori.api.contracts.voice_backend._asking import HIGHEST, SpeakerDep, UserId, number_of
from pansori.api.contracts.voice_backend._shape import VoiceRoute, refuses
from pansori.api.contracts.voice_backend._views import Answered
from pansori.api.deps import OwnerDep, Server, ServerDep
from pansori.api.plain import Plain
from pansori.api.routing import Router
from pansori.domain.tasks import SAID_MAX_CHARACTERS
from pansori.workflows import voice

router = Router(tags=["ttot"], route_class=VoiceRoute)


class Said(BaseModel):
    """What is to be answered. Fields that are not known are passed over, for other backends send more."""

    model_config = ConfigDict(extra="ignore")

    user_id: int | None = Field(default=None, ge=1, le=HIGHEST, description="Who says it. Default: as for GET.")
    text: Plain = Field(min_length=1, max_length=SAID_MAX_CHARACTERS, description="What was said.")


@router.get("/generate", response_model=Answered, responses=refuses(404, 422, 502, 503, 504))
async def generate_latest(server: ServerDep, owner: SpeakerDep, user_id: UserId = None) -> Answered:
    """An answer to the user's latest text."""
    return await _answer(server, owner, user_id, None)


@router.post("/generate", response_model=Answered, responses=refuses(422, 502, 503, 504))
async def generate(body: Said, server: ServerDep, owner: OwnerDep) -> Answered:
    """An answer to a text, which is then the user's latest."""
    return await _answer(server, owner, body.user_id, body.text)


async def _answer(server: Server, owner: UUID, user_id: int | None, text: str | None) -> Answered:
    number = await number_of(server, owner, user_id)
    reply = await server.talk(owner, voice.VoiceRoles(server.services, owner, number).answer, text)
    return Answered(user_id=number, ttot_text=reply)
