"""The melody: the path of the most salient note above the bass, as it glides (after J. Salamon and E. Gómez, 2012)."""

from __future__ import annotations

import numpy as np
import scipy

from pansori.domain.units import Hertz
from pansori.engines.analyze.pansori.music import reasons
from pansori.engines.analyze.pansori.music.key import Pitches, contrast
from pansori.engines.analyze.pansori.music.model import TONAL_FRAMES_PER_SECOND, Array, Indices, Melody, Refused
from pansori.engines.analyze.pansori.music.spectrum import BINS_PER_NOTE, LOWEST_NOTE, NOTES

LOWEST, HIGHEST = 52, 88  #: MIDI numbers among which a melody is looked for
LEAP = 0.12  #: cost of a semitone's move, beside the salience of 1 of a frame's strongest note
LARGEST = 1.2  #: cost of any leap at most
SILENT = 0.25  #: salience under which nothing is sung
LEAST_TONAL = 0.08
LEAST_VOICED = 0.05  #: of the frames


def melody(heard: Pitches, pitch: Array) -> Melody | Refused:
    """One frequency for every tonal frame. `pitch` [tonal frames, bins]: the magnitudes that `heard` was found in."""
    if not len(heard.treble) or contrast(heard.treble) < LEAST_TONAL:
        return reasons.NO_PITCH
    strengths = heard.notes[:, LOWEST - LOWEST_NOTE : HIGHEST + 1 - LOWEST_NOTE]
    loudness = float(np.percentile(heard.notes.max(axis=1), 95))
    salience = strengths / max(loudness, 1e-9)
    path = _path(np.minimum(salience, 1.0))
    strength = np.clip(salience[np.arange(len(path)), path], 0.0, 1.0)
    sounding = scipy.ndimage.median_filter((strength > SILENT).astype(np.int8), 3) > 0
    if sounding.mean() < LEAST_VOICED:
        return reasons.NO_MELODY
    numbers = LOWEST + path + _within_note(pitch, path + LOWEST - LOWEST_NOTE, heard.cents)
    frequency = np.where(sounding, 440.0 * 2.0 ** ((numbers - 69.0) / 12.0), 0.0)
    voiced = frequency[sounding]
    return Melody(
        times=np.arange(len(path)) / TONAL_FRAMES_PER_SECOND,
        frequency=frequency,
        salience=strength * sounding,
        lowest=Hertz(float(np.percentile(voiced, 2))),
        highest=Hertz(float(np.percentile(voiced, 98))),
    )


def _path(salience: Array) -> Indices:
    count = salience.shape[1]
    apart = np.abs(np.arange(count)[:, None] - np.arange(count)[None, :])
    cost = np.minimum(LEAP * apart, LARGEST)
    total, back = salience[0].astype(np.float64), np.zeros(salience.shape, dtype=np.int16)
    for frame in range(1, len(salience)):
        reached = total[:, None] - cost
        back[frame] = reached.argmax(axis=0)
        total = reached[back[frame], np.arange(count)] + salience[frame]
    path = np.zeros(len(salience), dtype=np.int64)
    path[-1] = int(total.argmax())
    for frame in range(len(salience) - 1, 0, -1):
        path[frame - 1] = back[frame, path[frame]]
    return path


def _within_note(pitch: Array, notes: Indices, cents: float) -> Array:
    """How far, in semitones, the sound's own top lies from each equal-tempered note at 440 Hz."""
    rows = np.arange(len(notes))
    centre = np.clip(notes, 1, NOTES - 2) * BINS_PER_NOTE + BINS_PER_NOTE // 2 + round(cents / 100.0 * BINS_PER_NOTE)
    left, top, right = (pitch[rows, centre + shift] for shift in (-1, 0, 1))
    bend = left - 2.0 * top + right
    shift = np.where(bend < 0.0, 0.5 * (left - right) / np.minimum(bend, -1e-9), 0.0)
    off: Array = (np.clip(shift, -1.0, 1.0) + centre - notes * BINS_PER_NOTE - BINS_PER_NOTE // 2) / BINS_PER_NOTE
    return off
