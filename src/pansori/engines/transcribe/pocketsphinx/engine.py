"""The embedded transcriber: what the assistant understands, in Korean and English, and rough English dictation."""

from __future__ import annotations

import math
from collections.abc import Callable
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
from pansori.engines.transcribe.languages import AUTO, choose_language, refuse_translation
from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, Pool, commands, dictation, fit
from pansori.engines.transcribe.pocketsphinx.ear import Ear
from pansori.engines.transcribe.pocketsphinx.network import join, network_of
from pansori.engines.transcribe.sound import heard, within
from pansori.lexicon.commands import heard as listened_for
from pansori.lexicon.hangul import is_block

PACKAGE: Final = "pocketsphinx"
ABILITY: Final = base.COMMANDS
COMMANDS: Final = ("en", "ko")
DICTATION: Final = ("en",)
NEEDED: Final = {"commands": Bytes(60 * 1024 * 1024), "anything": Bytes(300 * 1024 * 1024)}
ENGLISH: Final = 0.2  #: how much better English has to fit, whose phonemes these are
STEEPNESS: Final = 1.5  #: of the confidence about the threshold
ROUGH = Text(
    "This engine takes English dictation roughly: most words may be wrong. A Whisper hears far better: "
    "pansori models get whisper-tiny.",
    "이 엔진의 영어 받아쓰기는 거칠어서 틀린 낱말이 많아요. Whisper가 훨씬 잘 들어요: pansori models get whisper-tiny",
)


class PocketsphinxOptions(EngineOptions):
    strictness: float = Field(
        default=-4.6,
        ge=-20.0,
        le=0.0,
        description="How well the sound of a command has to fit, as the natural logarithm of its likelihood against "
        "that of any sounds at all, per hundredth of a second. Nearer to 0, less is understood, and less wrongly. "
        "English has to fit a little better.",
    )


class PocketsphinxTranscriber(Transcriber[PocketsphinxOptions]):
    """Hears which of the sentences that the assistant understands was said, and nothing where it was none of them."""

    name = "pocketsphinx"
    Options = PocketsphinxOptions

    def card(self) -> Card:
        found = _installed()
        return Card(
            summary="Hears the assistant's commands in Korean and English; English dictation, roughly. For free speech "
            "and Korean, `pansori models get whisper-tiny` fetches a Whisper.",
            summary_ko="한국어와 영어 명령을 알아들어요. 영어 받아쓰기는 거칠어요. 한국어를 비롯해 자유롭게 하는 말은 "
            "`pansori models get whisper-tiny`로 Whisper를 받아 쓰세요.",
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
                cure=Text(
                    "Expect commands (en, ko), or fetch a Whisper: pansori models get whisper-tiny.",
                    "명령(en, ko)만 듣게 하거나 Whisper를 받으세요: pansori models get whisper-tiny",
                ),
            )
        refuse_translation(task)

    def run(self, task: TranscribeTask, options: PocketsphinxOptions, context: RunContext) -> Transcript:
        recording = context.inputs[RECORDING]
        context.progress("transcribe", 0.0)
        context.check_cancelled()
        ear = self.listen(task, options, context)
        done, total = Seconds(0.0), max(recording.duration, Seconds(0.001))
        for block in heard(recording, blocks_of=Seconds(1.0)):
            ear.feed(block)
            done = Seconds(done + 1.0)
            context.progress("transcribe", min(done / total, 0.99))
            context.check_cancelled()
        transcript = within(ear.finish(), recording.duration)
        context.progress("transcribe", 1.0)
        return transcript

    def listen(self, task: TranscribeTask, options: PocketsphinxOptions, context: RunContext) -> Listening:
        self.check(task, options)
        language = choose_language(task.language, COMMANDS)
        pool = self._pool(task.expect, language, context.check_cancelled)
        if task.expect == "anything":
            return Ear(pool, partial(_dictated, with_words=task.words), DICTATION[0], notices=(ROUGH,))
        understand = partial(_commanded, strictness=options.strictness, with_words=task.words)
        return Ear(pool, understand, "en" if language == AUTO else language)

    def _pool(self, expect: str, language: str, look: Callable[[], None]) -> Pool:
        """The decoders of one kind. They are lent: who has one keeps it, even when the pool is let go meanwhile."""

        def load() -> Pool:
            if expect == "anything":
                return Pool(dictation)
            wanted = COMMANDS if language == AUTO else (language,)
            network = join([network_of(listened_for("ko" if one == "ko" else "en")) for one in wanted])
            return Pool(partial(commands, network))

        key = f"pocketsphinx {expect} {'en' if expect == 'anything' else language}"
        with hold(key, load, memory=NEEDED[expect], ttl=self.settings.model_idle_ttl, look=look) as pool:
            return pool


def _installed() -> str:
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return ""


def _commanded(found: tuple[Decoded | None, ...], strictness: float, with_words: bool) -> HeardSegment | None:
    """None: no command fits as well as it has to."""
    command, anything = found
    if command is None or anything is None or not command.words:
        return None
    needed = strictness if any(is_block(mark) for word in command.words for mark in word.text) else strictness + ENGLISH
    beyond = fit(command, anything) - needed
    return _segment(command, with_words, confidence=1 / (1 + math.exp(-STEEPNESS * beyond))) if beyond >= 0 else None


def _dictated(found: tuple[Decoded | None, ...], with_words: bool) -> HeardSegment | None:
    [said] = found
    return _segment(said, with_words) if said and said.words else None


def _segment(said: Decoded, with_words: bool, confidence: float | None = None) -> HeardSegment:
    return HeardSegment(
        text=" ".join(word.text for word in said.words),
        start=said.words[0].start,
        end=said.words[-1].end,
        words=tuple(HeardWord(text=one.text, start=one.start, end=one.end) for one in said.words) if with_words else (),
        confidence=confidence,
    )
