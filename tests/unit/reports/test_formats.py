"""What other programs load: read back, it says what the analysis says."""

from __future__ import annotations

import csv
import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import parselmouth
import pytest
from hypothesis import given
from hypothesis import strategies as st
from parselmouth.praat import call

from pansori import reports
from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Label
from pansori.reports.formats import filled
from pansori.reports.layers import places
from support.analyses import BEATS, CHORDS, DOWNBEATS, DURATION, PAUSES, PITCH, SECTIONS, known

#: What the specification's namespaces accept as values.
CHORD = re.compile(r"N|[A-G][b#]*:(maj|min|dim|aug|7|maj7|min7|dim7|hdim7|minmaj7|sus2|sus4)(/[b#]*\d)?")
KEY = re.compile(r"[A-G][b#]?:(major|minor)")


@pytest.fixture(scope="module")
def grid(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The TextGrid as Praat itself has read it."""
    path: Path = tmp_path_factory.mktemp("grid") / "a.TextGrid"
    path.write_text(reports.textgrid(known().analysis), encoding="utf-8")
    return parselmouth.read(str(path))


def tier(grid: Any, name: str) -> int:
    count = call(grid, "Get number of tiers")
    return [call(grid, "Get tier name", number) for number in range(1, count + 1)].index(name) + 1


def test_praat_reads_points(grid: Any) -> None:
    beats = tier(grid, "beats")
    assert call(grid, "Get number of points", beats) == len(BEATS)
    times = [call(grid, "Get time of point", beats, number + 1) for number in range(len(BEATS))]
    assert times == pytest.approx(BEATS)
    marks = [call(grid, "Get label of point", beats, number + 1) for number in range(len(BEATS))]
    assert marks == ["", "", *"1234123412341"]


@pytest.mark.parametrize(("name", "spans"), [("chords", CHORDS), ("sections", SECTIONS)])
def test_praat_reads_intervals(grid: Any, name: str, spans: tuple[tuple[str, float, float], ...]) -> None:
    at = tier(grid, name)
    assert call(grid, "Get number of intervals", at) == len(spans)
    for number, (label, start, end) in enumerate(spans, 1):
        assert call(grid, "Get label of interval", at, number) == label
        assert call(grid, "Get start time of interval", at, number) == pytest.approx(start)
        assert call(grid, "Get end time of interval", at, number) == pytest.approx(end)


def test_praat_sees_the_whole_and_what_lies_between(grid: Any) -> None:
    assert call(grid, "Get end time") == pytest.approx(DURATION)
    at = tier(grid, "pauses")
    labels = [call(grid, "Get label of interval", at, number) for number in range(1, 6)]
    assert labels == ["", "pause", "", "pause", ""]


@given(st.lists(st.tuples(st.floats(-1, 9), st.floats(-1, 9)).map(sorted)), st.floats(0.1, 8))
def test_intervals_cover_all_without_gap_or_overlap(pairs: list[list[float]], end: float) -> None:
    spans = [Label(start=Seconds(max(a, 0.0)), end=Seconds(max(b, 0.0)), label="x") for a, b in sorted(pairs)]
    found = filled(spans, end)
    assert found[0][0] == 0.0
    assert found[-1][1] == end
    assert all(start < stop for start, stop, _ in found)
    assert all(one[1] == after[0] for one, after in pairwise(found))


def test_beats_are_counted_from_downbeats() -> None:
    assert places((0.0, 1.0, 2.0, 3.0), (1.1, 3.0)) == (None, 1, 2, 1)
    assert places((0.0, 1.0), ()) == (None, None)
    assert places((), (1.0,)) == ()


def test_audacity_gets_a_label_track_a_layer() -> None:
    tracks = reports.audacity(known().analysis)
    assert {"beats", "onsets", "chords", "sections", "voiced", "pauses"} == set(tracks)
    chords = [line.split("\t") for line in tracks["chords"].splitlines()]
    assert [(label, float(start), float(end)) for start, end, label in chords] == list(CHORDS)
    beats = [line.split("\t") for line in tracks["beats"].splitlines()]
    assert [float(start) for start, _, _ in beats] == [float(end) for _, end, _ in beats] == list(BEATS)


def test_sonic_visualiser_gets_a_table_a_layer() -> None:
    tables = {
        name: list(csv.reader(text.splitlines())) for name, text in reports.sonic_visualiser(known().analysis).items()
    }
    assert [float(time) for time, _ in tables["beats"]] == list(BEATS)
    assert [(label, float(time), float(time) + float(length)) for time, _, length, label in tables["sections"]] == list(
        SECTIONS
    )
    assert [number for _, number, _, _ in tables["pauses"]] == ["1"] * len(PAUSES)
    assert len(tables["f0"]) == sum(PITCH > 0)
    assert tables["melody"] == [["0.000000", "220"], ["0.200000", "440"]]
    assert {"momentary", "short-term", "f1", "f2"} <= set(tables)


def test_jams_keeps_to_its_schema() -> None:
    written = json.loads(json.dumps(reports.jams(known().analysis, title="a"), allow_nan=False))
    assert set(written) == {"file_metadata", "annotations", "sandbox"}
    facts = written["file_metadata"]
    assert facts["duration"] == DURATION
    assert re.fullmatch(r"\d\.\d\.\d", facts["jams_version"])
    for one in written["annotations"]:
        assert set(one["annotation_metadata"]["curator"]) == {"name", "email"}
        assert {"namespace", "annotation_metadata", "data"} <= set(one)
        if isinstance(one["data"], list):
            assert all(set(seen) == {"time", "duration", "value", "confidence"} for seen in one["data"])
            assert all(0 <= seen["time"] <= DURATION for seen in one["data"])
        else:
            assert len({len(row) for row in one["data"].values()}) == 1
            assert set(one["data"]) == {"time", "duration", "value", "confidence"}


def test_jams_says_what_was_found() -> None:
    annotations = reports.jams(known().analysis, title="a")["annotations"]
    data = {one["namespace"]: one["data"] for one in annotations}
    assert [(one["value"], one["confidence"]) for one in data["tempo"]] == [(120.0, 0.9)]
    assert [one["time"] for one in data["beat"] if one["value"] == 1] == list(DOWNBEATS)
    [key] = data["key_mode"]
    assert key["value"] == "F#:minor"
    assert KEY.fullmatch(key["value"])
    assert [(one["value"], one["time"], one["time"] + one["duration"]) for one in data["chord"]] == list(CHORDS)
    assert all(CHORD.fullmatch(one["value"]) for one in data["chord"])
    assert [one["value"] for one in data["segment_open"]] == [name for name, _, _ in SECTIONS]
    contours = [one["data"] for one in annotations if one["namespace"] == "pitch_contour"]
    assert [len(one["time"]) for one in contours] == [3, len(PITCH)]
    assert sum(one["voiced"] for one in contours[1]["value"]) == sum(PITCH > 0)
