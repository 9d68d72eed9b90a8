"""A clip to imitate, spoken by the installation's own voice."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from pansori.domain.errors import EngineFailed, InvalidRequest, Text
from pansori.domain.media import AudioFormat
from pansori.domain.tasks import Family, SpeakTask
from pansori.engines.speak.base import SPEECH, Speaker
from pansori.library.voices import TokenView, actors, tokens
from pansori.media import clean_name, probe
from pansori.workflows.clips import LONGEST_CLIP, take_reference
from pansori.workflows.recording import options_of
from pansori.workflows.services import Services
from pansori.workflows.voice.aside import Aside

MOST_CHARACTERS: Final = 600  #: that are spoken in two minutes, about
UNDERSTOOD: Final = "f2"  #: of espeak's women's voices, the one that is understood best
NOTHING = Text("There is nothing to say: the token has no words.", "토큰에 읽을 말이 없어요.")


def speak_reference(services: Services, token_id: str, owner: UUID) -> TokenView:
    """Let the token have its own words as a clip, in a voice of the kind that its actor has. Takes a moment. Raises
    `NotFound`; `InvalidRequest` where it says nothing, too much, or what the engine cannot; `EngineUnavailable`,
    `MediaTooLarge`, `QuotaExceeded`."""
    with services.database.read() as session:
        token = tokens.get(session, token_id, owner)
        actor = actors.get(session, token.actor_id, owner) if token.actor_id else None
    if not token.said.strip():
        raise InvalidRequest(NOTHING, field="text", cure=Text("Write what is said.", "무슨 말을 할지 적어 주세요."))
    if len(token.said) > MOST_CHARACTERS:
        raise InvalidRequest(
            Text(
                f"Clips have {LONGEST_CLIP:g} seconds at most: choose fewer lines.",
                f"기준 녹음은 {LONGEST_CLIP:g}초까지예요. 줄을 더 적게 골라 주세요.",
            ),
            field="text",
        )
    engine: Speaker[Any] = services.registry.get(Family.SPEAK, services.settings.speak_engine)  # type: ignore[assignment]  # of that family
    kind = actor.voice.kind if actor else ""
    task = SpeakTask(text=token.said, language=token.spoken_language or "auto", voice=_voice(engine, kind))
    options = options_of(engine, {})
    engine.check(task, options)
    with services.kernel.folder() as folder:
        context = Aside(folder, services.settings, form=AudioFormat.FLAC)
        engine.run(task, options, context)
        path = context.sound(SPEECH)
        if path is None:
            raise EngineFailed(Text("The engine has said nothing.", "엔진이 아무 말도 하지 않았어요."))
        name = clean_name(f"{token.name or token.id}.flac")
        asset_id = services.assets.write(owner, name, path, duration=probe(path).duration)
    with services.database.write() as session:
        services.assets.commit(session, [asset_id])
        clip = services.assets.info(session, asset_id)
    return take_reference(services, token_id, owner, clip)


def _voice(engine: Speaker[Any], kind: str) -> str:
    """Empty: the language's own, which is a man's."""
    fit = [voice.name for voice in engine.voices() if voice.gender == kind]
    if kind != "female" or not fit:
        return ""
    return UNDERSTOOD if UNDERSTOOD in fit else fit[0]
