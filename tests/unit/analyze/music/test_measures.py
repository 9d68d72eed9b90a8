"""The measures of music as an analysis tells them: of a tune of which everything is known, in the schema's words."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from pansori.engines.analyze.measure import Measure
from pansori.engines.analyze.pansori.music import RATE, listen
from pansori.engines.analyze.pansori.musical import told
from pansori.engines.analyze.schema import MusicMeasures
from support import tunes

TEMPO, BARS = 100.0, 12
BEAT = 60.0 / TEMPO
CHORDS = ("C:maj", "A:min", "F:maj", "G:7")
WRITTEN = [(0, "maj"), (9, "min"), (5, "maj"), (7, "7")]
SECONDS = BARS * 4 * BEAT


@pytest.fixture(scope="module")
def heard() -> MusicMeasures:
    chords = tunes.progression(WRITTEN * (BARS // 4), 4 * BEAT)
    return told(listen(tunes.beat(len(chords) / RATE, TEMPO, first=0.0) + chords))


def value(measure: Measure[Any]) -> Any:
    assert measure.value is not None, measure.refused
    return measure.value


def near(found: tuple[float, ...], true: np.ndarray) -> bool:
    return bool(np.abs(np.subtract.outer(true, np.array(found))).min(axis=1).max() < 0.07)


def test_beats_and_bars_are_told_apart(heard: MusicMeasures) -> None:
    assert value(heard.tempo) == pytest.approx(TEMPO, rel=0.01)
    assert heard.tempo.unit == "BPM"
    assert near(value(heard.beats), np.arange(0.0, SECONDS - 0.3, BEAT))
    assert near(value(heard.downbeats), np.arange(0.0, SECONDS - 3.0, 4 * BEAT))
    assert len(value(heard.downbeats)) < len(value(heard.beats)) / 3
    assert (value(heard.metre), value(heard.beats_per_bar)) == ("4/4", 4)
    assert value(heard.swing) == 0.0
    curve = np.array(value(heard.tempo_curve))
    assert curve[0, 0] < curve[-1, 0] <= SECONDS
    assert curve[:, 1] == pytest.approx(TEMPO, rel=0.02)


def test_every_chord_says_what_else_it_may_be(heard: MusicMeasures) -> None:
    for chord in value(heard.chords):
        shares = [one.confidence for one in chord.runners_up]
        assert len(shares) == 2
        assert shares == sorted(shares, reverse=True)
        assert sum(shares) + (chord.confidence or 0.0) <= 1.001
        assert chord.label not in [one.value for one in chord.runners_up]
    first = value(heard.chords)[0]
    assert first.label == "C:maj"
    # what has two of its notes, or its root, is next
    assert first.runners_up[0].value in ("A:min7", "A:min", "E:min", "C:maj7", "C:7", "C:min", "C:sus4")


def test_every_estimate_says_how_sure_it_is_and_what_else_it_may_be(heard: MusicMeasures) -> None:
    assert [one.value for one in heard.metre.runners_up] == ["3/4"]
    for measure in (heard.tempo, heard.key, heard.beats_per_bar):
        others: Any = measure.runners_up
        assert measure.confidence is not None
        assert others
        assert all(one.confidence <= measure.confidence for one in others)
        assert value(measure) not in [one.value for one in others]
        assert [one.confidence for one in others] == sorted((one.confidence for one in others), reverse=True)
    for sure in (heard.beats.confidence, heard.downbeats.confidence, heard.metre.confidence):
        assert sure is not None
        assert sure > 0.5


def test_harmony_is_told_in_names(heard: MusicMeasures) -> None:
    assert value(heard.key) == "C major"
    scores = value(heard.key_scores)
    assert len({one.key for one in scores}) == 24
    assert scores[0].key == "C major"
    assert [one.value for one in heard.key.runners_up] == [one.key for one in scores[1:4]], "the likeliest first"
    assert value(heard.tuning) == pytest.approx(0.0, abs=5.0)
    for bar in range(BARS):
        middle = (4 * bar + 2) * BEAT
        assert [one.label for one in value(heard.chords) if one.start <= middle < one.end] == [CHORDS[bar % 4]]


@pytest.mark.parametrize("name", ["chords", "sections"])
def test_chords_and_sections_follow_each_other(heard: MusicMeasures, name: str) -> None:
    spans = value(getattr(heard, name))
    assert spans[0].start == pytest.approx(0.0, abs=0.1)
    assert spans[-1].end == pytest.approx(SECONDS, abs=0.5)
    assert all(one.end == other.start for one, other in pairwise(spans))
    assert all(one.label and one.confidence is not None for one in spans)


def test_the_sound_is_told_in_numbers(heard: MusicMeasures) -> None:
    bands = value(heard.spectral_balance)
    assert sum(band.share for band in bands) == pytest.approx(1.0, abs=1e-3)
    assert max(bands, key=lambda band: band.share).highest <= 250.0, "the bass drum and the roots"
    assert all(one.highest == other.lowest for one, other in pairwise(bands))
    assert 100.0 < value(heard.brightness) < 2_000.0
    assert 100.0 < value(heard.rolloff) < 2_000.0
    assert 0.0 < value(heard.danceability) <= 1.0
    assert value(heard.dynamics) > 1.0
    energy = value(heard.energy)
    assert abs(len(energy.values) - math.ceil(SECONDS)) <= 1
    loudest = max(level for level in energy.values if level is not None)
    assert -40.0 < loudest < 0.0
    assert near(value(heard.onsets), np.arange(4 * BEAT, SECONDS - 0.3, BEAT))
    times = [time for time, _ in value(heard.melody)]
    assert times == sorted(times)
    assert any(pitch is not None for _, pitch in value(heard.melody))


def test_where_nothing_is_heard_every_measure_says_why() -> None:
    quiet = told(listen(tunes.silence(12.0)))
    for name in MusicMeasures.model_fields:
        refused = getattr(quiet, name).refused
        assert refused is not None, name
        assert refused.reason != refused.reason_ko
