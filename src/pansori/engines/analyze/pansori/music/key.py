"""Key and mode: profiles of pitch classes, and what bass and endings say about the tonic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Cents
from pansori.engines.analyze.pansori.music import chroma, reasons
from pansori.engines.analyze.pansori.music.model import (
    TONAL_FRAMES_PER_SECOND,
    Array,
    Key,
    RankedKey,
    Refused,
    TimedChord,
)
from pansori.engines.analyze.pansori.music.spectrum import SILENCE
from pansori.lexicon.music import NOTE_NAMES

Mask = npt.NDArray[np.bool_]

MODES = ("major", "minor")
#: How well each degree fits, from the tonic: C. Krumhansl and E. Kessler (1982); D. Temperley (2001); J. Albrecht and
#: D. Shanahan (2013).
PROFILES = {
    "major": (
        (6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88),
        (5.0, 2.0, 3.5, 2.0, 4.5, 4.0, 2.0, 4.5, 2.0, 3.5, 1.5, 4.0),
        (0.238, 0.006, 0.111, 0.006, 0.137, 0.094, 0.016, 0.214, 0.009, 0.080, 0.008, 0.081),
    ),
    "minor": (
        (6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17),
        (5.0, 2.0, 3.5, 4.5, 2.0, 4.0, 2.0, 4.5, 3.5, 2.0, 3.5, 2.5),
        (0.220, 0.006, 0.104, 0.123, 0.019, 0.103, 0.012, 0.214, 0.062, 0.022, 0.061, 0.052),
    ),
}
THIRD = {"major": 4, "minor": 3}  #: semitones
PROFILE, BASS, TRIAD = 10.0, 0.5, 1.65  #: how much each evidence of the sound weighs
TONIC_TIME, DOMINANT_TIME, SUBDOMINANT_TIME = 1.8, 0.75, 0.45  #: and of the chords: their shares of the time,
CADENCE, PLAGAL = 5.6, 2.4  #: the shares of changes that lead home,
FIRST, LAST = 0.6, 0.9  #: and where the music begins and ends
LEAST_NOTES, LEAST_SHARE = 5, 0.15  #: so many pitch classes of a key sound, beside the strongest one's share
LEAST_SECONDS = 3.0
LEAST_TUNED, LEAST_STRENGTH = 0.1, 2.0  #: of notes, where drums alone reach 0.07 and 1.6, and songs 0.14 and 2.5
LEAST_TONAL = 0.08  #: contrast of the pitch classes under which there is no key


@dataclass(frozen=True)
class Pitches:
    """`notes` [tonal frames, NOTES] and what is folded from them, [tonal frames, 12]. `cents`: the tuning."""

    notes: Array
    treble: Array
    bass: Array
    cents: float
    tuned: float  #: how sure the tuning is, 0–1


def pitches(pitch: Array) -> Pitches:
    cents, tuned = chroma.tuning(pitch)
    strengths = chroma.notes(pitch, cents)
    treble = chroma.folded(strengths, *chroma.TREBLE)
    return Pitches(strengths, treble, chroma.folded(strengths, *chroma.BASS), cents, tuned)


def key(heard: Pitches, level: Array, chords: Sequence[TimedChord] = ()) -> Key | Refused:
    """The key of the whole. `level` [frames]: RMS, to know where anything sounds. `chords`: as they were heard without
    knowing the key; who leads to whom tells a tonic from its relatives."""
    step = len(level) // max(1, len(heard.treble)) or 1
    sounding = level[::step][: len(heard.treble)] > max(SILENCE, 0.05 * float(level.max(initial=0.0)))
    sounding = np.pad(sounding, (0, len(heard.treble) - len(sounding)))
    if sounding.sum() < LEAST_SECONDS * TONAL_FRAMES_PER_SECOND:
        return reasons.TOO_SHORT
    treble, bass = _unit(heard.treble[sounding]), _unit(heard.bass[sounding])
    both = treble + 0.5 * bass
    if contrast(both) < LEAST_TONAL or _unpitched(heard, sounding):
        return reasons.NO_PITCH
    whole = both.mean(axis=0)
    if int(np.sum(whole > LEAST_SHARE * whole.max())) < LEAST_NOTES:
        return reasons.FEW_NOTES
    fits = _fits(whole)
    scores = PROFILE * fits + _roots(whole, bass.mean(axis=0)) + _grammar(chords)
    order = [int(k) for k in np.argsort(-scores)]
    powers = np.exp(scores - scores.max())
    shares = powers / powers.sum()
    return Key(
        tonic=order[0] % 12,
        mode=MODES[order[0] // 12],
        confidence=float(shares[order[0]]),
        ranking=tuple(RankedKey(k % 12, MODES[k // 12], float(fits[k]), float(shares[k])) for k in order),
        tuning=Cents(heard.cents),
    )


def _unpitched(heard: Pitches, sounding: Mask) -> bool:
    """Whether what is heard as notes is drums: little is explained, and it keeps to no tuning."""
    strength = float(np.median(np.linalg.norm(heard.notes[sounding], axis=1)))
    return heard.tuned < LEAST_TUNED and strength < LEAST_STRENGTH


def contrast(classes: Array) -> float:
    """How far from equal the pitch classes are, on the whole: 0 for noise, 1 for a single one."""
    mean = classes.mean(axis=0)
    return float(np.std(mean) / max(float(mean.mean()), 1e-12) / np.sqrt(11.0)) if len(classes) else 0.0


def _unit(classes: Array) -> Array:
    unit: Array = classes / np.maximum(classes.sum(axis=1, keepdims=True), 1e-6)
    return unit


def _fits(whole: Array) -> Array:
    """How like their profiles the pitch classes' shares [12] are, for all 24 keys: twelve major, then twelve minor."""
    root = np.sqrt(whole)
    fits: Array = np.array(
        [
            np.mean([np.corrcoef(root, np.roll(np.sqrt(profile), tonic))[0, 1] for profile in PROFILES[mode]])
            for mode in MODES
            for tonic in range(12)
        ]
    )
    return fits


