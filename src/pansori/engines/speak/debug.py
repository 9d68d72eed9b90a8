"""The speaking engine for trying things out: one tone a word, in milliseconds."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import numpy as np
from pydantic import Field

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Hertz, SampleRateHz, Seconds
from pansori.engines.base import Card, EngineOptions, RunContext
from pansori.engines.speak.base import SPEECH, Speaker, Speech, SpokenWord, Voice
from pansori.lexicon.hangul import is_block
from pansori.lexicon.particles import attach

RATE: Final = SampleRateHz(16_000)
LETTER, GAP, EDGE = Seconds(0.05), Seconds(0.05), Seconds(0.005)  #: of a tone, between two, of a fade
LEVEL: Final = 0.25
VOICES: Final = {"low": Hertz(120.0), "high": Hertz(220.0)}
_WORD = re.compile(r"\S+")


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
        if task.voice not in ("", *VOICES):
            known = ", ".join(VOICES)
            raise InvalidRequest(
                Text(f"There is no voice “{task.voice}”.", f"목소리 {attach(f'“{task.voice}”', '이/가')} 없어요."),
                field="voice",
                cure=Text(f"Choose one of: {known}.", f"다음 중에서 고르세요: {known}."),
            )
        if task.language.partition("-")[0].lower() not in ("auto", "en", "ko"):
            raise InvalidRequest(
                Text(f"There is no language “{task.language}”.", f"“{task.language}” 언어는 없어요."),
                field="language",
                cure=Text("Choose one of: en, ko.", "다음 중에서 고르세요: en, ko."),
            )

    def run(self, task: SpeakTask, options: DebugSpeakerOptions, context: RunContext) -> Speech:
        self.check(task, options)
        context.progress("speak", 0.0)
        context.check_cancelled()
        text = unicodedata.normalize("NFC", task.text)
        pieces, words, at = [np.zeros(0)], [], 0
        for number, found in enumerate(one for one in _WORD.finditer(text) if any(map(str.isalnum, one.group()))):
            tone = _tone(task, min(len(found.group()), options.letters), number)
            words.append(
                SpokenWord(
                    text=found.group(),
                    first=found.start(),
                    start=Seconds(at / RATE),
                    end=Seconds((at + len(tone)) / RATE),
                    phonemes=(),
                )
            )
            gap = np.zeros(round(GAP / task.rate * RATE))
            pieces += [tone, gap]
            at += len(tone) + len(gap)
        samples = np.concatenate(pieces if words else [np.zeros(round(GAP * RATE))]).astype(np.float32)
        context.save_audio(SPEECH, samples[None], RATE)
        context.progress("speak", 1.0)
        return Speech(
            text=text,
            language=_language(task, text),
            voice=task.voice,
            duration=Seconds(len(samples) / RATE),
            sample_rate=RATE,
            words=tuple(words),
        )


def _tone(task: SpeakTask, letters: int, number: int) -> np.ndarray:
    """Shape [n]. Every second word stands a third of an octave higher, where the intonation is the voice's own."""
    count = round(letters * LETTER / task.rate * RATE)
    semitones = task.pitch + task.intonation * 4 * (number % 2)
    hertz = VOICES.get(task.voice, VOICES["low"]) * 2 ** (semitones / 12)
    fade = np.clip(np.minimum(np.arange(count), np.arange(count)[::-1]) / (EDGE * RATE), 0, 1)
    level = LEVEL * 10 ** (task.volume / 20)
    return np.asarray(level * fade * np.sin(2 * np.pi * hertz * np.arange(count) / RATE))


def _language(task: SpeakTask, text: str) -> str:
    if task.language != "auto":
        return task.language.partition("-")[0].lower()
    return "ko" if any(map(is_block, text)) else "en"
