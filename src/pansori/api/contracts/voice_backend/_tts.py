"""The TTS server: text in, speech out."""

from __future__ import annotations

from typing import BinaryIO
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from pansori.api.contracts.voice_backend._asking import HIGHEST, number_of
from pansori.api.contracts.voice_backend._shape import VoiceRoute, refuses
from pansori.api.delivery import deliver_once
from pansori.api.deps import OwnerDep, Server, ServerDep
from pansori.api.plain import Plain
from pansori.api.routing import Router
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SPEECH_MAX_CHARACTERS, TAG_OR_AUTO
from pansori.domain.units import Bytes
from pansori.workflows import voice

SPEECH: JsonDict = {"content": {voice.WAV: {"schema": {"type": "string", "format": "binary"}}}}

router = Router(tags=["tts"], route_class=VoiceRoute)


class Spoken(BaseModel):
    """What is to be said. Fields that are not known are passed over, for other backends send more."""

    model_config = ConfigDict(extra="ignore")

    text: Plain = Field(min_length=1, max_length=SPEECH_MAX_CHARACTERS, description="What is to be said.")
    voice: Plain = Field(default="", max_length=100, description="One of the engine's voices. Default: its own choice.")
    language: str = Field(
        default="auto", max_length=40, pattern=TAG_OR_AUTO, description="BCP 47 tag. auto: told by the text."
    )
    user_id: int | None = Field(default=None, ge=1, le=HIGHEST, description="For whom. Default: the account's own.")


@router.post("/tts", response_class=Response, responses={200: SPEECH, **refuses(422, 502, 503, 504)})
async def speak(body: Spoken, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """The text as a WAV file. Nothing of it is kept."""
    number = await number_of(server, owner, body.user_id)
    file, size = await server.talk(owner, _speak, server, owner, number, body)
    return deliver_once(request, file, size, voice.WAV, name="speech.wav")


def _speak(server: Server, owner: UUID, number: int, body: Spoken) -> tuple[BinaryIO, Bytes]:
    roles = voice.VoiceRoles(server.services, owner, number)
    with server.services.kernel.folder() as folder:
        spoken = roles.say(body.text, folder, voice=body.voice, language=body.language)
        size = Bytes(spoken.path.stat().st_size)
        return spoken.path.open("rb"), size  # which is read to its end though its folder goes
