"""The colour of a recording as a whole, in which noise, music and voices differ."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.analyze.pansori.blocks import Mono

FRAME = Seconds(0.02)
RUMBLE = 75.0  #: Hz; below lie the mains and the wind, and no voice
SPECTRUM = 4096

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Colour:
    """Of the whole. All but `moved` are shares from 0 to 1."""

    gaps: float  #: of all frames, that are far softer than their surroundings
    bass: float  #: of the power, that comes and goes below what voices have
    flat: float  #: flatness of the spectrum within its bands: 1 of noise of any colour
    moved: float  #: dB, how far the level moves around its mean in tenths of a second
    pure: float  #: of the power, that is in the strongest partial


def colour_of(part: Mono, rate: SampleRateHz) -> Colour:
    level = levels_of(without_rumble(part, rate), rate)
    bright = levels_of(np.diff(part, prepend=part[:1]), rate)  # so that rumble is no movement
    coarse = bright[: len(bright) // 5 * 5].reshape(-1, 5).max(axis=1) if len(bright) >= 5 else bright
    local = np.convolve(10 ** (level / 20), np.ones(50) / min(50, len(level)), mode="same")[: len(level)]
    spectra = _spectra(part)
    mean = spectra.mean(axis=0)
    return Colour(
        gaps=float(np.mean(10 ** (level / 20) < 0.5 * local)),
        bass=_bass(spectra, rate),
        flat=_flatness(mean, rate),
        moved=float(np.std(np.maximum(coarse, coarse.max() - 50))),
        pure=_purity(mean),
    )


@lru_cache(maxsize=4)
def _rumble(rate: SampleRateHz) -> Values:
    return np.asarray(scipy.signal.butter(8, RUMBLE, "highpass", fs=rate, output="sos"))


def without_rumble(part: Mono, rate: SampleRateHz) -> Values:
    return np.asarray(scipy.signal.sosfilt(_rumble(rate), part))


def levels_of(part: Values | Mono, rate: SampleRateHz) -> Values:
    size = round(FRAME * rate)
    frames = part[: max(len(part) // size, 1) * size]
    frames = frames.reshape(-1, size) if len(frames) >= size else frames[None, :]
    levels: Values = 10 * np.log10(np.mean(np.square(frames), axis=1, dtype=np.float64) + 1e-14)
    return levels


def _spectra(part: Mono) -> Values:
    """Power by time and frequency, of frames that overlap by half: noise is flat only in the mean of many."""
    step = SPECTRUM // 2
    padded = np.pad(part, (0, max(SPECTRUM - len(part), -len(part) % step)))
    frames = np.lib.stride_tricks.sliding_window_view(padded, SPECTRUM)[::step]
    bins = scipy.fft.rfft(frames * np.hanning(SPECTRUM).astype(np.float32), axis=1)
    power: Values = np.square(bins.real, dtype=np.float64) + np.square(bins.imag, dtype=np.float64)
    return power


def _bass(spectra: Values, rate: SampleRateHz) -> float:
    """Share of the power that comes and goes between 25 and 70 Hz; hum, which stays, is not counted."""
    frequencies = np.fft.rfftfreq(SPECTRUM, 1 / rate)
    band = spectra[:, (frequencies > 25) & (frequencies < 70)].sum(axis=1)
    low, high = np.percentile(band, (10, 90))
    return float((high - low) / max(float(spectra.sum(axis=1).mean()), 1e-20))


def _purity(power: Values) -> float:
    """Share of the strongest line of the spectrum, as wide as the window makes it."""
    top = int(np.argmax(power))
    return float(power[max(top - 3, 0) : top + 4].sum() / max(float(power.sum()), 1e-20))


def _flatness(power: Values, rate: SampleRateHz) -> float:
    """Flatness within each third of an octave, so that noise of any colour is flat and tones are not."""
    edges = np.geomspace(200, min(8000.0, 0.45 * rate), 17)
    found = []
    for low, high in pairwise(np.rint(edges * SPECTRUM / rate).astype(int).tolist()):
        part = power[low:high] + 1e-14
        found.append(float(np.exp(np.mean(np.log(part))) / np.mean(part)))
    return float(np.mean(found))
