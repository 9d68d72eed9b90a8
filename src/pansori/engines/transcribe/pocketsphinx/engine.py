"""The embedded transcriber: what the assistant understands, in Korean and English, and rough English dictation."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from typing import Final

from pydantic import Field

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Bytes, Seconds
from pansori.engines.base import READY, Card, EngineOptions, RunContext, Status
from pansori.engines.residency import hold
from pansori.engines.transcribe import base
from pansori.engines.transcribe.base import RECORDING, HeardSegment, HeardWord, Listening, Transcriber, Transcript
from pansori.engines.transcribe.free_speech import FETCH, INSTALL, take_a_whisper
from pansori.engines.transcribe.languages import AUTO, choose_language, refuse_translation
from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, commands, dictation
from pansori.engines.transcribe.pocketsphinx.ear import Ear
from pansori.engines.transcribe.pocketsphinx.network import join, network_of
from pansori.engines.transcribe.pocketsphinx.pool import Pool
from pansori.engines.transcribe.pocketsphinx.sureness import Fit, sureness
from pansori.engines.transcribe.sound import listen_through
from pansori.lexicon.commands import heard as listened_for
from pansori.lexicon.commands import understand
from pansori.settings import Settings

PACKAGE: Final = "pocketsphinx"
ABILITY: Final = base.COMMANDS
COMMANDS: Final = ("en", "ko")
DICTATION: Final = ("en",)
NEEDED: Final = {"commands": Bytes(60 * 1024 * 1024), "anything": Bytes(300 * 1024 * 1024)}
ROUGH: Final = Text(
    "This engine takes whatever is said for English, and writes it down roughly: most words may be wrong.",
    "이 엔진은 무슨 말이든 영어로 여기고 거칠게 받아써서 틀린 낱말이 많아요.",
)
NO_COMMAND: Final = Text(
    "Somebody speaks, and says no command that is known.", "말소리가 들리지만 아는 명령이 아니에요."
)


class PocketsphinxOptions(EngineOptions):
    strictness: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="How likely it has to be that a command was said, and nothing else. Nearer to 1, less is "
        "understood, and less wrongly.",
    )


class PocketsphinxTranscriber(Transcriber[PocketsphinxOptions]):
    """Hears which of the sentences that the assistant understands was said, and nothing where it was none of them."""

    name = "pocketsphinx"
    Options = PocketsphinxOptions

    def card(self) -> Card:
        found = _installed()
        return Card(
            summary="Hears the assistant's commands in Korean and English; English dictation, roughly. For free "
            f"speech, Korean included, take a Whisper: {INSTALL}, then {FETCH}.",
            summary_ko="한국어와 영어 명령을 알아들어요. 영어 받아쓰기는 거칠어요. 한국어를 비롯해 자유롭게 하는 말은 "
            f"Whisper가 알아들어요: {INSTALL}, 그다음 {FETCH}.",
            languages=COMMANDS,
            memory=NEEDED["anything"],
            holds_model=True,
            abilities=(ABILITY,),
            code_licence="BSD-2-Clause",
            weights_licence="BSD-2-Clause",
            parts={"acoustic model": f"en-US ({PACKAGE} {found})"} if found else {},
        )

    def status(self) -> Status:
        if _installed():
            return READY
        return Status(
            state="missing",
            reason=f"{PACKAGE} is not installed",
            cure=f"Install {PACKAGE}.",
            reason_ko=f"{PACKAGE}가 설치되어 있지 않아요",
            cure_ko=f"설치하세요: {PACKAGE}",
        )

    def check(self, task: TranscribeTask, options: PocketsphinxOptions) -> None:
        language = choose_language(task.language, COMMANDS)
        if task.expect == "anything" and language not in (AUTO, *DICTATION):
            raise InvalidRequest(
                Text("This engine takes dictation in English alone.", "이 엔진은 영어만 받아쓸 수 있어요."),
                field="language",
                cure=_with_whisper(Text("Expect commands (en, ko).", "명령(en, ko)만 듣게 하세요."), self.settings),
            )
        refuse_translation(task, self.settings)

    def run(self, task: TranscribeTask, options: PocketsphinxOptions, context: RunContext) -> Transcript:
        recording = context.inputs[RECORDING]
        context.progress("transcribe", 0.0)
        context.check_cancelled()
        total = max(recording.duration, Seconds(0.001))

        def look(done: Seconds) -> None:
            context.progress("transcribe", min(done / total, 0.99))
            context.check_cancelled()

        transcript = listen_through(self.listen(task, options, context), recording, look)
        context.progress("transcribe", 1.0)
        return transcript

    def listen(self, task: TranscribeTask, options: PocketsphinxOptions, context: RunContext) -> Listening:
        self.check(task, options)
        language = choose_language(task.language, COMMANDS)
        with ExitStack() as stack:
            pool = stack.enter_context(self._pool(task.expect, language, context.check_cancelled))
            lent = stack.pop_all()
        if task.expect == "anything":
            understand = partial(_dictated, with_words=task.words)
            rough = _with_whisper(ROUGH, self.settings)
            return Ear(pool, understand, DICTATION[0], notice=rough, missed=rough, lent=lent)
        understand = partial(_commanded, strictness=options.strictness, with_words=task.words)
        missed = _with_whisper(NO_COMMAND, self.settings)
        return Ear(pool, understand, "en" if language == AUTO else language, missed=missed, lent=lent)

    def _pool(self, expect: str, language: str, look: Callable[[], None]) -> AbstractContextManager[Pool]:
        """The decoders of one kind, for as long as one listens."""

        def load() -> Pool:
            if expect == "anything":
                return Pool(dictation, most=2)
            wanted = COMMANDS if language == AUTO else (language,)
            network = join([network_of(listened_for("ko" if one == "ko" else "en")) for one in wanted])
            return Pool(partial(commands, network))

        key = f"pocketsphinx {expect} {'en' if expect == 'anything' else language}"
        return hold(key, load, memory=NEEDED[expect], ttl=self.settings.model_idle_ttl, look=look)


def _installed() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def _with_whisper(text: Text, settings: Settings) -> Text:
    advice = take_a_whisper(settings)
    return Text(f"{text.en} {advice.en}", f"{text.ko} {advice.ko}")


def _commanded(said: Decoded, strictness: float, with_words: bool) -> HeardSegment | None:
    """None: it is less likely that a command was said."""
    fit, command = Fit.of(said), understand(said.text)
    if fit is None or command is None:
        return None
    sure = sureness(fit, command)
    return _segment(said, with_words, confidence=sure) if sure >= strictness else None


def _dictated(said: Decoded, with_words: bool) -> HeardSegment | None:
    return _segment(said, with_words) if said.words else None


def _segment(said: Decoded, with_words: bool, confidence: float | None = None) -> HeardSegment:
    return HeardSegment(
        text=said.text,
        start=said.words[0].start,
        end=said.words[-1].end,
        words=tuple(HeardWord(text=one.text, start=one.start, end=one.end) for one in said.words) if with_words else (),
        confidence=confidence,
    )
