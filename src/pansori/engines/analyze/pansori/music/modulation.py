"""Where music stays in one key, told from its chords: a last chorus a step higher, as many songs have, has another."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

import numpy as np

from pansori.engines.analyze.pansori.music.model import Array, Indices, TimedChord
from pansori.lexicon.music import NOTE_NAMES

#: How often a chord is played where the key signature is that of C major: logs of shares, of major and of minor triads
#: on every pitch class from C. From the same analyses of rock songs as the triads of `key`, in which half the songs
#: are in the major and half in its relative minor.
PLAYED = (
    (-1.7, -5.4, -3.2, -4.7, -3.2, -1.8, -5.4, -1.9, -5.0, -5.1, -3.7, -5.5),
    (-5.3, -5.4, -3.2, -5.6, -3.5, -5.3, -4.9, -5.0, -5.6, -1.5, -5.6, -3.9),
)
CHANGE = 6.0  #: what another key costs: some three chords that are strange in the one and common in the other


def triad(chord: TimedChord) -> tuple[int, int]:
    """Whether a chord is minor (1) or not (0), and its root. It is not `N`."""
    name, quality = chord.label.split(":")
    return int(quality.startswith(("min", "dim"))), NOTE_NAMES.index(name)


def at_home(chords: Sequence[TimedChord]) -> list[TimedChord]:
    """Those of `chords`, none of them `N`, that are played while the signature is the one that holds longest."""
    if not chords:
        return []
    signatures = _path(np.array([_said(*triad(chord)) for chord in chords]))
    lengths = np.zeros(12)
    for chord, signature in zip(chords, signatures, strict=True):
        lengths[signature] += chord.end - chord.start
    longest = int(lengths.argmax())
    return [chord for chord, signature in zip(chords, signatures, strict=True) if signature == longest]


def spans(chords: Sequence[TimedChord], every: Sequence[TimedChord]) -> list[tuple[float, float]]:
    """From when until when `chords`, some of `every` in their order, follow each other without another between."""
    among = set(chords)
    runs = [list(run) for inside, run in groupby(every, key=among.__contains__) if inside]
    return [(float(run[0].start), float(run[-1].end)) for run in runs]


def _said(minor: int, root: int) -> Array:
    """What a chord says for the twelve signatures, by the major key that each belongs to."""
    return np.array([PLAYED[minor][(root - tonic) % 12] for tonic in range(12)])


def _path(said: Array) -> Indices:
    """The signature of every chord: the likeliest path through `said` [chords, 12] that changes seldom."""
    total, back = said[0].copy(), np.zeros(said.shape, dtype=np.int64)
    own = np.arange(12)
    for row in range(1, len(said)):
        best = int(total.argmax())
        stays = total >= total[best] - CHANGE
        back[row] = np.where(stays, own, best)
        total = np.where(stays, total, total[best] - CHANGE) + said[row]
    path = np.zeros(len(said), dtype=np.int64)
    path[-1] = int(total.argmax())
    for row in range(len(said) - 1, 0, -1):
        path[row - 1] = back[row, path[row]]
    return path
