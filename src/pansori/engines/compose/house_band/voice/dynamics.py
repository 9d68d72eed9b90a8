"""How loud each syllable is: the phrase's strength, stress, height, and a little chance."""

from __future__ import annotations

import numpy as np

from pansori.domain.units import Decibels
from pansori.engines.compose.house_band.model import Phrase, PhraseSyllable

_ENERGY_RANGE = 6.0  # decibels from the weakest to the strongest phrase
_STRESS = {0: -0.8, 1: 0.2, 2: 0.9}  # decibels, English
_HEIGHT = 0.12  # decibels a semitone above the phrase's middle
_CHANCE = 0.35  # decibels, standard deviation


def dynamics(phrase: Phrase, random: np.random.Generator) -> tuple[Decibels, ...]:
    """Decibels relative to a vowel of medium strength, one a syllable."""
    pitches = np.array([float(sung.notes[0].pitch) for sung in phrase.syllables])
    position = np.linspace(0.0, 1.0, len(pitches))
    arch = np.interp(position, [0.0, 0.1, 0.6, 1.0], [-0.3, 0.5, 0.5, -0.8])
    height = np.clip(_HEIGHT * (pitches - pitches.mean()), -1.0, 1.0)
    stress = np.array([_accent(sung) for sung in phrase.syllables])
    chance = np.clip(random.standard_normal(len(pitches)), -2.0, 2.0) * _CHANCE
    strength = _ENERGY_RANGE * (phrase.energy - 0.5)
    return tuple(Decibels(float(level)) for level in strength + arch + height + stress + chance)


def _accent(sung: PhraseSyllable) -> float:
    return _STRESS.get(sung.syllable.stress, 0.0) if sung.syllable.language == "en" else 0.0
