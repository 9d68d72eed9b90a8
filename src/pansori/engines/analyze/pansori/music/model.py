"""What the music measures give back: plain frozen values and arrays, times in seconds from the start of the sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import Text
from pansori.domain.units import BeatsPerMinute, Cents, Hertz, SampleRateHz, Seconds

Array = npt.NDArray[np.floating[Any]]
Indices = npt.NDArray[np.int64]
Samples = npt.NDArray[np.float32]  #: mono, shape [n], at `RATE`, full scale 1.0

RATE = SampleRateHz(22_050)  #: of everything that is measured here
HOP = 441  #: samples from one frame of rhythm to the next
FRAMES_PER_SECOND = RATE / HOP  # 50
TONAL_HOP = 2_205  #: samples from one frame of pitch to the next
TONAL_FRAMES_PER_SECOND = RATE / TONAL_HOP  # 10


@dataclass(frozen=True)
class Refused:
    """Nothing can be said, and why."""

    reason: Text


@dataclass(frozen=True)
class RankedTempo:
    tempo: BeatsPerMinute
    confidence: float  #: 0–1; those of all candidates add up to 1


@dataclass(frozen=True)
class Tempo:
    """`curve`: shape [beats - 1, 2], seconds and beats a minute, smoothed over some beats."""

    tempo: BeatsPerMinute
    confidence: float
    runners_up: tuple[RankedTempo, ...]
    curve: Array


@dataclass(frozen=True)
class Beats:
    """`times`, `strength`: shape [beats]. `confidence`: how much of the onsets' energy the beats gather, 0–1."""

    times: Array
    strength: Array
    confidence: float


@dataclass(frozen=True)
class Metre:
    """`beats_per_bar` 3 or 4, or 2 in 6/8. `subdivision`: what a beat falls into, 2 or 3. `swing`: 0 straight, 1 full
    triplets. `positions`: of every beat in its bar, from 0. `downbeats`: seconds."""

    beats_per_bar: int
    subdivision: int
    swing: float
    name: str  #: `4/4`, `3/4`, `6/8` or `12/8`
    confidence: float
    runner_up: int
    positions: Indices
    downbeats: Array


@dataclass(frozen=True)
class RankedKey:
    tonic: int  #: pitch class, 0 is C
    mode: str  #: `major` or `minor`
    score: float  #: how like the key's profile the sound's pitch classes are, -1 to 1
    confidence: float  #: 0–1; those of all keys add up to 1


@dataclass(frozen=True)
class Key:
    """`ranking`: all 24 keys, best first. `tuning`: of A above 440 Hz."""

    tonic: int
    mode: str
    confidence: float
    ranking: tuple[RankedKey, ...]
    tuning: Cents


@dataclass(frozen=True)
class RankedChord:
    label: str
    confidence: float  #: 0–1; those of all chords add up to 1


@dataclass(frozen=True)
class TimedChord:
    """`label` in Harte's syntax (`C:maj`, `A:min`, `G:7`), `N` where no chord sounds."""

    start: Seconds
    end: Seconds
    label: str
    confidence: float
    runners_up: tuple[RankedChord, ...] = ()


@dataclass(frozen=True)
class TimedSection:
    start: Seconds
    end: Seconds
    label: str  #: sections that repeat each other share a letter
    confidence: float  #: of the boundary at its start


@dataclass(frozen=True)
class Melody:
    """The most salient pitch: `times`, `frequency` (0 where there is none) and `salience` (0–1), shape [frames]."""

    times: Array
    frequency: Array
    salience: Array
    lowest: Hertz
    highest: Hertz


@dataclass(frozen=True)
class Texture:
    """How it sounds in the whole. `balance`: shares of the energy in `bands`, which add up to 1."""

    brightness: Hertz  #: spectral centroid, mean over sounding frames, weighted by their level
    rolloff: Hertz  #: below it lies 85 % of the energy
    bands: tuple[tuple[str, Hertz, Hertz], ...]
    balance: Array
    dynamic_spread: float  #: dB between the 95th and the 10th percentile of the sounding frames' level
    crest: float  #: dB from the level of the whole to its highest sample
    level: Array  #: shape [seconds], RMS in dB below full scale


@dataclass(frozen=True)
class Danceability:
    """0–1: how steady, strong and danceable in tempo the beat is, and its parts."""

    value: float
    steadiness: float
    pulse: float
    tempo_fit: float


@dataclass(frozen=True)
class Music:
    """Every measure of a piece of music, or why there is none."""

    tempo: Tempo | Refused
    beats: Beats | Refused
    metre: Metre | Refused
    key: Key | Refused
    chords: tuple[TimedChord, ...] | Refused
    sections: tuple[TimedSection, ...] | Refused
    onsets: Array | Refused
    melody: Melody | Refused
    texture: Texture | Refused
    danceability: Danceability | Refused
