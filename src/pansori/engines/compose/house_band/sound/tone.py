"""Tonal balance: how loud each octave is beside the others, and filters that bring it nearer to what is usual."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.fft import rfft

from pansori.domain.units import Hertz, SampleRateHz
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.sound.effects import Section, blocks, high_shelf, low_shelf, peak

Balance = tuple[tuple[Hertz | float, float], ...]  #: an octave's middle and its level in decibels beside the others

FRAME = 8192  #: samples of one spectrum
STRENGTH = 0.6  #: share of the way that is gone
MOST = 5.0  #: decibels that any filter may change
HIGHEST = 0.4  #: of the sampling rate: octaves above are not whole

MIX: Balance = ((60, 0.0), (150, -1.5), (400, -5.0), (1000, -8.0), (2500, -11.0), (6000, -15.5), (12_000, -22.0))
"""What mixes of popular music have in common: a power density that falls by about 5 dB an octave between 100 Hz and
4 kHz (after P. Pestana et al., Spectral characteristics of popular commercial recordings 1950-2010, AES 135, 2013)."""
VOICE: Balance = ((250, -2.0), (500, 0.0), (1000, -2.5), (2000, -5.5), (4000, -8.0), (8000, -14.0))
"""A sung voice close to the microphone: fullest around 500 Hz, clear and not sharp at 3 kHz."""


def octave_levels(samples: Samples, rate: SampleRateHz, balance: Balance) -> npt.NDArray[np.float64]:
    """Decibels of power in each octave of `balance`, beside their mean."""
    frequencies = np.fft.rfftfreq(FRAME, 1 / rate)
    window = np.hanning(FRAME).astype(np.float32)
    total = np.zeros(len(frequencies))
    for part in blocks(samples.shape[1]):
        chunk = np.pad(samples[:, part], ((0, 0), (0, -(part.stop - part.start) % FRAME)))
        spectra = rfft(chunk.reshape(chunk.shape[0], -1, FRAME) * window, axis=2)
        total += np.sum(np.abs(spectra) ** 2, axis=(0, 1), dtype=np.float64)
    inside = [(frequencies >= band / np.sqrt(2)) & (frequencies < band * np.sqrt(2)) for band, _ in balance]
    found = 10.0 * np.log10(np.array([total[mask].sum() for mask in inside]) + 1e-15)
    return np.asarray(found - found.mean())


def correction(samples: Samples, rate: SampleRateHz, balance: Balance, brightness: float = 0.0) -> tuple[Section, ...]:
    """Broad filters towards `balance`, none for silence. `brightness`: decibels of tilt, up in the highest octave."""
    if not np.any(samples):
        return ()
    balance = tuple(band for band in balance if band[0] < HIGHEST * rate)
    wanted = np.array([level for _, level in balance]) + brightness * np.linspace(-1.0, 1.0, len(balance))
    gains = STRENGTH * (wanted - wanted.mean() - octave_levels(samples, rate, balance))
    (low, low_gain), *middle, (high, high_gain) = zip(
        [frequency for frequency, _ in balance], np.clip(gains, -MOST, MOST).tolist(), strict=True
    )
    return (
        low_shelf(low * 1.4, low_gain, rate),
        *(peak(frequency, gain, rate, q=0.8) for frequency, gain in middle),
        high_shelf(high * 0.75, high_gain, rate),
    )
