"""The three parts of a turn: hearing, answering, speaking. Each is an engine in this process, or one that asks a server
by the document."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pansori.domain.errors import EngineFailed, InvalidRequest, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import (
    HISTORY_MAX_MESSAGES,
    SAID_MAX_CHARACTERS,
    SPEECH_MAX_CHARACTERS,
    Family,
    Message,
    ReplyTask,
    SpeakTask,
    TranscribeTask,
)
from pansori.domain.units import Decibels
from pansori.engines.base import EngineOptions, Offer, Recording
from pansori.engines.registry import Registry
from pansori.engines.speak.base import SPEECH, Speaker, Speech, SpokenPart
from pansori.engines.transcribe.base import RECORDING, Transcriber, Transcript
from pansori.engines.write.base import Replying, Tool
from pansori.settings import Settings
from pansori.workflows.voice.acting import Manner
from pansori.workflows.voice.aside import Aside, nothing

ASSISTANT: Final = "assistant"  #: the engine that understands commands alone
DOCUMENTED: Final = {"transcribe_engine": "atot", "reply_engine": "ttot", "speak_engine": "tts"}
"""Engines that ask the servers of the document, by the setting whose place they take."""
ADDRESSES: Final = {"transcribe_engine": "atot_url", "reply_engine": "ttot_url", "speak_engine": "tts_url"}
NOT_SOFTER: Final = Decibels(0.0)
NOTHING_UNDERSTOOD: Final = Text("No words were understood in it.", "알아들은 말이 없어요.")


@dataclass(frozen=True)
class Choice:
    """Who hears, answers and speaks, by the engines' names."""

    hear: str
    answer: str
    say: str
    elsewhere: bool = False
    """A server of the document hears, and is asked what it has heard last."""

    @classmethod
    def of(cls, settings: Settings, *, documented: bool = False) -> Choice:
        """As the installation is set. `documented`: for the contract whose document has servers for the three parts:
        where the address of one is set, and nobody has chosen an engine on purpose, it is asked."""

        def chosen(setting: str) -> str:
            asks = documented and getattr(settings, ADDRESSES[setting]) and setting not in settings.model_fields_set
            return DOCUMENTED[setting] if asks else str(getattr(settings, setting))

        hear = chosen("transcribe_engine")
        elsewhere = documented and hear != settings.transcribe_engine
        return cls(hear, chosen("reply_engine"), chosen("speak_engine"), elsewhere)


@dataclass(frozen=True)
class Spoken:
    """What was said, and the WAV file that holds it."""

    path: Path
    speech: Speech


class Parts:
    """`user`: the number that servers of the document are told."""

    def __init__(self, registry: Registry, settings: Settings, choice: Choice, *, user: int | None = None) -> None:
        self._registry = registry
        self._settings = settings
        self._user = user
        self.choice = choice

    @property
    def transcriber(self) -> Transcriber[Any]:
        """Raises `UnknownEngine`, `EngineUnavailable`."""
        return self._registry.find(Family.TRANSCRIBE, self.choice.hear, Transcriber)  # type: ignore[type-abstract]  # nobody makes one of it

    @property
    def replier(self) -> Replying:
        """Raises `UnknownEngine`, `EngineUnavailable`."""
        return self._registry.find(Family.WRITE, self.choice.answer, Replying)  # type: ignore[type-abstract]  # nobody makes one of it

    @property
    def speaker(self) -> Speaker[Any]:
        """Raises `UnknownEngine`, `EngineUnavailable`."""
        return self._registry.find(Family.SPEAK, self.choice.say, Speaker)  # type: ignore[type-abstract]  # nobody makes one of it

    def listening_for(self, language: str = "auto") -> TranscribeTask:
        """What is asked of who hears: commands, where nothing else would be understood anyway."""
        commands = self.choice.answer == ASSISTANT
        return TranscribeTask(language=language, expect="commands" if commands else "anything")

    def options(self, engine: object) -> EngineOptions:
        """Those of an engine: whose turn it is, where it wants to know."""
        assert isinstance(engine, Offer), "what the registry gives"
        known: JsonDict = {"user_id": self._user} if "user_id" in engine.Options.model_fields else {}
        return engine.Options.model_validate(known)

    def hear(
        self, recording: Recording, folder: Path, *, language: str = "auto", look: Callable[[], None] = nothing
    ) -> Transcript:
        """What is said in it, and who heard it; nothing, where nobody speaks. Raises `InvalidRequest`, an
        `EngineError` or a `NetworkError`."""
        engine, task = self.transcriber, self.listening_for(language)
        options = self.options(engine)
        engine.check(task, options)
        context = Aside(folder, self._settings, recording=(RECORDING, recording), look=look)
        told: Transcript = engine.run(task, options, context)
        return told.model_copy(update={"engine": told.engine or engine.name})

    def answer(
        self,
        text: str,
        folder: Path,
        *,
        language: str = "auto",
        history: Sequence[Message] = (),
        tools: Mapping[str, Tool] | None = None,
        look: Callable[[], None] = nothing,
    ) -> Iterator[str]:
        """The reply in pieces. What is longer than is ever spoken is broken off. Raises `InvalidRequest` where nothing
        was said, an `EngineError` or a `NetworkError`."""
        if not text.strip():
            raise InvalidRequest(NOTHING_UNDERSTOOD, field="text")
        if len(text) > SAID_MAX_CHARACTERS:
            raise InvalidRequest(
                Text(
                    f"At most {SAID_MAX_CHARACTERS:,} characters are answered at a time.",
                    f"한 번에 {SAID_MAX_CHARACTERS:,}자까지 답할 수 있어요.",
                ),
                field="text",
            )
        engine = self.replier
        task = ReplyTask(text=text, language=language, history=tuple(history)[-HISTORY_MAX_MESSAGES:])
        context = Aside(folder, self._settings, look=look)
        left = SPEECH_MAX_CHARACTERS
        for piece in engine.reply(task, self.options(engine), context, tools):
            yield piece[:left]
            left -= len(piece)
            if left <= 0:
                return

    def say(
        self,
        text: str,
        folder: Path,
        *,
        language: str = "auto",
        voice: str = "",
        manner: Manner | None = None,
        look: Callable[[], None] = nothing,
    ) -> Spoken:
        """The text as speech. `manner`: how to say it; None: as usual. Raises `InvalidRequest` naming the field, an
        `EngineError` or a `NetworkError`."""
        engine = self.speaker
        manner, options = manner or Manner(), self.options(engine)
        task = SpeakTask(text=text, language=language, voice=voice, rate=manner.rate, volume=manner.volume)
        engine.check(task, options)
        context = Aside(folder, self._settings, look=look)
        speech: Speech = engine.run(task, options, context)
        path = context.sound(SPEECH)
        if path is None:
            raise EngineFailed(Text("The engine has said nothing.", "엔진이 아무 말도 하지 않았어요."))
        return Spoken(path, speech)

    def speak(
        self,
        text: str,
        folder: Path,
        *,
        language: str = "auto",
        voice: str = "",
        rate: float = 1.0,
        volume: Decibels = NOT_SOFTER,
        look: Callable[[], None] = nothing,
    ) -> Generator[SpokenPart]:
        """The same as it comes, in samples. Raises as `say` does, also while it goes on."""
        engine = self.speaker
        task = SpeakTask(text=text, language=language, voice=voice, rate=rate, volume=volume)
        options = self.options(engine)
        engine.check(task, options)
        yield from engine.stream(task, options, Aside(folder, self._settings, look=look))
