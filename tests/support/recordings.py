"""Recordings for tests of analysis, made in memory with known answers."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile

from pansori.domain.units import Bytes, SampleRateHz
from pansori.engines.base import Recording

RATE = SampleRateHz(48_000)
Sound = npt.NDArray[np.floating[Any]]


def recording(samples: Sound, rate: int = RATE) -> Recording:
    """`samples`: shape [frames] or [channels, frames]. As if it came from a WAV file."""
    kept = np.atleast_2d(samples).astype(np.float32)
    return Recording(
        samples=kept,
        rate=SampleRateHz(rate),
        container="wav",
        codec="pcm_f32le",
        media_type="audio/wav",
        size=Bytes(kept.nbytes + 44),
        sha256=hashlib.sha256(kept.tobytes()).hexdigest(),
    )


def tone(hertz: float, decibels: float, seconds: float, rate: int = RATE, phase: float = 0.0) -> Sound:
    """A sine whose peak is `decibels` against full scale, shape [frames]."""
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * time + phase))


def steps(*parts: tuple[float | None, float], hertz: float = 1000.0, rate: int = RATE) -> Sound:
    """A tone that changes its level: pairs of level (None: silence) and seconds. Shape [frames]."""
    sound = [tone(hertz, -300.0 if level is None else level, seconds, rate) for level, seconds in parts]
    return np.concatenate(sound)


def vowel(pitch: Sound, rate: int = RATE, harmonics: int = 30) -> Sound:
    """Harmonics of a pitch in Hz (0: silence), given for every sample, falling by 9 dB an octave. Shape [frames]."""
    phase = 2 * np.pi * np.cumsum(pitch) / rate
    numbers = [number for number in range(1, harmonics + 1) if number * float(pitch.max()) < rate / 2]
    sound = np.sum([np.sin(number * phase) / number**1.5 for number in numbers], axis=0)
    return np.asarray(0.2 * sound * (pitch > 0))


def wav(sound: Sound, rate: int = RATE) -> bytes:
    """As a WAV file. `sound`: shape [frames]."""
    file = io.BytesIO()
    soundfile.write(file, sound, rate, format="WAV")
    return file.getvalue()


def short(hertz: float = 220.0) -> bytes:
    """A file with a second of a tone."""
    return wav(tone(hertz, -12.0, 1.0, 8000), 8000)


def hiss(seconds: float, rate: int = RATE, seed: int = 0, level: float = 0.1) -> Sound:
    """White noise, shape [frames]."""
    return level * np.random.default_rng(seed).standard_normal(round(seconds * rate))
