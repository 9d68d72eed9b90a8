"""What thirds of a beat say of a hypothesis.

Every level of a metre divides the one above into two or into three (F. Lerdahl and R. Jackendoff, "A Generative Theory
of Tonal Music", 1983). So where thirds of a span sound and its middle does not, half of that span is no beat; and where
of three beats the second is never heard, the three are one beat that swings: long and short. This needs no weight
beside the other features of a hypothesis, and was found with songs in 6/8 and of a style that swings, of
`bench/accuracy.py`.

All that is given are onsets, low and high ones [places, 3], at and between the beats of the hypothesis.
"""

from __future__ import annotations

from collections.abc import Sequence

from pansori.engines.analyze.pansori.music.model import Array

#: Of thirds of a beat: how far they stand over its middle, how strong they are beside it, and one beside the other.
CLEARLY, LEAST_THIRD, FILLED = 1.4, 0.08, 0.27


def filled(here: Array, there: Array, thirds: Sequence[Array]) -> bool:
    """Whether both thirds of beats sound, in what is high, and more than their middle (`there`) does: of a beat that
    swings only the second third sounds, or nearly so."""
    first, second = (float(third[:, 2].mean()) for third in thirds)
    middle, on = float(there[:, 2].mean()), float(here[:, 2].mean())
    return min(first, second) > max(CLEARLY * middle, LEAST_THIRD * on, FILLED * max(first, second), 1e-9)


def span_pairs(here: Array, thirds: Sequence[Array]) -> bool:
    """Whether every second beat is all but silent, while thirds of the time from one of the others to the next sound:
    then the true beat spans two of these, and falls into three. `thirds`: the first and the second after each beat."""
    first, second = (third[:, 0] for third in thirds)
    return any(
        float(here[1 - even :: 2, 0].mean())
        < FILLED * max(float(second[even::2].mean()), float(first[1 - even :: 2].mean()))
        for even in (0, 1)
    )


def swing(here: Array) -> bool:
    """Whether of every three beats the one after the lowest is all but silent in what is high, and the next is not. A
    waltz may leave its first beat to the bass, or its third to nobody."""
    low, high = ([float(here[place::3, of].mean()) for place in range(3)] for of in (1, 2))
    first = low.index(max(low))
    return high[(first + 1) % 3] < FILLED * high[(first + 2) % 3]
