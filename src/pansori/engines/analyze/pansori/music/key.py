"""Key and mode: profiles of pitch classes, and of chords: which chords a key uses, where it begins and where it ends.

What each chord says was learnt from real music, and from nothing that this program plays: the 400 harmonic analyses of
200 rock songs by T. de Clercq and D. Temperley ("A corpus analysis of rock harmony", Popular Music, 2011), whole, as
spans of 24 bars, and as spans of 24 and 12 bars with an eighth of the chords misheard. Of songs left out it names 93 %
of the keys, and 87 % of those of 24 of their bars, from chords alone; major and minor keys were counted alike, so that
neither is expected.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Cents
from pansori.engines.analyze.pansori.music import chroma, reasons
from pansori.engines.analyze.pansori.music.model import (
    FRAMES_PER_SECOND,
    TONAL_FRAMES_PER_SECOND,
    Array,
    Key,
    RankedKey,
    Refused,
    TimedChord,
)
from pansori.engines.analyze.pansori.music.modulation import at_home, spans, triad
from pansori.engines.analyze.pansori.music.spectrum import SILENCE

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
#: How the root of its share of the time says that a chord belongs to a key: major and minor triads by their root's
#: degree, from the tonic, in half-tones. Log odds; see above where they are from.
TRIADS = {
    "major": (
        (8.8, -1.7, -3.6, -2.4, -0.6, 4.8, -0.5, 2.9, 0.2, -2.0, -2.0, -0.4),
        (-0.1, 0.0, 0.0, -0.7, 0.8, 0.6, 0.9, -2.1, -0.4, 3.1, -2.7, -2.2),
    ),
    "minor": (
        (1.5, -1.4, -3.5, 0.9, -2.3, -1.4, -2.8, 2.7, 4.5, -0.7, 0.6, -1.7),
        (11.0, -1.1, 0.6, -2.0, -0.3, -0.5, -0.5, 0.9, -0.3, 0.3, -4.0, -1.4),
    ),
}
FIRST, LAST = 0.7, 0.1  #: and what it says that the tonic's chord is the first, or sounds where a recording breaks off
HOME, NEAR = 1.3, 0.6  #: that music which comes to an end does so on the tonic's chord, or on that a fifth from it
PROFILE = 10.0  #: how the likeness to a profile weighs beside these
QUIET, LOUD = 0.15, 0.5  #: of the usual level: where the music has died away, and where it had not begun to
RINGING = 5.0  #: seconds that a last chord rings at most; what takes longer is faded out
DEAD = 5  #: frames of quiet, at least, after an end
LEAST_NOTES, LEAST_SHARE = 5, 0.15  #: so many pitch classes of a key sound, beside the strongest one's share
LEAST_SECONDS = 3.0
LEAST_TUNED, LEAST_STRENGTH = 0.1, 2.0  #: of notes, where drums alone reach 0.07 and 1.6, and songs 0.14 and 2.5
DRUMS, SONGS = 1.5, 2.5  #: usual strength of notes, at most and at least
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
    """The key in which the music is for most of the time. `level` [frames]: RMS, to know where anything sounds.
    `chords`: as they were heard without knowing the key; which of them sound how long tells a tonic from its relatives,
    and where the key changes."""
    step = len(level) // max(1, len(heard.treble)) or 1
    sounding = level[::step][: len(heard.treble)] > max(SILENCE, 0.05 * float(level.max(initial=0.0)))
    sounding = np.pad(sounding, (0, len(heard.treble) - len(sounding)))
    if sounding.sum() < LEAST_SECONDS * TONAL_FRAMES_PER_SECOND:
        return reasons.TOO_SHORT
    if contrast(_classes(heard, sounding)) < LEAST_TONAL or _unpitched(heard, sounding):
        return reasons.NO_PITCH
    named = [chord for chord in chords if chord.label != "N"]
    home = at_home(named)
    whole = _classes(heard, _within(spans(home, named), sounding)).mean(axis=0)
    if int(np.sum(whole > LEAST_SHARE * whole.max())) < LEAST_NOTES:
        return reasons.FEW_NOTES
    fits = _fits(whole)
    scores = PROFILE * fits + _harmony(home, ended=home[-1:] == named[-1:] and ends(level))
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


def _classes(heard: Pitches, sounding: Mask) -> Array:
    """The pitch classes of what sounds [frames, 12], each frame counting alike."""
    return _unit(heard.treble[sounding]) + 0.5 * _unit(heard.bass[sounding])


def _within(stays: Sequence[tuple[float, float]], sounding: Mask) -> Mask:
    """What sounds while the music is at home, or all of it where that is not known."""
    times = np.arange(len(sounding)) / TONAL_FRAMES_PER_SECOND
    inside = np.zeros(len(sounding), dtype=np.bool_)
    for start, end in stays:
        inside |= (times >= start) & (times < end)
    inside &= sounding
    return inside if inside.sum() >= LEAST_SECONDS * TONAL_FRAMES_PER_SECOND else sounding


def _unpitched(heard: Pitches, sounding: Mask) -> bool:
    """Whether what is heard as notes is drums: little is explained, and it keeps to no tuning."""
    return heard.tuned < LEAST_TUNED and strength(heard.notes[sounding]) < LEAST_STRENGTH


def strength(notes: Array) -> float:
    """How much of what sounds is explained as `notes` [frames, NOTES], in a usual frame."""
    return float(np.median(np.linalg.norm(notes, axis=1))) if len(notes) else 0.0


def pitched(notes: Array) -> float:
    """The same as a share, 0–1: of drums alone nothing, and of songs all."""
    return float(np.clip((strength(notes) - DRUMS) / (SONGS - DRUMS), 0.0, 1.0))


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


def ends(level: Array) -> bool:
    """Whether the music comes to an end: it is neither cut off while it sounds nor faded out. `level` [frames]."""
    usual = float(np.median(level[level > SILENCE])) if np.any(level > SILENCE) else 0.0
    loud, heard = np.flatnonzero(level > LOUD * usual), np.flatnonzero(level > QUIET * usual)
    if not len(loud) or heard[-1] >= len(level) - DEAD:
        return False
    return bool((heard[-1] - loud[-1]) / FRAMES_PER_SECOND < RINGING)


def _harmony(chords: Sequence[TimedChord], *, ended: bool) -> Array:
    """What the chords say for all 24 keys. `ended`: the last one ends the music."""
    scores = np.zeros((2, 12))
    if not chords:
        return scores.reshape(-1)
    shares = np.zeros((2, 12))
    for chord in chords:
        shares[triad(chord)] += chord.end - chord.start
    parts = np.sqrt(shares / shares.sum())
    for number, mode in enumerate(MODES):
        for tonic in range(12):
            scores[number, tonic] = float(np.sum(np.roll(parts, -tonic, axis=1) * np.array(TRIADS[mode])))
    minor, root = triad(chords[-1])
    scores[triad(chords[0])] += FIRST
    scores[minor, root] += HOME if ended else LAST
    if ended and not minor:
        scores[:, [(root + 5) % 12, (root + 7) % 12]] += NEAR
    return scores.reshape(-1)
