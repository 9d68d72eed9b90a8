"""A clip as it is compared: one channel at 16 kHz, its spectrum on the mel scale, where speech begins and ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.units import Hertz, SampleRateHz, Seconds
from pansori.engines.base import Recording

Values = npt.NDArray[np.float64]

RATE: Final = SampleRateHz(16_000)
WINDOW: Final = 400  # samples: 25 ms
FFT: Final = 512
BANDS: Final = 40
LOWEST, HIGHEST = Hertz(80.0), Hertz(7000.0)
QUIET: Final = -35.0  # dB against the loudest, below which silence is
OVER_NOISE: Final = 6.0  # dB that speech stands above what is heard all the time
SHORTEST_SOUND: Final = Seconds(0.05)  #: what is shorter, far from all else, is a click
TINY: Final = 1e-10  # of full scale's power: -100 dB


@dataclass(frozen=True)
class Heard:
    """`power`: shape [frames, bins]; frame i stands around sample i · `hop`. `first`, `last`: the frames of the first
    and last sound, both included; both None where there is none."""

    samples: Values
    hop: int
    power: npt.NDArray[np.float32]
    level: Values  #: dB of each frame
    first: int | None
    last: int | None

    @property
    def step(self) -> Seconds:
        return Seconds(self.hop / RATE)

    @property
    def speech(self) -> npt.NDArray[np.float32]:
        """The power from first to last sound."""
        assert self.first is not None, "there is some"
        assert self.last is not None, "there is some"
        return self.power[self.first : self.last + 1]


def listen(recording: Recording, hop: int) -> Heard:
    import soxr

    mono = np.asarray(recording.samples.mean(axis=0, dtype=np.float64))
    samples = soxr.resample(mono, recording.rate, RATE) if recording.rate != RATE else mono
    return hear(np.asarray(samples, dtype=np.float64), hop)


def hear(samples: Values, hop: int) -> Heard:
    """`samples`: at `RATE`."""
    frames = 1 + len(samples) // hop
    padded = np.pad(samples - samples.mean(), (WINDOW // 2, WINDOW // 2 + hop))
    pieces = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop][:frames]
    window = scipy.signal.windows.hann(WINDOW, sym=False)
    spectra = np.fft.rfft(pieces * (window / np.sqrt(np.sum(window**2) * RATE)), FFT)
    power = np.square(np.abs(spectra)).astype(np.float32)
    inside = (BINS >= LOWEST) & (BINS <= HIGHEST)
    level = 10 * np.log10(power[:, inside].sum(axis=1, dtype=np.float64) * (RATE / FFT) + TINY)
    first, last = _ends(level, hop)
    return Heard(samples, hop, power, level, first, last)


BINS: Final = np.fft.rfftfreq(FFT, 1 / RATE)


def mel_bank(highest: Hertz, stretch: float = 1.0) -> Values:
    """Triangles that touch, even on the mel scale (2595 log10(1 + f / 700), D. O'Shaughnessy), shape [bands, bins].
    `stretch`: what the spectrum's frequencies are multiplied with, for a shorter or longer vocal tract."""
    edges = np.linspace(_mel(LOWEST), _mel(highest), BANDS + 2)
    hertz = 700 * (10 ** (edges / 2595) - 1) / stretch
    low, middle, high = hertz[:-2, None], hertz[1:-1, None], hertz[2:, None]
    rising, falling = (BINS - low) / (middle - low), (high - BINS) / (high - middle)
    bank = np.maximum(0.0, np.minimum(rising, falling))
    return np.asarray(bank / np.maximum(bank.sum(axis=1, keepdims=True), 1e-9))


def _mel(hertz: float) -> float:
    return float(2595 * np.log10(1 + hertz / 700))


def _ends(level: Values, hop: int) -> tuple[int | None, int | None]:
    loudest, floor = float(np.percentile(level, 98)), float(np.percentile(level, 2))
    if loudest <= 10 * np.log10(TINY) + 20:
        return None, None
    threshold = max(loudest + QUIET, min(floor + OVER_NOISE, loudest - OVER_NOISE))
    padded = np.concatenate(([False], level > threshold, [False])).astype(np.int8)
    runs = np.flatnonzero(np.diff(padded)).reshape(-1, 2)
    kept = runs[(runs[:, 1] - runs[:, 0]) * hop / RATE >= SHORTEST_SOUND]
    return (int(kept[0, 0]), int(kept[-1, 1]) - 1) if len(kept) else (None, None)
