"""The backend's routes."""

from __future__ import annotations

from dataclasses import asdict

from pansori.api.contracts.voice_backend._asking import HIGHEST, SpeakerDep, UserId, number_of
from pansori.api.contracts.voice_backend._shape import VoiceRoute, refuses, reworded
from pansori.api.contracts.voice_backend._views import (
    Answered,
    Heard,
    Pipeline,
    Processed,
    UserData,
    pipeline,
    processed,
)
from pansori.api.deps import LanguageDep, OwnerDep, ServerDep, ServicesDep
from pansori.api.routing import Router
from pansori.domain.errors import NotFound, PansoriError
from pansori.library import turns
from pansori.library.turns import NO_SUCH_USER
from pansori.workflows import voice

router = Router(tags=["voice_backend"], route_class=VoiceRoute)


@router.get("/users", response_model=list[UserData])
def list_users(services: ServicesDep, owner: OwnerDep) -> list[UserData]:
    """All users, with what they said and were answered."""
    with services.database.read() as session:
        return [UserData(**asdict(one)) for one in turns.users(session, owner)]


@router.get("/users/{user_id}", response_model=UserData, responses=refuses(404))
def get_user(user_id: int, services: ServicesDep, owner: OwnerDep) -> UserData:
    """One user."""
    if not 1 <= user_id <= HIGHEST:
        raise NotFound(NO_SUCH_USER)
    with services.database.read() as session:
        return UserData(**asdict(turns.user(session, owner, user_id)))


@router.get("/atot", response_model=Heard, responses=refuses(404, 502, 503, 504))
async def atot(server: ServerDep, owner: SpeakerDep, user_id: UserId = None) -> Heard:
    """Fetch what the user said last, and keep it as the current turn."""
    number = await number_of(server, owner, user_id)
    try:
        turn = await server.talk(owner, voice.VoiceBackend(server.services, owner, number).atot)
    except PansoriError as error:
        raise reworded(voice.HEAR, error, server.services.settings) from error
    return Heard(user_id=number, input_wav=turn.input_path, atot_text=turn.heard or "")


@router.get("/ttot", response_model=Answered, responses=refuses(404, 422, 502, 503, 504))
async def ttot(server: ServerDep, owner: SpeakerDep, user_id: UserId = None) -> Answered:
    """Have what was said in the current turn answered, and keep the answer."""
    number = await number_of(server, owner, user_id)
    try:
        turn = await server.talk(owner, voice.VoiceBackend(server.services, owner, number).ttot)
    except PansoriError as error:
        raise reworded(voice.ANSWERING, error, server.services.settings) from error
    return Answered(user_id=number, ttot_text=turn.reply or "")


@router.post("/process-audio", response_model=Processed, response_model_exclude_unset=True, responses=refuses(404, 409))
async def process_audio(server: ServerDep, owner: OwnerDep, language: LanguageDep, user_id: UserId = None) -> Processed:
    """Have the current turn's answer spoken, and keep the turn. It is kept too where it could not be spoken: then
    `output_wav` is null, and `tts_error` says why."""
    number = await number_of(server, owner, user_id)
    ended = await server.talk(owner, voice.VoiceBackend(server.services, owner, number).speak)

    def outputs() -> list[str | None]:
        with server.services.database.read() as session:
            return turns.user(session, owner, number).output_wav_list

    return processed(ended, await server.talk(owner, outputs), server.services.settings, language)


@router.post("/run-full-pipeline", response_model=Pipeline)
async def run_full_pipeline(
    server: ServerDep, owner: OwnerDep, language: LanguageDep, user_id: UserId = None
) -> Pipeline:
    """All three steps: fetch what was said, have it answered, have the answer spoken. What was obtained is kept,
    whichever fails; `errors` says why."""
    number = await number_of(server, owner, user_id)
    ended = await server.talk(owner, voice.VoiceBackend(server.services, owner, number).run)
    return pipeline(number, ended, server.services.settings, language)
