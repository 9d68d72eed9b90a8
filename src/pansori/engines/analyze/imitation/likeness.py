"""How alike the sounds of two clips are, whoever speaks, and which moment of one belongs to which of the other.

Features are mel-frequency cepstra (S. B. Davis and P. Mermelstein, IEEE Trans. ASSP 28, 1980) with their slopes,
each brought to one mean and deviation over its own clip, so that microphone and voice count little. Three things more
make two speakers comparable: what is softer than the noise of either clip is raised to that noise in both; the
attempt's frequencies are stretched to the reference's vocal tract (as L. Lee and R. Rose do, ICASSP 1996); and the
distance that is left is measured against that to the same attempt out of order, which has the same voice and room
but says nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.units import Hertz, Seconds
from pansori.engines.analyze.imitation.path import Path, Values, squared, warp
from pansori.engines.analyze.imitation.sound import HIGHEST, Heard, mel_bank

CEPSTRA: Final = 13
FALL: Final = -0.4  # power of a cepstrum's number (from 1) that it is weighted with: the higher tell more of the voice
SLOPE: Final = 4  # frames to both sides that a slope is taken over
DEEPEST: Final = -40.0  # dB below a band's own mean that still count
NOISE_PERCENTILE: Final = 10
NOISE_MARGIN: Final = 3.0  # dB
STRETCHES: Final = (0.84, 0.92, 1.0, 1.09, 1.18)
STAY: Final = 0.5  # of the mean distance, for each step in one clip alone
COARSE: Final = 200  # frames for which stretches are tried
STUCK: Final = Seconds(0.1)  #: that one clip may stay while the other goes on, unless both sound alike
UNLIKE: Final = 0.7  # of the distance out of order
AROUND: Final = 40  # frames that say together whether they are the same sounds
HEARD: Final = -20.0  # dB about the mean level, above which something is said


@dataclass(frozen=True)
class Likeness:
    """`path`: over the frames from first to last sound of both. `distances`: of each frame of the reference, over what
    they are out of order (on the whole 1); `extra`: frames of the attempt that belong to none of them."""

    path: Path
    distances: Values
    extra: int
    stretch: float

    @property
    def distance(self) -> float:
        return float((self.distances.sum() + self.extra) / (len(self.distances) + self.extra))

    @property
    def moments(self) -> Values:
        """Distances around each frame of the reference, then those of the frames that the attempt adds."""
        around = scipy.ndimage.uniform_filter1d(self.distances, AROUND, mode="nearest")
        return np.concatenate((around, np.ones(self.extra)))


def compare_sounds(reference: Heard, attempt: Heard, highest: Hertz = HIGHEST) -> Likeness:
    """Both with speech in it."""
    floors = _floors(reference, attempt, highest)
    wanted = _features(reference.speech, mel_bank(highest), floors)
    stretch = _stretch(wanted, attempt, highest, floors)
    found = _features(attempt.speech, mel_bank(highest, stretch), floors)
    path = _aligned(wanted, found)
    count = len(wanted)
    chances = [_aligned(wanted, _with_slopes(other)).costs_of(count) for other in _out_of_order(found[:, :CEPSTRA])]
    chance = _smooth(np.mean(chances, axis=0))
    unlike = path.costs > UNLIKE * chance[path.rows]
    left_out = _stuck(path.columns, unlike & _is_heard(reference)[path.rows], reference.step)
    added = _stuck(path.rows, unlike & _is_heard(attempt)[path.columns], attempt.step)
    distances = path.costs_of(count) / chance
    missing = np.unique(path.rows[left_out])
    distances[missing] = np.maximum(distances[missing], 1.0)
    return Likeness(path, distances, len(np.unique(path.columns[added])), stretch)


def aligned_frames(model: Heard, clip: Heard, highest: Hertz = HIGHEST) -> Values:
    """The frame of the clip's speech that belongs to each frame of the model's."""
    floors = _floors(model, clip, highest)
    wanted = _features(model.speech, mel_bank(highest), floors)
    stretch = _stretch(wanted, clip, highest, floors)
    found = _features(clip.speech, mel_bank(highest, stretch), floors)
    return _aligned(wanted, found).columns_of(len(wanted))


def _stuck(stays: npt.NDArray[np.intp], counted: npt.NDArray[np.bool_], step: Seconds) -> npt.NDArray[np.bool_]:
    """The counted pairs of a path in which this side stays on one frame for long while the other goes on."""
    _, runs, lengths = np.unique(stays, return_inverse=True, return_counts=True)
    return np.asarray((lengths[runs] * step > STUCK) & counted)


def _is_heard(heard: Heard) -> npt.NDArray[np.bool_]:
    """Of each frame of the speech: more than a pause."""
    power = heard.speech.sum(axis=1)
    return np.asarray(power > power.mean() * 10 ** (HEARD / 10))


def _smooth(chance: Values) -> Values:
    """Half of it from the whole, so that a short sound which happens to be met out of order is not held against it."""
    return np.asarray((chance + chance.mean()) / 2)


def _aligned(wanted: Values, found: Values) -> Path:
    costs = np.sqrt(squared(wanted, found))
    return warp(costs, stay=STAY * float(costs.mean()))


def _floors(reference: Heard, attempt: Heard, highest: Hertz) -> Values:
    """dB about each band's mean, below which nothing is heard in one of both. Shape [bands]."""
    found = []
    for heard in (reference, attempt):
        bank = mel_bank(highest).T.astype(np.float32)
        noise = np.percentile(heard.power @ bank, NOISE_PERCENTILE, axis=0)
        mean = (heard.speech @ bank).mean(axis=0)
        found.append(10 * np.log10(noise / mean + 1e-12) + NOISE_MARGIN)
    return np.asarray(np.clip(np.maximum(*found), DEEPEST, 0.0))


