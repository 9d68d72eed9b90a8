"""The strength of onsets over time, and the onsets themselves."""

from __future__ import annotations

import numpy as np
import scipy

from pansori.engines.analyze.pansori.music.model import FRAMES_PER_SECOND, HOP, RATE, Array, Indices
from pansori.engines.analyze.pansori.music.spectrum import Frames

WEIGHTS = np.array([1.4, 0.9, 0.9, 0.9, 1.0, 0.8])  #: of the bands
LOCAL = 4.0  #: seconds around a frame whose onsets set the measure for its own
FLOOR = 0.05  #: of the sound's own spread: where nothing happens, nothing is blown up
APART = 0.05  #: seconds between two onsets, at least
STANDS_OUT = 8.0  #: times the usual rise of level: the onsets of music do, the ripples of noise do not
EDGE = 5  #: frames at each end that reach beyond the sound
RAISED = 0.35  #: over the local median, in units of the local spread


def strength(frames: Frames) -> Array:
    """Onset strength [frames], about 1 in its local spread, 0 where nothing begins."""
    return levelled(frames.flux @ WEIGHTS)


def levelled(flux: Array) -> Array:
    """`flux` [frames] over its local mean, in units of its local spread."""
    size = round(LOCAL * FRAMES_PER_SECOND) | 1
    smooth = scipy.ndimage.gaussian_filter1d(flux.astype(np.float64), 0.8)
    mean = scipy.ndimage.uniform_filter1d(smooth, size, mode="nearest")
    square = scipy.ndimage.uniform_filter1d(np.square(smooth), size, mode="nearest")
    spread = np.sqrt(np.maximum(square - mean**2, 0.0))
    whole = float(np.std(smooth))
    result: Array = np.maximum(0.0, smooth - 0.6 * mean) / np.maximum(spread, max(FLOOR * whole, 1e-9))
    return result


def bands(frames: Frames) -> Array:
    """The same of every band of onsets, all on one scale for the whole sound [frames, bands]."""
    smooth = scipy.ndimage.gaussian_filter1d(frames.flux.astype(np.float64), 0.8, axis=0)
    scale = np.percentile(smooth, 98, axis=0)
    result: Array = np.minimum(smooth / np.maximum(scale, 0.02 * max(float(scale.max()), 1e-9)), 2.0)
    return result


def any_stand_out(frames: Frames) -> bool:
    """Whether anything rises far above what the sound does all the time, as noise never does. That the whole sound
    begins and ends does not count."""
    smooth = scipy.ndimage.gaussian_filter1d((frames.flux @ WEIGHTS).astype(np.float64), 0.8)[EDGE:-EDGE]
    if not len(smooth):
        return False
    return bool(smooth.max() > STANDS_OUT * float(np.median(smooth)))


def pick(envelope: Array) -> Array:
    """The times of onsets in seconds: peaks that stand out of their surroundings."""
    size = round(0.4 * FRAMES_PER_SECOND) | 1
    median = scipy.ndimage.median_filter(envelope, size, mode="nearest")
    distance = max(1, round(APART * FRAMES_PER_SECOND))
    peaks, _ = scipy.signal.find_peaks(envelope, height=median + RAISED, distance=distance, prominence=RAISED)
    return refined(envelope, peaks) * (HOP / RATE)


def refined(envelope: Array, peaks: Indices) -> Array:
    """The tops of parabolas through each peak and its neighbours, in frames."""
    if not len(peaks):
        return np.zeros(0)
    inner = np.clip(peaks, 1, max(1, len(envelope) - 2))
    left, top, right = envelope[inner - 1], envelope[inner], envelope[inner + 1]
    bend = left - 2.0 * top + right
    shift = np.where(bend < -1e-9, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    exact: Array = peaks + np.clip(shift, -0.5, 0.5) * (inner == peaks)
    return exact
