"""The embedded speaking engine: espeak-ng, more than a hundred languages, thousands of times faster than speech."""

from __future__ import annotations

import numpy as np
from pydantic import Field

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.base import READY, Card, EngineOptions, RunContext, Status
from pansori.engines.speak.base import SPEECH, Speaker, Speech, SpokenPhoneme, SpokenWord, Voice
from pansori.espeak import (
    FASTEST,
    HIGHEST,
    LOWEST,
    PACKAGE,
    SLOWEST,
    SOURCE_RATE,
    Installed,
    Spoken,
    TimedWord,
    find_installed,
    guess_language,
    speak,
)
from pansori.lexicon.particles import attach

SHOWN = 40  #: voices or languages that a refusal names at most
OWN_CHOICE = {"en": "en-us"}  #: what a plain tag stands for here


class EspeakSpeakerOptions(EngineOptions):
    padding: Seconds = Field(
        default=Seconds(0.0), ge=0.0, le=5.0, description="Silence before and after the speech, in seconds."
    )


class EspeakSpeaker(Speaker[EspeakSpeakerOptions]):
    """Formant synthesis: clear and quick, never mistaken for a person. Knows when each word and phoneme is said."""

    name = "espeak"
    Options = EspeakSpeakerOptions

    def card(self) -> Card:
        found = find_installed()
        return Card(
            summary="Speaks more than a hundred languages at once, like a machine; knows the time of every phoneme.",
            summary_ko="백 가지가 넘는 언어를 바로 말해요. 기계 같은 소리지만 음소마다 때를 정확히 알아요.",
            languages=tuple(found.languages) if found else (),
            sample_rate=SOURCE_RATE,
            code_licence="GPL-3.0-or-later",
            parts={"voice": f"espeak-ng ({PACKAGE} {found.version})"} if found else {},
        )

    def status(self) -> Status:
        if find_installed() is not None:
            return READY
        return Status(
            state="missing",
            reason="espeak-ng is not installed",
            cure=f"Install {PACKAGE}.",
            reason_ko="espeak-ng가 설치되어 있지 않아요",
            cure_ko=f"설치하세요: {PACKAGE}",
        )

    def voices(self) -> tuple[Voice, ...]:
        found = find_installed()
        variants = found.variants if found else ()
        return tuple(
            Voice(name=one.name, gender=one.gender if one.gender in ("female", "male") else "")  # type: ignore[arg-type]  # narrowed
            for one in variants
        )

    def check(self, task: SpeakTask, options: EspeakSpeakerOptions) -> None:
        found = find_installed()
        if found is None:
            return  # `status` tells
        _language(task, found)
        names = [one.name for one in found.variants]
        if task.voice and task.voice not in names:
            raise _unknown("voice", task.voice, names)
        _within("rate", task.rate, SLOWEST, FASTEST)
        _within("pitch", task.pitch, LOWEST, HIGHEST)

    def run(self, task: SpeakTask, options: EspeakSpeakerOptions, context: RunContext) -> Speech:
        self.check(task, options)
        found = find_installed()
        assert found is not None, "`check` has seen the languages"
        context.progress("speak", 0.0)
        context.check_cancelled()
        language = _language(task, found)
        spoken = speak(
            task.text,
            language=language,
            variant=task.voice,
            rate=task.rate,
            pitch=task.pitch,
            intonation=task.intonation,
            heartbeat=context.check_cancelled,
        )
        samples = _levelled(spoken, task.volume, options.padding)
        context.save_audio(SPEECH, samples[None], SOURCE_RATE)
        context.progress("speak", 1.0)
        return Speech(
            text=spoken.text,
            language=language,
            voice=task.voice,
            duration=Seconds(len(samples) / SOURCE_RATE),
            sample_rate=SOURCE_RATE,
            words=tuple(_word(word, options.padding) for word in spoken.words),
        )


def _language(task: SpeakTask, found: Installed) -> str:
    """The tag as espeak takes it: the task's, or without its last parts where only that is known (ko-KR: ko). Raises
    `InvalidRequest`."""
    wanted = guess_language(task.text) if task.language == "auto" else task.language.lower()
    parts = wanted.split("-")
    for count in range(len(parts), 0, -1):
        tag = "-".join(parts[:count])
        tag = OWN_CHOICE.get(tag, tag)
        if tag in found.languages:
            return tag
    raise _unknown("language", task.language, list(found.languages))


def _within(field: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        what = {"rate": "빠르기", "pitch": "높이"}[field]
        raise InvalidRequest(
            Text(
                f"This engine's {field} goes from {low:.2g} to {high:.2g}.",
                f"이 엔진의 {what}는 {low:.2g}부터 {high:.2g}까지예요.",
            ),
            field=field,
        )


def _unknown(field: str, name: str, known: list[str]) -> InvalidRequest:
    listed = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
    what = {"voice": "목소리", "language": "언어"}[field]
    return InvalidRequest(
        Text(f"There is no {field} “{name}”.", f"{what} {attach(f'“{name}”', '이/가')} 없어요."),
        field=field,
        cure=Text(f"Choose one of: {listed}.", f"다음 중에서 고르세요: {listed}."),
    )


def _levelled(spoken: Spoken, volume: float, padding: Seconds) -> np.ndarray:
    """Shape [n], float32."""
    silence = np.zeros(round(padding * SOURCE_RATE))
    sound = np.concatenate((silence, spoken.samples * 10 ** (volume / 20), silence))
    return sound.astype(np.float32)


def _word(word: TimedWord, shift: Seconds) -> SpokenWord:
    def moved(time: Seconds) -> Seconds:
        return Seconds(round(time + shift, 4))

    return SpokenWord(
        text=word.text,
        first=word.first,
        start=moved(word.start),
        end=moved(word.end),
        phonemes=tuple(SpokenPhoneme(ipa=one.ipa, start=moved(one.start), end=moved(one.end)) for one in word.phonemes),
    )
