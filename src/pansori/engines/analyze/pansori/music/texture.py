"""How a sound is made up in the whole: brightness, spectral balance, dynamics; and how well one could dance to it."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pansori.domain.units import Hertz
from pansori.engines.analyze.pansori.music import reasons
from pansori.engines.analyze.pansori.music.model import (
    FRAMES_PER_SECOND,
    RATE,
    Array,
    Danceability,
    Refused,
    Texture,
)
from pansori.engines.analyze.pansori.music.rhythm import Rhythm
from pansori.engines.analyze.pansori.music.spectrum import BALANCE, BALANCE_NAMES, SILENCE, WINDOW, Frames

ROLLOFF = 0.85
FLOOR = -120.0  #: dB, of what is silent
SOUNDING = 0.03  #: of the loudest second's level: below it a frame says nothing about dynamics
BEST_TEMPO, TEMPO_WIDTH = 118.0, 0.45  #: to dance to: beats a minute, octaves


def texture(frames: Frames) -> Texture | Refused:
    if frames.rms < SILENCE:
        return reasons.SILENT
    loud = frames.level > max(SILENCE, SOUNDING * float(np.percentile(frames.level, 98)))
    power = np.square(frames.level[loud])
    levels = _decibels(frames.level[loud])
    total = float(frames.balance.sum())
    size = round(FRAMES_PER_SECOND)
    seconds = [np.sqrt(np.mean(np.square(frames.level[k : k + size]))) for k in range(0, len(frames.level), size)]
    return Texture(
        brightness=Hertz(float(np.sum(frames.centroid[loud] * power) / power.sum())),
        rolloff=Hertz(_rolloff(frames.spectrum)),
        bands=tuple(
            (name, Hertz(low), Hertz(high)) for name, (low, high) in zip(BALANCE_NAMES, pairwise(BALANCE), strict=True)
        ),
        balance=frames.balance / max(total, 1e-12),
        dynamic_spread=float(np.percentile(levels, 95) - np.percentile(levels, 10)),
        crest=float(20.0 * np.log10(max(frames.peak, 1e-9) / frames.rms)),
        level=_decibels(np.array(seconds)),
    )


def danceability(rhythm: Rhythm | Refused) -> Danceability | Refused:
    """The geometric mean of three things between 0 and 1: that the beat is even, that it is strong, and that its tempo
    suits. A measure of this program's own; it is not that of any other."""
    if isinstance(rhythm, Refused):
        return rhythm
    intervals = np.diff(rhythm.beats.times)
    uneven = float(np.median(np.abs(intervals - np.median(intervals))) / np.median(intervals))
    steadiness = float(np.exp(-uneven / 0.03))
    pulse = float(np.clip(rhythm.beats.confidence, 0.0, 1.0))
    fit = tempo_fit(rhythm.tempo.tempo)
    return Danceability(float((steadiness * pulse * fit) ** (1.0 / 3.0)), steadiness, pulse, fit)


def tempo_fit(tempo: float) -> float:
    """How well one dances to `tempo` beats a minute, 0–1; danceability goes with its third root."""
    away = np.log2(tempo / BEST_TEMPO) / TEMPO_WIDTH
    return float(np.exp(-0.5 * away**2))


def _rolloff(power: Array) -> float:
    below = np.cumsum(power) / max(float(power.sum()), 1e-12)
    return float(np.searchsorted(below, ROLLOFF) * RATE / WINDOW)


def _decibels(level: Array) -> Array:
    decibels: Array = np.maximum(20.0 * np.log10(np.maximum(level, 1e-9)), FLOOR)
    return decibels
