"""The transcribing engine for trying things out: hears tones, each as the number of its letters, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from pansori.domain.tasks import TranscribeTask
from pansori.domain.units import Hertz, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext
from pansori.engines.transcribe.base import (
    HEARD_RATE,
    RECORDING,
    SPEECH,
    HeardSegment,
    HeardWord,
    Listening,
    Transcriber,
    Transcript,
)
from pansori.engines.transcribe.languages import AUTO, choose_language
from pansori.engines.transcribe.sound import Heard, heard, within
from pansori.lexicon.numerals import english_number, korean_number

LANGUAGES: Final = ("en", "ko")
BLOCK: Final = HEARD_RATE // 100  #: samples that are loud or not
LOUD: Final = 0.01  #: root mean square of a block
SHORTEST: Final = 3  #: blocks of a tone
LETTER: Final = Seconds(0.05)  #: as the speaking engine of this name sounds
PAUSE: Final = Seconds(0.5)  #: that ends a segment
LOOKED_AT: Final = HEARD_RATE // 10  #: samples of the beginning, which tell a tone from noise
LOWEST, HIGHEST = Hertz(50.0), Hertz(500.0)
TONAL: Final = 0.6  #: of the autocorrelation; noise has hardly any


class DebugTranscriber(Transcriber[EngineOptions]):
    """Every tone is a word: how many letters long it is. What has no pitch is not heard."""

    name = "debug"
    Options = EngineOptions

    def card(self) -> Card:
        return Card(
            summary="Writes down how long each tone is, in milliseconds: for tests and first steps.",
            summary_ko="음마다 길이를 순식간에 받아 적어요. 시험해 보거나 처음 살펴볼 때 써요.",
            languages=LANGUAGES,
            abilities=(SPEECH,),
            code_licence="GPL-3.0-or-later",
        )

    def check(self, task: TranscribeTask, options: EngineOptions) -> None:
        choose_language(task.language, LANGUAGES)

    def run(self, task: TranscribeTask, options: EngineOptions, context: RunContext) -> Transcript:
        recording = context.inputs[RECORDING]
        tones = self.listen(task, options, context)
        context.progress("transcribe", 0.0)
        context.check_cancelled()
        done, total = 0, max(recording.duration, Seconds(0.001)) * HEARD_RATE
        for block in heard(recording):
            tones.feed(block)
            done += len(block)
            context.progress("transcribe", min(done / total, 0.99))
            context.check_cancelled()
        transcript = within(tones.finish(), recording.duration)
        context.progress("transcribe", 1.0)
        return transcript

    def listen(self, task: TranscribeTask, options: EngineOptions, context: RunContext) -> Listening:
        self.check(task, options)
        language = "en" if task.translate else choose_language(task.language, LANGUAGES)
        return _Tones("ko" if language == "ko" else "en", spoken=language if language != AUTO else "en")


class _Tones(Listening):
    def __init__(self, language: str, spoken: str) -> None:
        self._language = language
        self._spoken = spoken
        self._rest = np.zeros(0, np.float32)
        self._blocks = 0
        self._begun: int | None = None
        self._beginning: list[Heard] = []
        self._words: list[HeardWord] = []

    def feed(self, samples: Heard) -> str:
        sound = np.concatenate((self._rest, samples))
        whole = len(sound) // BLOCK
        self._rest = sound[whole * BLOCK :]
        blocks = sound[: whole * BLOCK].reshape(whole, BLOCK)
        loud = np.sqrt(np.mean(np.square(blocks, dtype=np.float64), axis=1)) > LOUD
        for block, is_loud in zip(blocks, loud.tolist(), strict=True):
            self._next(block, is_loud)
        return " ".join(word.text for word in self._words)

    def finish(self) -> Transcript:
        total = Seconds((self._blocks * BLOCK + len(self._rest)) / HEARD_RATE)
        self._end()
        segments = tuple(
            HeardSegment(
                text=" ".join(word.text for word in words), start=words[0].start, end=words[-1].end, words=tuple(words)
            )
            for words in self._runs()
        )
        text = " ".join(segment.text for segment in segments)
        return Transcript(text=text, language=self._spoken, duration=total, segments=segments)

    def _next(self, block: Heard, is_loud: bool) -> None:
        if not is_loud:
            self._end()
        elif self._begun is None:
            self._begun, self._beginning = self._blocks, [block]
        elif len(self._beginning) * BLOCK < LOOKED_AT:
            self._beginning.append(block)
        self._blocks += 1

    def _end(self) -> None:
        begun, self._begun = self._begun, None
        if begun is None or self._blocks - begun < SHORTEST or not _tonal(np.concatenate(self._beginning)):
            return
        start, end = (Seconds(blocks * BLOCK / HEARD_RATE) for blocks in (begun, self._blocks))
        letters = str(max(round((end - start) / LETTER), 1))
        text = korean_number(letters) if self._language == "ko" else "-".join(english_number(letters))
        self._words.append(HeardWord(text=text, start=start, end=end))

    def _runs(self) -> Iterator[list[HeardWord]]:
        run: list[HeardWord] = []
        for word in self._words:
            if run and word.start - run[-1].end > PAUSE:
                yield run
                run = []
            run.append(word)
        if run:
            yield run


def _tonal(sound: Heard) -> bool:
    """Whether it repeats itself as often as a voice does. The difference of neighbours, so that rumble is noise too."""
    edges = np.diff(sound.astype(np.float64))
    power = np.abs(np.fft.rfft(edges, 2 * len(edges))) ** 2
    likeness = np.fft.irfft(power)[: len(edges)]
    likeness /= max(likeness[0], 1e-12) * (1 - np.arange(len(edges)) / len(edges))
    lags = slice(round(HEARD_RATE / HIGHEST), min(round(HEARD_RATE / LOWEST), len(edges) * 3 // 4))
    return bool(likeness[lags].max(initial=0.0) > TONAL)
