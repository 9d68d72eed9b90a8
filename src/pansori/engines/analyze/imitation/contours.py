"""Pitch and intensity of two clips, laid over each other: all on the frames of the reference's speech."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.units import Hertz
from pansori.engines.analyze.imitation.path import Values
from pansori.engines.analyze.imitation.sound import RATE, Heard
from pansori.engines.analyze.pansori.voice.praat import pitch_of, sound
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings

SMOOTHED: Final = 7  # frames that levels are smoothed over: the path itself is some frames uncertain
SOFTEST: Final = -30.0  # dB below the mean that still count
NOISE_PERCENTILE: Final = 10
NOISE_MARGIN: Final = 3.0  # dB
LOUDEST_FLOOR: Final = -6.0  # dB: where noise is nearer than that to the mean, it is not heard as such
HUM: Final = Hertz(90.0)  #: below it mains hum and rumble; a lower voice is known by its harmonics
FEWEST_VOICED: Final = 10  # frames


@dataclass(frozen=True)
class Pair:
    """Two courses on the same frames, NaN where there is nothing."""

    reference: Values
    attempt: Values

    @property
    def both(self) -> npt.NDArray[np.bool_]:
        return np.isfinite(self.reference) & np.isfinite(self.attempt)


def median_pitch(pitch: Values) -> Hertz | None:
    """Of `pitch_track`; None: nothing is voiced."""
    return Hertz(float(np.nanmedian(pitch))) if np.isfinite(pitch).any() else None


def pitch_track(heard: Heard) -> Values:
    """Hz for each frame of the speech, NaN where unvoiced.

    Praat looks twice, the second time between the limits that the first look suggests, which spares octave errors
    (D. Hirst, "The analysis by synthesis of speech melody", Journal of Speech Sciences 1, 2011).
    """
    first, last = _ends(heard)
    rumble = scipy.signal.butter(6, HUM, "highpass", fs=RATE, output="sos")
    whole = sound(scipy.signal.sosfiltfilt(rumble, heard.samples), RATE)
    found = _pitch(whole, VoiceSettings())
    voiced = found[1][np.isfinite(found[1])]
    if voiced.size:
        low, high = np.percentile(voiced, (25, 75))
        found = _pitch(
            whole, VoiceSettings(pitch_floor=Hertz(0.75 * float(low)), pitch_ceiling=Hertz(2.5 * float(high)))
        )
    times, values = found
    at = np.searchsorted((times[1:] + times[:-1]) / 2, np.arange(first, last + 1) * heard.step)
    return values[at]


def _pitch(whole: object, chosen: VoiceSettings) -> tuple[Values, Values]:
    found = pitch_of(whole, chosen)
    frequency = found.selected_array["frequency"]
    return np.asarray(found.xs()), np.where(frequency > 0, frequency, np.nan)


def semitones(reference: Values, attempt: Values, columns: Values) -> Pair | None:
    """`reference`, `attempt`: of `pitch_track`; `columns`: the attempt's frame for each of the reference's. Each about
    its speaker's median. None: too little is voiced in both."""
    if not (np.isfinite(reference).any() and np.isfinite(attempt).any()):
        return None
    own, other = (12 * np.log2(one / np.nanmedian(one)) for one in (reference, attempt))
    pair = Pair(own, other[np.round(columns).astype(int)])
    return pair if np.count_nonzero(pair.both) >= FEWEST_VOICED else None


def mean_level(heard: Heard) -> float:
    """dB, of the speech's power."""
    first, last = _ends(heard)
    return float(10 * np.log10(np.mean(10 ** (heard.level[first : last + 1] / 10))))


def levels(reference: Heard, attempt: Heard, columns: Values) -> Pair:
    """dB about each speaker's mean. What is softer than the noise of either is raised to that noise in both."""
    floor = max(_floor(reference), _floor(attempt))
    own, other = (_about_mean(heard, floor) for heard in (reference, attempt))
    return Pair(own, np.interp(columns, np.arange(len(other)), other))


def _floor(heard: Heard) -> float:
    noise = float(np.percentile(heard.level, NOISE_PERCENTILE)) + NOISE_MARGIN - mean_level(heard)
    return float(np.clip(noise, SOFTEST, LOUDEST_FLOOR))


def _about_mean(heard: Heard, floor: float) -> Values:
    first, last = _ends(heard)
    raised = np.maximum(heard.level[first : last + 1] - mean_level(heard), floor)
    window = scipy.signal.windows.hann(SMOOTHED + 2)[1:-1]
    smooth = scipy.ndimage.convolve1d(raised, window / window.sum(), mode="nearest")
    return np.asarray(smooth - smooth.mean())


def _ends(heard: Heard) -> tuple[int, int]:
    assert heard.first is not None, "there is speech"
    assert heard.last is not None, "there is speech"
    return heard.first, heard.last