def _features(power: npt.NDArray[np.float32], bank: Values, floors: Values) -> Values:
    """Shape [frames, 2 * CEPSTRA]."""
    bands = power @ bank.T.astype(np.float32)
    relative = 10 * np.log10(bands / np.maximum(bands.mean(axis=0), 1e-20) + 1e-12)
    cepstra = scipy.fft.dct(np.maximum(relative, floors), norm="ortho", axis=1)[:, :CEPSTRA]
    return _with_slopes(_evened(cepstra - cepstra.mean(axis=0)))


def _evened(values: Values) -> Values:
    """With deviation 1, and the higher cepstra less."""
    spread = values.std(axis=0)
    return np.asarray(values / np.where(spread > 1e-6, spread, 1.0) * np.arange(1, CEPSTRA + 1) ** FALL)


def _with_slopes(cepstra: Values) -> Values:
    around = np.arange(-SLOPE, SLOPE + 1)
    kernel = around[::-1] / np.sum(around**2)
    return np.hstack((cepstra, _evened(scipy.ndimage.convolve1d(cepstra, kernel, axis=0, mode="nearest"))))


def _out_of_order(cepstra: Values) -> tuple[Values, ...]:
    """The same sounds, saying something else: backwards, from the middle on, and both."""
    half = len(cepstra) // 2
    return cepstra[::-1], np.roll(cepstra, half, axis=0), np.roll(cepstra[::-1], half, axis=0)


def _stretch(wanted: Values, attempt: Heard, highest: Hertz, floors: Values) -> float:
    every = max(1, max(len(wanted), len(attempt.speech)) // COARSE)
    found = {}
    for stretch in STRETCHES:
        tried = _features(attempt.speech, mel_bank(highest, stretch), floors)
        found[stretch] = float(_aligned(wanted[::every], tried[::every]).costs.mean())
    return min(STRETCHES, key=lambda stretch: (found[stretch], abs(np.log(stretch))))
