"""The analyser against songs whose score is known: a few of those that `python -m bench accuracy` judges it by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pansori.domain.units import Seconds
from pansori.engines.analyze.pansori.music import listen
from support.judged import GOALS, METRE, Case, Scores, compared, recorded

LENGTH = Seconds(26.0)
SONGS = (
    Case("ballad", 67.0, 31_007, sung=False, noisy=False),
    Case("trot", 178.0, 31_002, sung=False, noisy=False),
    Case("waltz", None, 31_003, sung=False, noisy=True),
    Case("jazz", None, 31_004, sung=False, noisy=False),
    Case("pop", 104.0, 31_005, sung=True, noisy=False),
    Case("rock", None, 31_006, sung=False, noisy=False, spoiled="MP3 of 64 kbit/s"),
    Case("pop 6/8", 62.0, 31_008, sung=False, noisy=False),
    Case("rock accelerando", 112.0, 31_009, sung=False, noisy=False),
)
SHORT = 0.15  #: by which a mean of so few short songs may lie under the goal of many


@pytest.fixture(scope="module")
def scores() -> list[Scores]:
    return [compared(listen(sound), truth) for sound, truth in (recorded(case, LENGTH) for case in SONGS)]


def test_every_tempo_is_right_with_its_octave(scores: Sequence[Scores]) -> None:
    assert [score["tempo with its octave"] for score in scores] == [1.0] * len(SONGS)


def test_every_metre_is_right(scores: Sequence[Scores]) -> None:
    assert [score[METRE] for score in scores] == [1.0] * len(SONGS)


@pytest.mark.parametrize("what", [what for what in GOALS if what != "boundaries, F"])
def test_the_goals_are_reached_in_the_mean(scores: Sequence[Scores], what: str) -> None:
    assert np.mean([score[what] for score in scores]) >= GOALS[what] - SHORT


def test_another_song_reaches_none_of_the_goals() -> None:
    (sound, _), (_, truth) = (recorded(case, LENGTH) for case in SONGS[:2])
    wrong = compared(listen(sound), truth)
    assert all(wrong[what] < GOALS[what] for what in ("tempo with its octave", "beats, F", "chords, weighted overlap"))
