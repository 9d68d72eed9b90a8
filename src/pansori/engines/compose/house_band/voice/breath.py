"""The breath a singer takes between lines."""

from __future__ import annotations

import numpy as np

from pansori.domain.units import Decibels, SampleRateHz, Seconds
from pansori.engines.compose.house_band.voice.analysis import Floats

LEVEL = Decibels(-46.0)  # RMS, in dB below full scale
LONGEST, SHORTEST = Seconds(0.45), Seconds(0.15)

# Resonances of a throat that draws in air: Hz, width in Hz, gain in dB.
_RESONANCES = ((1_100.0, 350.0, 0.0), (1_900.0, 400.0, 3.0), (3_300.0, 700.0, -3.0), (6_000.0, 2_200.0, -6.0))


def inhale(length: Seconds, sample_rate: SampleRateHz, random: np.random.Generator) -> Floats:
    """`length` of drawn-in air, swelling slowly and stopping soon; [samples]."""
    count = max(2, round(length * sample_rate))
    frequencies = np.fft.rfftfreq(count, 1.0 / sample_rate)
    shape = sum(
        10.0 ** (gain / 20.0) * np.exp(-0.5 * ((frequencies - centre) / width) ** 2)
        for centre, width, gain in _RESONANCES
    )
    noise = np.fft.irfft(np.fft.rfft(random.standard_normal(count)) * shape, count)
    position = np.linspace(0.0, 1.0, count)
    swell = np.sin(np.pi * position**1.6) ** 2  # its top lies late
    sound = noise * swell
    return np.asarray(sound * 10.0 ** (LEVEL / 20.0) / (np.sqrt(np.mean(sound**2)) + 1e-12))
