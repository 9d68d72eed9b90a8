"""The speaking engine for trying things out: one tone a word, in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
from pydantic import Field

from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Hertz, SampleRateHz, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext
from pansori.engines.speak.base import Speaker, SpokenPart, SpokenWord, Voice
from pansori.engines.speak.manner import Manner
from pansori.engines.speak.refusals import unknown
from pansori.engines.speak.script import script_of
from pansori.engines.speak.ssml import Pause

RATE: Final = SampleRateHz(16_000)
LETTER, GAP, EDGE = Seconds(0.05), Seconds(0.05), Seconds(0.005)  #: of a tone, between two, of a fade
LEVEL: Final = 0.25
VOICES: Final = {"low": Hertz(120.0), "high": Hertz(220.0)}
LANGUAGES: Final = ("en", "ko")


class DebugSpeakerOptions(EngineOptions):
    letters: int = Field(default=8, ge=1, le=64, description="Letters of a word after which its tone grows no longer.")


class DebugSpeaker(Speaker[DebugSpeakerOptions]):
    """A word's tone lasts as long as it has letters, and falls a little from each to the next."""

    name = "debug"
    Options = DebugSpeakerOptions

    def card(self) -> Card:
        return Card(
            summary="One tone for each word, in milliseconds: for tests and first steps.",
            summary_ko="낱말마다 음 하나를 순식간에 내요. 시험해 보거나 처음 살펴볼 때 써요.",
            languages=("en", "ko"),
            sample_rate=RATE,
            code_licence="GPL-3.0-or-later",
        )

    def voices(self) -> tuple[Voice, ...]:
        return tuple(Voice(name=name) for name in VOICES)

    def check(self, task: SpeakTask, options: DebugSpeakerOptions) -> None:
        script = script_of(task)
        for run in (run for line in script.lines for run in line.runs):
            voice = run.manner.voice or task.voice
            if voice not in ("", *VOICES):
                raise unknown("voice", voice, tuple(VOICES))
            if run.manner.language.partition("-")[0].lower() not in LANGUAGES:
                raise unknown("language", run.manner.language, LANGUAGES)

    def stream(self, task: SpeakTask, options: DebugSpeakerOptions, context: RunContext) -> Iterator[SpokenPart]:
        self.check(task, options)
        script = script_of(task)
        number = 0
        for line in script.lines:
            context.check_cancelled()
            sounds: list[npt.NDArray[np.float64]] = []
            words: list[SpokenWord] = []
            at = 0
            for piece in line.pieces:
                if isinstance(piece, Pause):
                    sounds.append(np.zeros(round(piece.seconds * RATE)))
                    at += len(sounds[-1])
                    continue
                for heard in piece.reading.words():
                    tone = _tone(task, piece.manner, min(len(heard.text), options.letters), number)
                    word = SpokenWord(
                        text=heard.text,
                        first=heard.first + piece.first,
                        start=Seconds(at / RATE),
                        end=Seconds((at + len(tone)) / RATE),
                        phonemes=(),
                    )
                    words.append(word)
                    sounds += [tone, np.zeros(round(GAP / task.rate * RATE))]
                    at += len(tone) + len(sounds[-1])
                    number += 1
            samples = np.concatenate(sounds or [np.zeros(round(GAP * RATE))]).astype(np.float32)
            language = script.language.partition("-")[0].lower()
            yield SpokenPart(line.text, line.first, samples, RATE, tuple(words), language)


def _tone(task: SpeakTask, manner: Manner, letters: int, number: int) -> npt.NDArray[np.float64]:
    """Shape [n]. Every second word stands a third of an octave higher, where the intonation is the voice's own."""
    count = round(letters * LETTER / (task.rate * manner.rate) * RATE)
    semitones = task.pitch + manner.pitch + task.intonation * 4 * (number % 2)
    hertz = VOICES.get(manner.voice or task.voice, VOICES["low"]) * 2 ** (semitones / 12)
    fade = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / (EDGE * RATE), 0, 1)
    level = LEVEL * 10 ** ((task.volume + manner.volume) / 20)
    return np.asarray(level * fade * np.sin(2 * np.pi * hertz * np.arange(count) / RATE))