def _roots(whole: Array, bass: Array) -> Array:
    """What the tonic's share of the bass, and its triad's of all, say for all 24 keys."""
    low = bass / max(float(bass.max()), 1e-9)
    shares = whole / max(float(whole.sum()), 1e-9)
    triads = [sum(shares[(tonic + step) % 12] for step in (0, THIRD[mode], 7)) for mode in MODES for tonic in range(12)]
    said: Array = TRIAD * np.array(triads) + BASS * np.tile(low, 2)
    return said


def _grammar(chords: Sequence[TimedChord]) -> Array:
    """What the chords and their order say for all 24 keys."""
    said = [_Triad(c) for c in chords if c.label != "N"]
    scores = np.zeros((2, 12))
    if not said:
        return scores.reshape(-1)
    total = sum(triad.length for triad in said)
    for triad in said:
        share = triad.length / total
        scores[triad.mode, triad.root] += TONIC_TIME * share
        scores[triad.mode, (triad.root - 5) % 12] += SUBDOMINANT_TIME * share
        if triad.mode == 0:
            scores[:, (triad.root - 7) % 12] += DOMINANT_TIME * share
    for before, after in pairwise(said):
        step = (before.root - after.root) % 12
        if step == 7 and before.mode == 0:
            scores[after.mode, after.root] += CADENCE / len(said)
        elif step in (5, 10):
            scores[after.mode, after.root] += PLAGAL / len(said)
    scores[said[0].mode, said[0].root] += FIRST
    scores[said[-1].mode, said[-1].root] += LAST
    return scores.reshape(-1)


class _Triad:
    """A chord's root, whether it is minor (1) or not (0), and its length in seconds."""

    def __init__(self, chord: TimedChord) -> None:
        name, quality = chord.label.split(":")
        self.root = NOTE_NAMES.index(name)
        self.mode = int(quality.startswith(("min", "dim")))
        self.length = chord.end - chord.start
