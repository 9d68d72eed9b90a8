"""What happens to music on its way to an analyser: noise, rooms, loudspeakers, tapes, codecs and silence.

Each way takes mono sound at `RATE` and the truth of it, and gives both back as they are afterwards.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy
import soundfile

from pansori.engines.analyze.pansori.music import RATE
from pansori.engines.analyze.pansori.music.model import Samples

Truth = dict[str, Any]
Way = Callable[[Samples, Truth, np.random.Generator], tuple[Samples, Truth]]

LEAD, GAP = 2.3, 1.5  #: seconds of silence before the music, and within it
REVERBERATION, WET = 1.1, 0.5  #: seconds until it has fallen by 60 dB; share of the level
TILT = 9.0  #: dB by which treble is lost and bass is won, about 1 kHz
DRIVE = 5.0  #: how far a tape is overdriven
CENTS = 45.0  #: by which a tape runs too fast
BITS = 0.6  #: of libsndfile's scale of compression: 64 kbit/s of mono at this rate


def noise(decibels: float) -> Way:
    """White noise, so far under the music."""

    def spoil(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
        level = float(np.sqrt(np.mean(sound**2))) * 10 ** (-decibels / 20)
        return (sound + level * chance.standard_normal(len(sound))).astype(np.float32), truth

    return spoil


def silence(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
    """The music begins late, and is silent for a while in its middle, where its beats go on."""
    middle = len(sound) // 2
    muted = sound.copy()
    muted[middle : middle + round(GAP * RATE)] = 0.0
    return np.concatenate([np.zeros(round(LEAD * RATE), np.float32), muted]), moved(truth, lambda time: time + LEAD)


def room(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
    times = np.arange(round(REVERBERATION * RATE)) / RATE
    tail = chance.standard_normal(len(times)) * 10 ** (-3.0 * times / REVERBERATION)
    wet = scipy.signal.fftconvolve(sound, tail)[: len(sound)]
    wet *= WET * float(np.std(sound)) / max(float(np.std(wet)), 1e-9)
    return (sound + wet).astype(np.float32), truth


def loudspeaker(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
    """Dark, and without the lowest octave."""
    spectrum = scipy.fft.rfft(sound)
    frequencies = np.maximum(scipy.fft.rfftfreq(len(sound), 1.0 / RATE), 1.0)
    gain = 10 ** (-TILT / 20 * np.tanh(np.log2(frequencies / 1_000.0) / 2)) / (1.0 + (60.0 / frequencies) ** 4)
    return scipy.fft.irfft(spectrum * gain, len(sound)).astype(np.float32), truth


def overdriven(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
    peak = float(np.abs(sound).max(initial=1e-9))
    return np.tanh(DRIVE * sound / peak).astype(np.float32), truth


def fast_tape(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
    """Higher by less than a quarter-tone, and faster."""
    import soxr

    ratio = 2.0 ** (CENTS / 1_200)
    faster = moved(truth, lambda time: time / ratio) | {"tempo": truth["tempo"] * ratio}
    return soxr.resample(sound, RATE * ratio, RATE).astype(np.float32), faster


def mp3(sound: Samples, truth: Truth, chance: np.random.Generator) -> tuple[Samples, Truth]:
    """What is left of it in few bits; the coder's delay is taken out."""
    held = io.BytesIO()
    scaled = sound / max(1.0, float(np.abs(sound).max(initial=0.0)))
    with soundfile.SoundFile(held, "w", RATE, 1, format="MP3", compression_level=BITS, bitrate_mode="CONSTANT") as file:
        file.write(scaled)
    held.seek(0)
    coded, _ = soundfile.read(held, dtype="float32")
    size = min(len(coded), len(sound), 10 * RATE)
    alike = scipy.signal.correlate(coded[:size], sound[:size], method="fft")
    delay = max(0, int(np.argmax(alike)) - (size - 1))
    return coded[delay : delay + len(sound)], truth


NOISE = "noise at 20 dB"
WAYS: dict[str, Way] = {
    NOISE: noise(20.0),
    "noise at 10 dB": noise(10.0),
    "silences": silence,
    "a room": room,
    "a dark loudspeaker": loudspeaker,
    "an overdriven tape": overdriven,
    "a fast tape": fast_tape,
    "MP3 of 64 kbit/s": mp3,
}


def moved(truth: Truth, move: Callable[[float], float]) -> Truth:
    """The truth with its times moved."""
    spans = {name: [[move(a), move(b), label] for a, b, label in truth[name]] for name in ("chords", "sections")}
    return truth | spans | {name: [move(time) for time in truth[name]] for name in ("beats", "downbeats")}
