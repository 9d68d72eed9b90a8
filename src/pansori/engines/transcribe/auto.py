"""Whoever hears best of those that are here, without anything to set: PocketSphinx, and a Whisper once there is one."""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import Any, Final

from pansori.domain.errors import Text
from pansori.domain.tasks import TranscribeTask
from pansori.engines.base import Card, EngineOptions, RunContext, Status
from pansori.engines.transcribe.base import RECORDING, Listening, Transcriber, Transcript
from pansori.engines.transcribe.faster_whisper import FasterWhisper
from pansori.engines.transcribe.languages import AUTO
from pansori.engines.transcribe.pocketsphinx import PocketsphinxTranscriber
from pansori.engines.transcribe.sound import Heard, listen_through
from pansori.lexicon.commands import understand
from pansori.settings import Settings

OPEN: Final = frozenset({"topic", "words"})  #: slots that take whatever is said, and a grammar only what it lists
SUMMARY: Final = Text(
    "Whoever hears best of those that are here: a Whisper (`faster_whisper`) once one is, and PocketSphinx until then. "
    "Short commands are heard by PocketSphinx in any case, which is quicker.",
    "여기 있는 것 가운데 가장 잘 듣는 엔진을 써요. Whisper(`faster_whisper`)가 있으면 Whisper가 듣고, 그 전에는 "
    "PocketSphinx가 들어요. 짧은 명령은 더 빠른 PocketSphinx가 먼저 들어요.",
)


class AutoTranscriber(Transcriber[EngineOptions]):
    """Has no options: who wants to choose names an engine."""

    name = "auto"
    Options = EngineOptions

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._grammar = PocketsphinxTranscriber(settings)
        self._whisper = FasterWhisper(settings)

    def card(self) -> Card:
        told = self._best().card()
        return told.model_copy(update={"summary": SUMMARY.en, "summary_ko": SUMMARY.ko})

    def status(self) -> Status:
        return self._best().status()

    def check(self, task: TranscribeTask, options: EngineOptions) -> None:
        best = self._best()
        best.check(task, best.Options())

    def run(self, task: TranscribeTask, options: EngineOptions, context: RunContext) -> Transcript:
        best = self._best()
        if best is self._whisper and self._may_be_known(task):
            context.progress("transcribe", 0.0)
            first = self._grammar.listen(task, self._grammar.Options(), context)
            told = listen_through(first, context.inputs[RECORDING], lambda _: context.check_cancelled())
            if is_sure(told):
                context.progress("transcribe", 1.0)
                return heard_by(self._grammar, told)
        return heard_by(best, best.run(task, best.Options(), context))

    def listen(self, task: TranscribeTask, options: EngineOptions, context: RunContext) -> Listening:
        best = self._best()
        if best is self._grammar or not self._may_be_known(task):
            return _Alone(best, best.listen(task, best.Options(), context))
        with ExitStack() as stack:
            grammar = stack.enter_context(closing(self._grammar.listen(task, self._grammar.Options(), context)))
            whisper = stack.enter_context(closing(self._whisper.listen(task, self._whisper.Options(), context)))
            return _Both(_Alone(self._grammar, grammar), _Alone(self._whisper, whisper), stack.pop_all())

    def _best(self) -> Transcriber[Any]:
        return self._whisper if self._whisper.status().state == "ready" else self._grammar

    def _may_be_known(self, task: TranscribeTask) -> bool:
        """A command is expected, in a language that the grammar has."""
        language = task.language.partition("-")[0].lower()
        known = language == AUTO or language in self._grammar.card().languages
        return task.expect == "commands" and known and not task.translate


def is_sure(told: Transcript) -> bool:
    """A grammar has understood it, and did not have to choose what stands for what it cannot know."""
    command = understand(told.text)
    return command is not None and not OPEN & command.slots.keys()


def heard_by(engine: Transcriber[Any], told: Transcript) -> Transcript:
    return told.model_copy(update={"engine": engine.name})


class _Alone(Listening):
    """One that tells who it is."""

    def __init__(self, engine: Transcriber[Any], listening: Listening) -> None:
        self._engine = engine
        self._listening = listening

    def feed(self, samples: Heard) -> str:
        return self._listening.feed(samples)

    def finish(self) -> Transcript:
        return heard_by(self._engine, self._listening.finish())

    def close(self) -> None:
        self._listening.close()


class _Both(Listening):
    """What the grammar makes of it, and what a Whisper does where that is not sure."""

    def __init__(self, grammar: Listening, whisper: Listening, both: ExitStack) -> None:
        self._grammar = grammar
        self._whisper = whisper
        self._both = both

    def feed(self, samples: Heard) -> str:
        said, known = self._whisper.feed(samples), self._grammar.feed(samples)
        return said or known

    def finish(self) -> Transcript:
        with self._both:
            told = self._grammar.finish()
            return told if is_sure(told) else self._whisper.finish()

    def close(self) -> None:
        self._both.close()
