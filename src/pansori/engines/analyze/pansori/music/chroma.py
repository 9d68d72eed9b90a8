"""Which pitch classes sound: the spectrum tuned, whitened, and explained as a sum of notes with their harmonics.

After M. Mauch and S. Dixon, "Approximate note transcription for the improved identification of difficult chords"
(ISMIR 2010); the notes' strengths are found by multiplicative updates (D. Lee and H. Seung, 2001).
"""

from __future__ import annotations

from functools import cache

import numpy as np
import scipy

from pansori.domain.units import Cents
from pansori.engines.analyze.pansori.music.model import Array
from pansori.engines.analyze.pansori.music.spectrum import BINS_PER_NOTE, LOWEST_NOTE, NOTES

HARMONICS = 16
FALL = 0.7  #: from one harmonic's level to the next
ROUNDS = 20  #: of updates; more change little
SPARSENESS = 0.03  #: what a note's strength costs, so that few notes explain much
OCTAVE = 12 * BINS_PER_NOTE
BASS = (26, 54)  #: MIDI numbers whose notes make the bass, fading in and out over some semitones
TREBLE = (48, 96)
BLOCK = 2_048  #: frames explained at once


def tuning(pitch: Array) -> tuple[Cents, float]:
    """How far the sound's A is from 440 Hz, within ±50 cents, and how sure that is, 0–1. `pitch`: [frames, bins]."""
    total = np.square(pitch[:, OCTAVE:]).astype(np.float64)
    total /= np.maximum(total.sum(axis=1, keepdims=True), 1e-12)
    profile = total.mean(axis=0)
    places = (np.arange(len(profile)) - BINS_PER_NOTE // 2) / BINS_PER_NOTE
    angle = np.sum(profile * np.exp(2j * np.pi * places))
    return Cents(float(np.angle(angle) / (2 * np.pi) * 100.0)), float(np.abs(angle) / max(profile.sum(), 1e-12))


def notes(pitch: Array, cents: float) -> Array:
    """The strength of every note [frames, NOTES], from MIDI number `LOWEST_NOTE` upwards."""
    found = [_explained(_whitened(_tuned(pitch[k : k + BLOCK], cents))) for k in range(0, len(pitch), BLOCK)]
    return np.concatenate(found) if found else np.zeros((0, NOTES), dtype=np.float32)


def folded(strengths: Array, lowest: float, highest: float) -> Array:
    """Pitch classes [frames, 12] from C, of the notes between two MIDI numbers, which fade over a fifth."""
    numbers = LOWEST_NOTE + np.arange(NOTES)
    weight = np.clip((numbers - lowest) / 7.0 + 0.5, 0.0, 1.0) * np.clip((highest - numbers) / 7.0 + 0.5, 0.0, 1.0)
    classes: Array = (strengths * weight.astype(np.float32)).reshape(len(strengths), NOTES // 12, 12).sum(axis=1)
    return classes


def _tuned(pitch: Array, cents: float) -> Array:
    """As if A were 440 Hz."""
    shift = cents / 100.0 * BINS_PER_NOTE
    places = np.arange(pitch.shape[1]) + shift
    low = np.clip(np.floor(places).astype(np.int64), 0, pitch.shape[1] - 2)
    share = np.clip(places - low, 0.0, 1.0).astype(np.float32)
    tuned: Array = pitch[:, low] * (1.0 - share) + pitch[:, low + 1] * share
    return tuned


def _whitened(pitch: Array) -> Array:
    """Every bin over the mean of its octave around it, in units of its spread there, to a power that keeps peaks."""
    mean = scipy.ndimage.uniform_filter1d(pitch, OCTAVE | 1, axis=1, mode="nearest")
    square = scipy.ndimage.uniform_filter1d(np.square(pitch), OCTAVE | 1, axis=1, mode="nearest")
    spread = np.sqrt(np.maximum(square - np.square(mean), 0.0))
    floor = 0.02 * pitch.max(axis=1, keepdims=True) + 1e-9
    white: Array = np.maximum(0.0, pitch - mean) / np.maximum(spread, floor) ** 0.8
    return white


@cache
def _dictionary() -> Array:
    """The spectrum of every note [NOTES, bins], each of length 1."""
    bins = NOTES * BINS_PER_NOTE
    atoms = np.zeros((NOTES, bins))
    places = np.arange(bins)
    for note in range(NOTES):
        for harmonic in range(1, HARMONICS + 1):
            centre = note * BINS_PER_NOTE + BINS_PER_NOTE // 2 + OCTAVE * np.log2(harmonic)
            atoms[note] += FALL ** (harmonic - 1) * np.maximum(0.0, 1.0 - np.abs(places - centre) / 1.5)
    dictionary: Array = (atoms / np.linalg.norm(atoms, axis=1, keepdims=True)).astype(np.float32)
    return dictionary


def _explained(white: Array) -> Array:
    atoms = _dictionary()
    wanted = white @ atoms.T
    gram = atoms @ atoms.T
    strengths = wanted.copy()
    for _ in range(ROUNDS):
        strengths *= wanted / (strengths @ gram + np.float32(SPARSENESS) + 1e-6)
    return strengths
