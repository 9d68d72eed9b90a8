"""What thirds of a beat refute."""

from __future__ import annotations

import numpy as np
import pytest

from pansori.engines.analyze.pansori.music import thirds
from pansori.engines.analyze.pansori.music.model import Array

BEATS = 24


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


@pytest.mark.parametrize("pattern", [(1.0, 0.1, 0.8), (0.8, 1.0, 0.1), (0.1, 0.8, 1.0)])
def test_three_beats_of_which_one_is_never_heard_are_one_that_swings(pattern: tuple[float, ...]) -> None:
    assert thirds.swing(places(*pattern))


@pytest.mark.parametrize("pattern", [(1.0, 0.5, 0.5), (1.0, 0.4, 0.9), (0.3, 0.3, 0.3)])
def test_a_bar_of_three_is_none(pattern: tuple[float, ...]) -> None:
    assert not thirds.swing(places(*pattern))
