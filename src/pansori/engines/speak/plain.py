"""Speaking with engines that say a text and no more: what markup and tasks want beside is done here, or told."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import EngineFailed, Text
from pansori.domain.tasks import SpeakTask
from pansori.domain.units import SampleRateHz
from pansori.engines.speak.base import SpokenPart, SpokenWord
from pansori.engines.speak.manner import Manner
from pansori.engines.speak.script import Joined, Line, Script, paused, sections
from pansori.engines.speak.ssml import Pause

NO_PITCH = Text(
    "This engine speaks at its voice's own pitch.", "이 엔진은 높이와 억양을 바꾸지 않고 목소리 그대로 말해요."
)
NO_RATE = Text("This engine speaks at its own rate.", "이 엔진은 빠르기를 바꾸지 못해요.")
NO_PHONEMES = Text(
    "This engine reads by itself what was to be pronounced in a certain way.",
    "발음을 정해 준 부분도 이 엔진이 스스로 읽었어요.",
)


@dataclass(frozen=True)
class Sound:
    """What was said of one text. The words' indices are of the whole text, their times from its beginning."""

    samples: npt.NDArray[np.float32]  #: mono, shape [n], full scale ±1.0
    rate: SampleRateHz
    words: tuple[SpokenWord, ...] = ()
    notices: tuple[Text, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A text that is to be said."""

    joined: Joined
    language: str
    voice: str
    rate: float

    @property
    def text(self) -> str:
        return self.joined.said


def speak_plainly(
    task: SpeakTask,
    script: Script,
    say: Callable[[Wanted], Sound],
    *,
    has_rate: bool = True,
    has_phonemes: bool = False,
) -> Iterator[SpokenPart]:
    """The script's lines, each said by `say`, with pauses and volumes. Text that has nothing to be said is silence."""
    rate: SampleRateHz | None = None
    told = _told(task, script, has_rate, has_phonemes)
    for number, line in enumerate(script.lines):
        spoken = list(_line(task, line, say))
        rate = rate or next((one.rate for one in spoken if isinstance(one, Sound)), None)
        if rate is None:  # nothing but silence so far
            rate = SampleRateHz(24_000)
        yield _part(script, number, spoken, rate, paused(script, number) / task.rate, told)


def _line(task: SpeakTask, line: Line, say: Callable[[Wanted], Sound]) -> Iterator[Sound | Pause]:
    for section in sections(line, _matters):
        if isinstance(section, Pause):
            yield section
        elif any(map(str.isalnum, section.said)):
            manner = section.runs[0].manner
            wanted = Wanted(section, manner.language, manner.voice or task.voice, task.rate * manner.rate)
            sound = say(wanted)
            gain = np.float32(10 ** ((task.volume + min(manner.volume, 0.0)) / 20))
            yield Sound(sound.samples * gain, sound.rate, sound.words, sound.notices)


def _part(
    script: Script, number: int, spoken: list[Sound | Pause], rate: SampleRateHz, after: float, told: tuple[Text, ...]
) -> SpokenPart:
    line = script.lines[number]
    sounds: list[npt.NDArray[np.float32]] = []
    words: list[SpokenWord] = []
    notices = list(told)
    count = 0
    for one in spoken:
        if isinstance(one, Pause):
            samples = _silence(one.seconds, rate)
        else:
            if one.rate != rate:
                raise EngineFailed(
                    Text("The engine changed its sample rate on the way.", "엔진이 도중에 샘플레이트를 바꿨어요.")
                )
            samples = one.samples
            words += (word.later(count / rate) for word in one.words)
            notices += one.notices
        sounds.append(samples)
        count += len(samples)
    sounds.append(_silence(after if spoken else max(after, 0.1), rate))
    return SpokenPart(
        line.text, line.first, np.concatenate(sounds), rate, tuple(words), script.language, tuple(notices)
    )


def _matters(manner: Manner) -> tuple[object, ...]:
    return manner.language, manner.voice, manner.rate, manner.volume


def _told(task: SpeakTask, script: Script, has_rate: bool, has_phonemes: bool) -> tuple[Text, ...]:
    runs = [run for line in script.lines for run in line.runs]
    told = []
    if task.pitch or task.intonation != 1.0 or any(run.manner.pitch for run in runs):
        told.append(NO_PITCH)
    if not has_rate and (task.rate != 1.0 or any(run.manner.rate != 1.0 for run in runs)):
        told.append(NO_RATE)
    if not has_phonemes and any(run.ipa for run in runs):
        told.append(NO_PHONEMES)
    return tuple(told)


def _silence(seconds: float, rate: SampleRateHz) -> npt.NDArray[np.float32]:
    return np.zeros(round(seconds * rate), np.float32)
