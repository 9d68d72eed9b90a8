"""The analyser against songs whose score is known: some of every group that `python -m bench accuracy` judges it by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from pansori.domain.units import Seconds
from pansori.engines.analyze.pansori.music import Key, Refused, listen
from pansori.lexicon.music import NOTE_NAMES
from support.judged import GOALS, METRE, Case, Scores, compared, documented, recorded

LENGTH = Seconds(26.0)
SONGS = (
    # without drums, in even eighths: only its bass and its chords tell how slow it is
    Case("ballad", 67.0, 31_001, sung=False, noisy=False),
    Case("trot", 178.0, 31_002, sung=False, noisy=False),
    Case("waltz", None, 31_003, sung=False, noisy=True),
    Case("jazz", None, 31_004, sung=False, noisy=False),
    Case("pop", 104.0, 31_005, sung=True, noisy=False),
    Case("rock", None, 31_006, sung=False, noisy=False, spoiled="MP3 of 64 kbit/s"),
    Case("pop 6/8", 62.0, 31_008, sung=False, noisy=False),
    Case("rock accelerando", 112.0, 31_009, sung=False, noisy=False),
    Case("folk ritardando", 112.0, 31_010, sung=False, noisy=False),
)
SHORT = 0.05  #: by which a mean of so few short songs may lie under the goal of many
ALL_RIGHT = ("tempo with its octave", "key", METRE)
LEAST_BEATS = 0.8  #: F of every song; half or twice as many beats reach 0.67


@pytest.fixture(scope="module")
def scores() -> list[Scores]:
    return [compared(listen(sound), truth) for sound, truth in (recorded(case, LENGTH) for case in SONGS)]


@pytest.mark.parametrize("what", ALL_RIGHT)
def test_all_songs_are_right(scores: Sequence[Scores], what: str) -> None:
    assert {case.style: score[what] for case, score in zip(SONGS, scores, strict=True) if score[what] < 1.0} == {}


def test_no_song_loses_its_beats(scores: Sequence[Scores]) -> None:
    found = {case.style: score["beats, F"] for case, score in zip(SONGS, scores, strict=True)}
    assert {style: value for style, value in found.items() if value < LEAST_BEATS} == {}


@pytest.mark.parametrize("what", [what for what in GOALS if what not in ALL_RIGHT])
def test_the_goals_are_reached_in_the_mean(scores: Sequence[Scores], what: str) -> None:
    assert np.mean([score[what] for score in scores]) >= GOALS[what] - SHORT


def test_another_song_reaches_none_of_the_goals() -> None:
    (sound, _), (_, truth) = (recorded(case, LENGTH) for case in SONGS[:2])
    wrong = compared(listen(sound), truth)
    assert all(wrong[what] < GOALS[what] for what in ("tempo with its octave", "beats, F", "chords, weighted overlap"))


def test_the_key_of_a_song_is_that_of_most_of_it_and_not_of_its_last_chorus() -> None:
    sound, truth = documented(1)
    found = listen(sound).key
    assert not isinstance(found, Refused)
    assert named(found) == truth["key"] == "C major"
    assert found.confidence > 0.5


def named(key: Key) -> str:
    return f"{NOTE_NAMES[key.tonic]} {key.mode}"
