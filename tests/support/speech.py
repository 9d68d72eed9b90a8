"""Spoken clips for tests: texts in two languages, said by espeak's voices, all of them in one process."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np

from pansori.engines.base import Recording
from pansori.espeak import SOURCE_RATE, Line, say
from support.recordings import Sound, recording

TEXTS = {
    "ko": "안녕하세요, 오늘은 날씨가 정말 좋네요.",
    "ko other": "저는 어제 친구와 바다에 다녀왔어요.",
    "en": "Please call me tomorrow before you leave the house.",
    "en other": "The quick brown fox jumps over the lazy dog.",
}
VOICES = {"ko": "ko", "en": "en-us"}


@dataclass(frozen=True)
class Clip:
    """`text`: of `TEXTS`; `voice`: a variant of espeak's, empty for the language's own."""

    text: str
    voice: str = ""
    rate: int = 175
    pitch: int = 50
    pitch_range: int = 50

    @property
    def line(self) -> Line:
        language = VOICES[self.text.partition(" ")[0]]
        voice = f"{language}+{self.voice}" if self.voice else language
        return Line(voice, TEXTS[self.text], self.rate, pitch=self.pitch, pitch_range=self.pitch_range)


class Speech:
    """What was said, by its clip; whatever is not there yet is said when it is asked for."""

    def __init__(self, *clips: Clip) -> None:
        said = say([clip.line for clip in clips])
        self._sounds = {clip: one.samples for clip, one in zip(clips, said, strict=True)}

    def sound(self, clip: Clip) -> Sound:
        if clip not in self._sounds:
            [said] = say([clip.line])
            self._sounds[clip] = said.samples
        return self._sounds[clip]

    @functools.cache  # noqa: B019 - as long as the clips themselves
    def clip(self, clip: Clip) -> Recording:
        return spoken(self.sound(clip))


def spoken(sound: Sound) -> Recording:
    return recording(sound, SOURCE_RATE)


def noisy(sound: Sound, decibels: float) -> Sound:
    """With white noise so far below the speech."""
    power = np.mean(np.square(sound[np.abs(sound) > 1e-4])) * 10 ** (-decibels / 10)
    return np.asarray(sound + np.random.default_rng(1).standard_normal(len(sound)) * np.sqrt(power))
