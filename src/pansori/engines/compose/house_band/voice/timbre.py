"""The colour of the voice: the band above espeak's, strength, the singer's formant, breath.

All functions take natural logarithms of power, [frames, bins], bins 21.5 Hz apart.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Hertz
from pansori.engines.compose.house_band.voice.analysis import BINS, FFT_SIZE, Floats, Singles
from pansori.espeak import SOURCE_RATE

BIN_WIDTH = SOURCE_RATE / FFT_SIZE  # Hz
DECIBEL = np.log(10.0) / 10.0  # natural logarithm of power in a decibel
_SOURCE_TOP = Hertz(9_500.0)  # above it the source's own low-pass takes effect
_VOICE_TOP = Hertz(4_800.0)  # espeak's vowels have no formants above it
_VOICE_SLOPE, _NOISE_SLOPE = 9.0, 4.0  # decibels an octave, downwards
_OPENING_TOP = Hertz(1_400.0)
_FORMANT, _FORMANT_WIDTH = Hertz(3_000.0), Hertz(550.0)


def widen(log_envelope: Singles, voiced: npt.NDArray[np.bool_], bins: int) -> Singles:
    """Continue the source's spectrum up to `bins` bins: vowels fall gently from what they have at 4 kHz, where the
    source has next to nothing, and hisses go on from 8 kHz. Without it the voice sounds like a telephone."""
    frequencies = np.arange(bins) * BIN_WIDTH
    wide = np.empty((len(log_envelope), bins), np.float32)
    wide[:, :BINS] = log_envelope
    top = round(_SOURCE_TOP / BIN_WIDTH)
    low, high = round(6_500 / BIN_WIDTH), round(9_000 / BIN_WIDTH)
    hiss = log_envelope[:, low:high].mean(axis=1, keepdims=True)
    octaves = np.log2(np.maximum(frequencies[top:], 1.0) / 7_700.0)
    wide[:, top:] = hiss - (_NOISE_SLOPE * DECIBEL * octaves).astype(np.float32)
    voice = round(_VOICE_TOP / BIN_WIDTH)
    low = round(3_300 / BIN_WIDTH)
    level = log_envelope[:, low:voice].mean(axis=1, keepdims=True)
    octaves = np.log2(frequencies[voice:] / 4_000.0)
    floor = level - ((6.0 + _VOICE_SLOPE * octaves) * DECIBEL).astype(np.float32)
    wide[:, voice:] = np.where(voiced[:, None], np.maximum(wide[:, voice:], floor), wide[:, voice:])
    return wide


def colour(bins: int, energy: float) -> Singles:
    """[bins] to be added: a stronger voice has more of its upper partials, and the singer's formant."""
    frequencies = np.arange(bins) * BIN_WIDTH
    octaves = np.clip(np.log2(np.maximum(frequencies, 1.0) / 700.0), 0.0, 3.0)
    tilt = (energy - 0.4) * 4.0 * octaves
    bump = (1.5 + 3.0 * energy) * np.exp(-0.5 * ((frequencies - _FORMANT) / _FORMANT_WIDTH) ** 2)
    return np.asarray((tilt + bump) * DECIBEL, dtype=np.float32)


def breathe(aperiodicity: Singles, bins: int, breath: float) -> Floats:
    """Aperiodicity up to `bins` bins, with `breath` (0–1) of noise mixed in, more of it the higher the band."""
    frequencies = np.arange(bins) * BIN_WIDTH
    wide = np.empty((len(aperiodicity), bins))
    wide[:, :BINS] = aperiodicity
    wide[:, BINS:] = aperiodicity[:, -1:]
    floor = (
        0.02
        + breath * 0.25 * np.clip(frequencies / 4_000.0, 0.0, 1.0)
        + 0.55 * np.clip((frequencies - 4_500.0) / 6_000.0, 0.0, 1.0)
    )
    return np.asarray(np.clip(np.maximum(wide, floor), 0.001, 0.999))


class Opening:
    """A singer opens the mouth for a note above the vowel's first formant, which so follows the note. Only what lies
    below 1.4 kHz moves; the vowel is known by what lies above (Sundberg, "The Science of the Singing Voice")."""

    def __init__(self, vowel: Singles, pitch: Hertz) -> None:
        """`vowel`: the envelope of the held vowel, [bins]; `pitch`: of the highest note it is sung on."""
        low, high = round(200 / BIN_WIDTH), round(900 / BIN_WIDTH)
        first = (low + int(np.argmax(vowel[low:high]))) * BIN_WIDTH
        wanted = min(1.05 * pitch, _OPENING_TOP - 400.0)
        self._index: npt.NDArray[np.intp] | None = None
        if wanted > first:
            frequencies = np.arange(round(_OPENING_TOP / BIN_WIDTH)) * BIN_WIDTH
            source = np.interp(frequencies, [0.0, wanted, _OPENING_TOP], [0.0, first, _OPENING_TOP]) / BIN_WIDTH
            self._index = source.astype(np.intp)
            self._part = (source - self._index).astype(np.float32)

    def __call__(self, log_envelope: Singles) -> Singles:
        """The same envelope ([frames, bins]) with the first formant moved."""
        if self._index is None:
            return log_envelope
        opened = log_envelope.copy()
        low, high = log_envelope[:, self._index], log_envelope[:, self._index + 1]
        opened[:, : len(self._index)] = low + (high - low) * self._part
        return opened


def harmonic_power(log_envelope: Singles, pitch: Hertz) -> float:
    """Power of a tone of `pitch` under one envelope ([bins]): the sum over its partials up to 5 kHz."""
    partials = np.arange(pitch, 5_000.0, pitch)
    return float(np.sum(np.exp(np.interp(partials / BIN_WIDTH, np.arange(len(log_envelope)), log_envelope))) * pitch)
