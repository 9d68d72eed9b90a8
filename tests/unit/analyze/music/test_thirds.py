"""What thirds of a beat refute."""

from __future__ import annotations

import numpy as np
import pytest

from pansori.engines.analyze.pansori.music import grid, thirds
from pansori.engines.analyze.pansori.music.model import Array

BEATS, STEP = 24, 36  #: STEP: frames from one beat to the next, which halves and thirds divide
TEMPO = 60.0 * 50 / STEP


def places(*pattern: float) -> Array:
    """Onsets, low and high ones alike, that repeat [BEATS, 3]."""
    return np.repeat(np.resize(pattern, BEATS)[:, None], 3, axis=1).astype(np.float64)


SILENT = places(0.0)


@pytest.mark.parametrize("late", [0, 1])
def test_halves_of_a_beat_that_falls_into_three_are_no_beats(late: int) -> None:
    pairs = (1.0, 0.02) if late == 0 else (0.02, 1.0)
    between = (0.8, 0.0) if late == 0 else (0.0, 0.8)
    assert thirds.span_pairs(places(*pairs), (SILENT, places(*between)))


@pytest.mark.parametrize("second", [0.5, 0.02])
def test_beats_that_sound_are_beats_and_so_are_silent_ones_that_nothing_surrounds(second: float) -> None:
    eighths = places(0.6) if second > 0.1 else SILENT
    assert not thirds.span_pairs(places(1.0, second), (SILENT, eighths))


def three(low: Array, high: Array) -> Array:
    return np.stack([np.maximum(low, high)[:, 0], low[:, 1], high[:, 2]], axis=1)


@pytest.mark.parametrize("late", range(3))
def test_three_beats_of_which_the_second_is_never_heard_are_one_that_swings(late: int) -> None:
    heard = three(places(1.0, 0.6, 0.6), places(1.0, 0.1, 0.8))
    assert thirds.swing(np.roll(heard, late, axis=0))


@pytest.mark.parametrize(
    "high",
    [(1.0, 0.5, 0.5), (0.1, 0.8, 0.8), (0.8, 0.8, 0.1), (0.0, 0.0, 0.0)],
    ids=["all", "its first left to the bass", "its third to nobody", "nothing high"],
)
def test_a_bar_of_three_is_none(high: tuple[float, ...]) -> None:
    assert not thirds.swing(three(places(1.0, 0.2, 0.2), places(*high)))


def heard(*, second_third: float) -> grid.Heard:
    """Beats whose first third is silent or sounds as `second_third` does, and whose last always sounds."""
    envelope = np.zeros(BEATS * STEP)
    for share, level in ((0.0, 1.0), (1 / 3, second_third), (2 / 3, 0.8)):
        envelope[round(share * STEP) :: STEP] = level
    silent = np.zeros((len(envelope) // 5, 12))
    return grid.Heard(envelope, np.repeat(envelope[:, None], 6, axis=1), silent, silent, 0.0)


@pytest.mark.parametrize(
    ("times", "second_third", "metres"), [(1, 0.0, {3, 4}), (2, 0.7, {3}), (3, 0.7, {3, 4}), (3, 0.0, {4})]
)
def test_what_is_refuted_is_no_hypothesis(times: int, second_third: float, metres: set[int]) -> None:
    beats = np.arange(0, BEATS * STEP, STEP / times)
    found = grid.judged(heard(second_third=second_third), TEMPO * times, beats, np.zeros(2))
    assert {one.metre for one in found if not one.half} == metres
