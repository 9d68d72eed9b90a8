"""Analyses compared with what people say of the same recording."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pansori import reports
from pansori.domain.errors import InvalidRequest
from pansori.engines.analyze.base import NOT_MEASURED
from pansori.engines.analyze.schema import MusicMeasures
from pansori.reports import Truth
from support.analyses import BEATS, DOWNBEATS, known

RECORDING = Path("song.wav")


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    """Of the analysis itself, by way of JAMS."""
    path = tmp_path / "song.jams"
    path.write_text(json.dumps(reports.jams(known().analysis, title="song")), encoding="utf-8")
    found = reports.find_truth(path, RECORDING)
    assert found == reports.find_truth(tmp_path, RECORDING)
    assert found is not None
    return found


def test_what_is_written_is_read(truth: Truth) -> None:
    assert truth.beats == BEATS
    assert truth.downbeats == DOWNBEATS
    assert truth.key == "F# minor"
    assert truth.tempo == 120.0
    assert [label for _, _, label in truth.chords] == ["N", "A:min", "G:7"]


def test_an_analysis_agrees_with_itself(truth: Truth) -> None:
    scores = reports.evaluate(known().analysis, truth)
    assert set(scores.values()) == {1.0}
    assert {"tempo.accuracy1", "beats.f", "downbeats.f", "onsets.f", "key.weighted", "chords.majmin"} < set(scores)
    assert {"sections.f_0.5s", "sections.f_3s"} < set(scores)


def test_a_refusal_counts_as_wrong(truth: Truth) -> None:
    silent = known().analysis.model_copy(update={"music": MusicMeasures.refuse(NOT_MEASURED)})
    scores = reports.evaluate(silent, truth)
    assert set(scores) == set(reports.evaluate(known().analysis, truth))
    assert set(scores.values()) == {0.0}


def test_errors_cost_what_they_should() -> None:
    scores = reports.evaluate(known().analysis, Truth(tempo=60.0, key="A major", beats=tuple(b + 0.2 for b in BEATS)))
    assert scores == {"tempo.accuracy1": 0.0, "tempo.accuracy2": 1.0, "beats.f": 0.0, "key.weighted": 0.3}


def test_labels_are_read_from_a_folder(tmp_path: Path) -> None:
    for name, text in reports.audacity(known().analysis).items():
        (tmp_path / f"song.wav.{name}.txt").write_text(text, encoding="utf-8")
    found = reports.find_truth(tmp_path, RECORDING)
    assert found is not None
    assert found.beats == BEATS
    assert found.sections[1] == (3.25, 8.0, 'B "again"')
    assert reports.find_truth(tmp_path, Path("other.wav")) is None


@pytest.mark.parametrize("text", ["", "[]", '{"annotations": [{"namespace": "beat"}]}', '{"annotations": 1}'])
def test_what_cannot_be_read_is_told(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.jams"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InvalidRequest, match=r"a\.jams"):
        reports.find_truth(path, RECORDING)


def test_what_cannot_be_compared_is_told() -> None:
    with pytest.raises(InvalidRequest, match="compared"):
        reports.evaluate(known().analysis, Truth(chords=((0.0, 8.0, "no chord at all"),)))
