"""Chords over time: a path of chords through the pitch classes of every beat, on which changes are likelier where bars
begin and where the key knows the chord."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pansori.domain.units import Seconds
from pansori.engines.analyze.pansori.music.key import Pitches
from pansori.engines.analyze.pansori.music.model import (
    TONAL_FRAMES_PER_SECOND,
    Array,
    Indices,
    Key,
    RankedChord,
    Refused,
    TimedChord,
)
from pansori.lexicon.music import NOTE_NAMES

#: Semitones over the root, and what the quality costs beside a plain triad.
QUALITIES: dict[str, tuple[tuple[int, ...], float]] = {
    "maj": ((0, 4, 7), 0.0),
    "min": ((0, 3, 7), 0.0),
    "7": ((0, 4, 7, 10), 0.05),
    "maj7": ((0, 4, 7, 11), 0.05),
    "min7": ((0, 3, 7, 10), 0.05),
    "dim": ((0, 3, 6), 0.08),
    "sus4": ((0, 5, 7), 0.08),
}
NO_CHORD = "N"
LEAST = 0.62  #: likeness under which no chord is heard
SHARPNESS = 14.0  #: of likeness
BASS_ROOT = 0.16  #: what it adds to the likeness that the bass plays the root
CHANGE = 2.2  #: cost of a change on a beat
ON_ONE, ON_THREE = 1.6, 0.7  #: by which it is cheaper where a bar begins, and at its half
FOREIGN = 0.8  #: cost of a chord with notes outside the key, each
GRID = 0.5  #: seconds between possible changes where there are no beats
RUNNERS_UP = 2
SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10, 11)}


@dataclass(frozen=True)
class Places:
    """Where chords may change: `times` (one more than there are spans), and the cost of a change at each."""

    times: Array
    costs: Array


def places(seconds: float, beats: Array | None, positions: Indices | None, beats_per_bar: int) -> Places:
    """On beats where there are any, and evenly before and after them."""
    if beats is None or positions is None or len(beats) < 2:
        times = np.arange(0.0, seconds, GRID)
        return Places(np.append(times, seconds), np.full(len(times), CHANGE))
    period = float(np.median(np.diff(beats)))
    before = beats[0] - period * np.arange(1, int(beats[0] / period) + 1)[::-1]
    after = beats[-1] + period * np.arange(1, int(max(0.0, seconds - beats[-1]) / period) + 1)
    middle = CHANGE - ON_ONE * (positions == 0)
    if beats_per_bar == 4:
        middle = middle - ON_THREE * (positions == 2)
    costs = np.concatenate([np.full(len(before), CHANGE), middle, np.full(len(after), CHANGE)])
    times = np.concatenate([before, beats, after])
    if times[0] > 1e-6:
        times, costs = np.append(0.0, times), np.append(CHANGE, costs)
    keep = times < seconds - 1e-6
    return Places(np.append(times[keep], seconds), costs[keep])


def chords(heard: Pitches, where: Places, key: Key | Refused, level: Array) -> tuple[TimedChord, ...]:
    """The chords from the first to the last moment, without a gap."""
    treble, bass = _averaged(heard.treble, where.times), _averaged(heard.bass, where.times)
    loud = _averaged(level[:, None], where.times, rate=len(level) / max(where.times[-1], 1e-9))[:, 0]
    likeness = _likeness(treble, bass)
    silent = loud < 0.02 * float(np.percentile(loud, 90)) + 1e-5
    likeness[silent, :-1] = 0.0
    score = SHARPNESS * likeness - _strangeness(key)
    path = _path(score, where.costs)
    powers = np.exp(score - score.max(axis=1, keepdims=True))
    return _joined(path, powers / powers.sum(axis=1, keepdims=True), where.times)


def names() -> list[str]:
    return [f"{note}:{quality}" for quality in QUALITIES for note in NOTE_NAMES] + [NO_CHORD]


def _averaged(values: Array, times: Array, rate: float = TONAL_FRAMES_PER_SECOND) -> Array:
    """The mean of `values` [frames, n] within every span between `times`, which may cut frames."""
    sums = np.concatenate([np.zeros((1, values.shape[1])), np.cumsum(values, axis=0, dtype=np.float64)])
    ends = np.clip(times * rate + 0.5, 0, len(values))
    whole = np.minimum(ends.astype(np.int64), len(values) - 1)
    at = sums[whole] + (ends - whole)[:, None] * values[whole]
    means: Array = np.diff(at, axis=0) / np.maximum(np.diff(ends), 1e-6)[:, None]
    return means


def _likeness(treble: Array, bass: Array) -> Array:
    """Of every span to every chord [spans, chords], 0 to about 1; the last is that there is none."""
    both = np.maximum(treble + 0.35 * bass, 0.0) ** 0.7
    unit = both / np.maximum(np.linalg.norm(both, axis=1, keepdims=True), 1e-9)
    low = bass / np.maximum(bass.sum(axis=1, keepdims=True), 1e-9)
    columns = []
    for tones, cost in QUALITIES.values():
        shape = np.zeros(12)
        shape[list(tones)] = 1.0
        shape[list(tones[3:])] = 0.7
        shape /= np.linalg.norm(shape)
        for root in range(12):
            columns.append(unit @ np.roll(shape, root) - cost + BASS_ROOT * low[:, root])
    columns.append(np.full(len(unit), LEAST))
    likeness: Array = np.stack(columns, axis=1)
    return likeness


def _strangeness(key: Key | Refused) -> Array:
    costs = np.zeros(12 * len(QUALITIES) + 1)
    if isinstance(key, Refused):
        return costs
    scale = {(key.tonic + step) % 12 for step in SCALES[key.mode]}
    for index, (tones, _) in enumerate(QUALITIES.values()):
        for root in range(12):
            costs[12 * index + root] = FOREIGN * sum((root + tone) % 12 not in scale for tone in tones)
    return costs


def _path(score: Array, costs: Array) -> Indices:
    total, back = score[0].copy(), np.zeros(score.shape, dtype=np.int16)
    own = np.arange(score.shape[1])
    for span in range(1, len(score)):
        best = int(total.argmax())
        changed = total[best] - costs[span]
        stays = total >= changed
        back[span] = np.where(stays, own, best)
        total = np.where(stays, total, changed) + score[span]
    path = np.zeros(len(score), dtype=np.int64)
    path[-1] = int(total.argmax())
    for span in range(len(score) - 1, 0, -1):
        path[span - 1] = back[span, path[span]]
    return path


def _joined(path: Indices, shares: Array, times: Array) -> tuple[TimedChord, ...]:
    """`shares` [spans, chords]: how likely each is. The next likely are those of all the time that a chord lasts."""
    labels = names()
    starts = np.flatnonzero(np.diff(path, prepend=-1))
    joined = []
    for first, last in zip(starts, np.append(starts[1:], len(path)), strict=True):
        means = shares[first:last].mean(axis=0)
        others = [int(k) for k in np.argsort(-means, kind="stable") if k != path[first]][:RUNNERS_UP]
        joined.append(
            TimedChord(
                Seconds(float(times[first])),
                Seconds(float(times[last])),
                labels[path[first]],
                float(means[path[first]]),
                tuple(RankedChord(labels[k], float(means[k])) for k in others),
            )
        )
    return tuple(joined)
