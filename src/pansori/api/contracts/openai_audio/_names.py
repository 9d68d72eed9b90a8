"""OpenAI's names for models and voices, and what they mean here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from pydantic import ValidationError

from pansori.domain.errors import NotFound, Text
from pansori.domain.tasks import Family
from pansori.engines.base import EngineOptions, Offer
from pansori.engines.speak.base import Speaker, Voice
from pansori.engines.transcribe.base import Transcriber
from pansori.lexicon.particles import attach
from pansori.workflows import Services

TRANSCRIBING: Final = (
    "whisper-1",
    "gpt-transcribe",
    "gpt-4o-transcribe",
    "gpt-4o-mini-transcribe",
    "gpt-4o-mini-transcribe-2025-12-15",
)
SPEAKING: Final = ("tts-1", "tts-1-hd", "gpt-4o-mini-tts", "gpt-4o-mini-tts-2025-12-15")
ALIASES: Final = {Family.TRANSCRIBE: TRANSCRIBING, Family.SPEAK: SPEAKING}
"""Names that mean the installation's own engine, whichever it is."""
AUTO, DICTATION, EMBEDDED = "auto", "faster_whisper", "pocketsphinx"
"""Engines: who chooses by itself, between the two that are named here so that answers say which it was."""
FEMALE: Final = ("alloy", "nova", "coral", "shimmer", "sage", "marin")
MALE: Final = ("onyx", "ash", "echo", "ballad", "fable", "verse", "cedar")
"""OpenAI's voices. Each means another of an engine's voices that sounds so, as far as there are enough."""

EngineT = TypeVar("EngineT", bound=Offer)


class NoSuchModel(NotFound):
    """The name means no engine."""

    code = "model_not_found"


@dataclass(frozen=True)
class Model(Generic[EngineT]):
    """`name`: ours, such as `transcribe.faster_whisper/whisper-base`."""

    name: str
    engine: EngineT
    options: EngineOptions

    def with_options(self, **wanted: Any) -> tuple[EngineOptions, tuple[str, ...]]:
        """The options with those that the engine has and that are wanted, and the names of those that it does not
        have. None: not wanted."""
        fields = self.engine.Options.model_fields
        known = {name: value for name, value in wanted.items() if value is not None}
        taken = {name: value for name, value in known.items() if name in fields}
        left = tuple(name for name in known if name not in fields)
        told = {**self.options.model_dump(exclude_unset=True), **taken}
        return self.engine.Options.model_validate(told), left


def transcriber(services: Services, name: str) -> Model[Transcriber[Any]]:
    """Who is meant by `name`. Raises `NoSuchModel`, and `EngineUnavailable` naming the cure."""
    return _model(services, Family.TRANSCRIBE, name, Transcriber)  # type: ignore[type-abstract]  # nobody makes one of it


def speaker(services: Services, name: str) -> Model[Speaker[Any]]:
    """The same of who speaks."""
    return _model(services, Family.SPEAK, name, Speaker)  # type: ignore[type-abstract]  # as above


def _model(services: Services, family: Family, name: str, kind: type[EngineT]) -> Model[EngineT]:
    asked = usual(services, family) if name in ALIASES[family] else name.removeprefix(f"{family.value}.")
    named, slash, own = asked.partition("/")
    if named not in services.registry.names(family):
        raise _unknown(services, family, name)
    engine = services.registry.find(family, named, kind)
    told: dict[str, str] = {}
    if slash:
        if "model" not in engine.Options.model_fields:
            raise _unknown(services, family, name)
        told["model"] = own
    try:
        options = engine.Options.model_validate(told)
    except ValidationError as error:
        raise _unknown(services, family, name) from error
    return Model(f"{family.value}.{asked}", engine, options)


def usual(services: Services, family: Family) -> str:
    """The installation's own engine of the family, by its name."""
    settings, registry = services.settings, services.registry
    if family is Family.SPEAK:
        return settings.speak_engine
    if settings.transcribe_engine != AUTO:
        return settings.transcribe_engine
    ready = {name for kind, name, _, status in registry.seen() if kind == family and status.state == "ready"}
    return DICTATION if DICTATION in ready else EMBEDDED


@dataclass(frozen=True)
class Listed:
    """A model as it is listed. `engine`: which it means."""

    id: str
    engine: str


def listed(services: Services) -> Iterator[Listed]:
    """Every name that can be used now: the engines that are ready, and OpenAI's names for them."""
    ready = [
        (family, name)
        for family, name, _, status in services.registry.seen()
        if family in ALIASES and status.state == "ready"
    ]
    for family, names in ALIASES.items():
        means = usual(services, family)
        own = [name for kind, name in ready if kind == family]
        if means in own:
            yield from (Listed(alias, f"{family.value}.{means}") for alias in names)
        yield from (Listed(f"{family.value}.{name}", f"{family.value}.{name}") for name in own)


def _unknown(services: Services, family: Family, name: str) -> NoSuchModel:
    known = ", ".join(one.id for one in listed(services) if one.engine.startswith(f"{family.value}."))
    shown = f"“{name[:100]}”"
    return NoSuchModel(
        Text(f"There is no model {shown} for this.", f"여기에 쓸 수 있는 {attach(f'{shown} 모델', '이/가')} 없어요."),
        field="model",
        cure=Text(f"Choose one of: {known}.", f"다음 중에서 고르세요: {known}."),
    )


def voice_of(engine: Speaker[Any], wanted: str, language: str) -> str:
    """The engine's voice that is meant by `wanted`: its own of that name; for one of OpenAI's, one that sounds like
    it and speaks `language`. Any other name is left to the engine, which refuses what it does not have."""
    voices = engine.voices()
    if wanted not in (*FEMALE, *MALE) or any(voice.name == wanted for voice in voices):
        return wanted
    gender, names = ("female", FEMALE) if wanted in FEMALE else ("male", MALE)
    fitting = [voice for voice in voices if _speaks(voice, language)] or list(voices)
    if namesake := next((voice.name for voice in fitting if voice.name.endswith(f"_{wanted}")), ""):
        return namesake  # as Kokoro calls some of its own
    sounding = [voice for voice in fitting if voice.gender == gender] or fitting
    return _nth(sounding, names.index(wanted))


def _speaks(voice: Voice, language: str) -> bool:
    own = language.partition("-")[0].lower()
    return not voice.languages or any(tag.partition("-")[0].lower() == own for tag in voice.languages)


def _nth(voices: Sequence[Voice], number: int) -> str:
    """Empty where there are none to choose from."""
    return voices[number % len(voices)].name if voices else ""
