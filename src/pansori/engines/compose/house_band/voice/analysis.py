"""Spoken sounds taken apart by WORLD: spectral envelope, aperiodicity and voicing, frame by frame.

Morise, Yokomori, Ozawa: "WORLD: A Vocoder-Based High-Quality Speech Synthesis System" (2016).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Seconds
from pansori.engines.compose.house_band.voice.phonemes import Phoneme
from pansori.engines.compose.house_band.voice.source import Sound
from pansori.espeak import SOURCE_RATE

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]

FRAME = Seconds(0.005)
FFT_SIZE = 1024  # at SOURCE_RATE: 513 bins of 21.5 Hz; at 44,100 Hz a size of 2048 has bins of the same width
BINS = FFT_SIZE // 2 + 1
_PAD = 0.05  # seconds of silence around each sound, so that positions just outside it exist
_F0_FLOOR, _F0_CEILING = 60.0, 400.0
# The most noise in a vowel, by frequency: speech is rougher than singing, and rough vowels make a pitch uncertain.
_CLEAN = np.interp(np.arange(BINS) * SOURCE_RATE / FFT_SIZE, [800.0, 4_000.0, 8_000.0], [0.06, 0.25, 1.0])
_SILENCE = 1e-9  # power per bin below which there is nothing


@dataclass(frozen=True)
class Analysed:
    """All sounds of a song, one after the other, in frames of `FRAME`."""

    log_envelope: Singles  #: [frames, BINS], natural logarithm of power
    aperiodicity: Singles  #: [frames, BINS], 0–1
    voiced: npt.NDArray[np.bool_]  #: [frames]
    loudness: Singles  #: [frames], natural logarithm of the envelope's power, smoothed
    offsets: tuple[float, ...]  #: the frame at which each sound's time 0 lies

    def position(self, sound: int, time: float) -> float:
        """The frame, with its fraction, at `time` of `sound`."""
        return self.offsets[sound] + time / FRAME


def analyse(sounds: Sequence[Sound], pool: Executor, progress: Callable[[float], None]) -> Analysed:
    """Take all sounds apart; the order of the pool's work changes nothing. `progress` is called with 0–1."""
    done = []
    for found in pool.map(_analyse, sounds):
        done.append(found)
        progress(len(done) / len(sounds))
    starts = np.cumsum([0] + [len(voiced) for _, _, voiced in done])
    log_envelope = np.concatenate([envelope for envelope, _, _ in done])
    return Analysed(
        log_envelope=log_envelope,
        aperiodicity=np.concatenate([aperiodicity for _, aperiodicity, _ in done]),
        voiced=np.concatenate([voiced for _, _, voiced in done]),
        loudness=_loudness(log_envelope),
        offsets=tuple(float(start) + _PAD / FRAME for start in starts[:-1]),
    )


def _loudness(log_envelope: Singles) -> Singles:
    power = np.exp(log_envelope).sum(axis=1)
    kernel = np.hanning(7)[1:-1]
    return np.asarray(np.log(np.convolve(power, kernel / kernel.sum(), mode="same")), dtype=np.float32)


def _analyse(sound: Sound) -> tuple[Singles, Singles, npt.NDArray[np.bool_]]:
    import pyworld

    samples = np.pad(sound.samples, round(_PAD * SOURCE_RATE))
    found, times = pyworld.dio(samples, SOURCE_RATE, f0_floor=_F0_FLOOR, f0_ceil=_F0_CEILING, frame_period=FRAME * 1000)
    found = pyworld.stonemask(samples, found, times, SOURCE_RATE)
    pitch = _voicing(found, times - _PAD, sound.phonemes)
    envelope = pyworld.cheaptrick(samples, pitch, times, SOURCE_RATE, fft_size=FFT_SIZE)
    aperiodicity = pyworld.d4c(samples, pitch, times, SOURCE_RATE, fft_size=FFT_SIZE)
    clean = _during(times - _PAD, (phoneme for phoneme in sound.phonemes if phoneme.is_sonorant))
    aperiodicity[clean] = np.minimum(aperiodicity[clean], _CLEAN)
    logarithm = np.log(np.maximum(envelope, _SILENCE)).astype(np.float32)
    return logarithm, aperiodicity.astype(np.float32), pitch > 0


def _during(times: Floats, phonemes: Iterable[Phoneme]) -> npt.NDArray[np.bool_]:
    """Which frames lie in one of `phonemes`."""
    inside = np.zeros(len(times), dtype=np.bool_)
    for phoneme in phonemes:
        inside |= (times >= phoneme.start) & (times < phoneme.end)
    return inside


def _voicing(found: Floats, times: Floats, phonemes: Sequence[Phoneme]) -> Floats:
    """F0 of each frame, 0 where unvoiced. What a phoneme must be decides; the measurement decides where it may be
    either, as voiced stops and fricatives may. espeak speaks on one pitch, so a gap is filled with the median."""
    usual = float(np.median(found[found > 0])) if np.any(found > 0) else 150.0
    # espeak's pitch hardly moves: an estimate far from it is an octave error.
    sane = np.where(np.abs(np.log2(np.maximum(found, 1.0) / usual)) < 0.2, found, 0.0)
    pitch = sane.copy()
    for phoneme in phonemes:
        inside = (times >= phoneme.start) & (times < phoneme.end)
        if phoneme.is_voiceless:
            pitch[inside] = 0.0
        elif phoneme.is_sonorant:
            pitch[inside] = np.where(sane[inside] > 0, sane[inside], usual)
    return pitch
