"""Structure: where sections begin, and which of them repeat each other.

Bars are compared by what they sound like. Boundaries are where the sound on both sides differs most (J. Foote, 2000)
and where repetitions begin or end; sections that resemble each other share a letter.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pansori.domain.units import Seconds
from pansori.engines.analyze.pansori.music import reasons
from pansori.engines.analyze.pansori.music.model import Array, Indices, Refused, TimedSection

SHORTEST = 20.0  #: seconds of sound that can have sections
LEAST_BARS = 6
KERNELS = ((6, 0.5), (3, 0.5))  #: bars on each side that are compared, and how much each size weighs
LONGEST = 40  #: bars of a section
MOST_GAIN = 1.3  #: of a boundary: an ending, which differs most, does not hide the others
SECTION, EVEN, ODD = 0.1, 0.2, 0.7  #: costs of a section, and of one whose bars are not a multiple of four or two
USUAL_BARS, USUAL_SECONDS = 8, 16.0  #: of a section; what differs in both costs
UNUSUAL, HASTY = 0.12, 0.4  #: cost of an octave away from them, and of a section under
LEAST_SECONDS = 5.0
ENDING = 0.3  #: of these costs for the last section, which may break off
LIKE = 0.86  #: likeness from which two sections share a letter
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MOST_COMPARED = 1_024  #: bars, spread over a longer sound, whose distances set the measure for all
BLOCK = 512  #: bars that are compared at once
GRID = 2.0  #: seconds of a "bar" where there are none


def sections(seconds: float, downbeats: Array, timbre: Array, flux: Array, chroma: Array) -> (
    tuple[TimedSection, ...] | Refused
):  # fmt: skip
    """Sections that fill the whole. `downbeats` in seconds (empty: an even grid is used); `timbre` [frames, mels] and
    `flux` [frames, bands] at one rate, `chroma` [tonal frames, 12] at another, all over the same `seconds`."""
    if seconds < SHORTEST:
        return reasons.TOO_SHORT
    bars = _bars(seconds, downbeats)
    if len(bars) - 1 < LEAST_BARS:
        return reasons.TOO_SHORT
    sound = np.concatenate([_colour(_mean(timbre, bars, seconds)), 1.5 * _colour(_mean(flux, bars, seconds))], axis=1)
    tonal = _mean(chroma, bars, seconds)
    tonal = tonal / np.maximum(np.linalg.norm(tonal, axis=1, keepdims=True), 1e-9)
    likeness = _likeness(sound, tonal, max(size for size, _ in KERNELS))
    novelty = sum(weight * _novelty(likeness, size) for size, weight in KERNELS)
    cuts = _cuts(np.asarray(novelty), _sizes(float(np.median(np.diff(bars)))))
    edges = np.concatenate([[0.0], bars[cuts], [seconds]])
    labels = _labels(sound, tonal, np.concatenate([[0], cuts, [len(bars) - 1]]))
    top = max(float(np.max(novelty)), 1e-9)
    sure = [1.0, *(float(np.asarray(novelty)[cut] / top) for cut in cuts)]
    return tuple(
        TimedSection(Seconds(float(start)), Seconds(float(end)), label, confidence)
        for start, end, label, confidence in zip(edges[:-1], edges[1:], labels, sure, strict=True)
    )


def _bars(seconds: float, downbeats: Array) -> Array:
    """The edges of bars [bars + 1], from the start of the sound to its end."""
    inner = downbeats[(downbeats > 0.0) & (downbeats < seconds)] if len(downbeats) > 1 else np.zeros(0)
    if not len(inner):
        inner = np.arange(GRID, seconds, GRID)
    usual = float(np.median(np.diff(inner))) if len(inner) > 1 else GRID
    first = [] if inner[0] < 0.5 * usual else [0.0]
    last = [] if seconds - inner[-1] < 0.5 * usual else [seconds]
    edges: Array = np.concatenate([first, inner, last])
    return edges


def _mean(values: Array, edges: Array, seconds: float) -> Array:
    """The mean of `values` [frames, n] in every bar."""
    places = np.clip(np.rint(edges * len(values) / seconds).astype(np.int64), 0, len(values) - 1)
    sums = np.add.reduceat(values.astype(np.float32), places[:-1], axis=0)
    ends = np.append(places[1:-1], len(values))
    means: Array = sums / np.maximum(ends - places[:-1], 1)[:, None]
    return means


def _colour(values: Array) -> Array:
    """Every column from its mean, in units of the spread of all."""
    centred = values - values.mean(axis=0)
    colour: Array = centred / max(float(np.sqrt(np.mean(np.sum(centred**2, axis=1)))), 1e-6)
    return colour


def _distances(sound: Array, other: Array) -> Array:
    """Squared, of every bar to every other; shape [..., bars, n] twice gives [..., bars, bars]."""
    squares, others = np.sum(sound**2, axis=-1), np.sum(other**2, axis=-1)
    distances: Array = np.maximum(
        squares[..., :, None] + others[..., None, :] - 2.0 * sound @ np.swapaxes(other, -1, -2), 0.0
    )
    return distances


def _likeness(sound: Array, tonal: Array, size: int) -> Array:
    """Of the `size` bars before and after each edge to one another, 1 for equal ones and towards 0 for distant ones
    [bars, 2 * size, 2 * size]. So hours take no more memory a bar than minutes."""
    some = sound[:: -(-len(sound) // MOST_COMPARED)]
    scale = max(float(np.median(_distances(some, some))), 1e-6)
    around = np.clip(np.arange(len(sound))[:, None] + np.arange(-size, size), 0, len(sound) - 1)
    likeness = np.empty((*around.shape, 2 * size))
    for start in range(0, len(sound), BLOCK):
        places = slice(start, start + BLOCK)
        colour, harmony = sound[around[places]], tonal[around[places]]
        same = harmony @ np.swapaxes(harmony, -1, -2)
        likeness[places] = 0.85 * np.exp(-_distances(colour, colour) / scale) + 0.15 * same
    return likeness


def _novelty(likeness: Array, size: int) -> Array:
    """How much `size` bars before and after each edge differ from each other, and resemble themselves [bars]."""
    offsets = np.arange(-size, size) + 0.5
    taper = np.exp(-0.5 * (offsets / (0.5 * size)) ** 2)
    kernel = np.outer(np.sign(offsets) * taper, np.sign(offsets) * taper)
    kernel /= np.abs(kernel).sum()
    middle = likeness.shape[1] // 2
    near = likeness[:, middle - size : middle + size, middle - size : middle + size]
    found = np.sum(near * kernel, axis=(1, 2))
    found[0] = 0.0
    novelty: Array = np.maximum(found, 0.0)
    return novelty


def _cuts(novelty: Array, costs: Array) -> Indices:
    """The bars at which sections begin, the first apart: those of most novelty that leave sections of usual lengths
    (G. Sargent et al., "A regularity-constrained Viterbi algorithm", ISMIR 2011)."""
    inner = novelty[1:-2] if len(novelty) > LEAST_BARS else novelty
    gain = np.minimum(novelty / max(float(np.percentile(inner, 95)), 1e-9), MOST_GAIN)
    gain = np.append(gain, 0.0)
    best, back = np.full(len(gain), -np.inf), np.zeros(len(gain), dtype=np.int64)
    best[0] = 0.0
    for edge in range(1, len(gain)):
        first = max(0, edge - LONGEST)
        sizes = edge - np.arange(first, edge)
        last = edge == len(gain) - 1
        reached = best[first:edge] - (ENDING * costs[sizes] if last else costs[sizes])
        back[edge] = first + int(np.argmax(reached))
        best[edge] = reached[back[edge] - first] + gain[edge]
    cuts = [int(back[-1])]
    while cuts[-1] > 0:
        cuts.append(int(back[cuts[-1]]))
    return np.array([cut for cut in cuts[::-1] if cut > 0], dtype=np.int64)


def _sizes(bar: float) -> Array:
    """What a section of so many bars costs, each `bar` seconds long."""
    bars = np.maximum(np.arange(LONGEST + 1), 1)
    odd = np.where(bars % 4 == 0, 0.0, np.where(bars % 2 == 0, EVEN, ODD))
    unusual = np.abs(np.log2(np.sqrt(bars / USUAL_BARS * bars * bar / USUAL_SECONDS))) ** 1.5
    costs: Array = SECTION + odd + UNUSUAL * unusual + HASTY * (bars * bar < LEAST_SECONDS)
    return costs


def _labels(sound: Array, tonal: Array, edges: Indices) -> list[str]:
    """A letter for every section: the first one's that it resembles in sound and, bar by bar, in harmony."""
    known: list[tuple[Array, Array]] = []
    labels = []
    for start, end in pairwise(edges):
        colour, harmony = sound[start:end].mean(axis=0), tonal[start:end]
        found = [_resemblance(colour, harmony, *other) for other in known]
        best = int(np.argmax(found)) if found else -1
        if best < 0 or found[best] < LIKE:
            known.append((colour, harmony))
            best = len(known) - 1
        labels.append(LETTERS[best % len(LETTERS)] + "'" * (best // len(LETTERS)))
    return labels


def _resemblance(colour: Array, harmony: Array, other: Array, progression: Array) -> float:
    near = float(np.exp(-0.5 * np.sum((colour - other) ** 2)))
    size = min(len(harmony), len(progression))
    same = max(
        float(np.mean(np.sum(harmony[:size] * np.roll(progression, -shift, axis=0)[:size], axis=1)))
        for shift in range(min(4, len(progression)))
    )
    return 0.5 * near + 0.5 * same
