"""The band's own score as data: exact, whole, and of the song that is played."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Beats, BeatsPerMinute, Seconds
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.engines.compose.house_band.model import Chord
from pansori.engines.compose.house_band.truth import chord_name
from pansori.settings import Settings


@pytest.fixture
def band(tmp_path: Path) -> HouseBand:
    return HouseBand(Settings(data_dir=tmp_path))


def test_beats_bars_and_chords_fill_the_song(band: HouseBand) -> None:
    task = ComposeTask(genre="waltz", duration=Seconds(30.0), seed=3)
    told = band.truth(task, HouseBandOptions(tempo=BeatsPerMinute(120.0), key="F# minor"))
    assert json.loads(json.dumps(told)) == told
    assert (told["tempo"], told["beats_per_bar"], told["key"]) == (120.0, 3, "F# minor")
    assert told["beats"][:3] == pytest.approx([0.0, 0.5, 1.0])
    assert told["downbeats"] == told["beats"][::3]
    assert [end for _, end, _ in told["chords"][:-1]] == [start for start, _, _ in told["chords"][1:]]
    assert told["sections"][0][0] == 0.0
    assert told["sections"][-1][1] == told["duration"] == 30.0
    assert told["notes"]["bass"]


def test_words_are_told_when_they_are_sung_and_not_where_nobody_sings(band: HouseBand) -> None:
    task = ComposeTask(genre="pop", lyrics="Walking home along the river", seed=1)
    told = band.truth(task, HouseBandOptions())
    assert [word for *_, word in told["words"]][:5] == ["Walking", "home", "along", "the", "river"]
    assert all(start < end for start, end, _ in told["words"])
    silent = band.truth(task, HouseBandOptions(vocals=False))
    assert (silent["words"], silent["melody"]) == ([], [])
    assert silent["beats"] == told["beats"]


def test_swing_moves_offbeats_and_no_beats(band: HouseBand) -> None:
    task = ComposeTask(genre="jazz", duration=Seconds(20.0), seed=2)
    told = band.truth(task, HouseBandOptions(tempo=BeatsPerMinute(120.0), humanize=0.0))
    assert told["swing"] == 1.0
    assert told["beats"][1] == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("chord", "name"),
    [
        (Chord(Beats(0), Beats(4), 0, "maj"), "C:maj"),
        (Chord(Beats(0), Beats(4), 9, "min7"), "A:min7"),
        (Chord(Beats(0), Beats(4), 11, "m7b5"), "B:hdim7"),
        (Chord(Beats(0), Beats(4), 7, "maj", 11), "G:maj/3"),
    ],
)
def test_chords_have_the_names_of_their_field(chord: Chord, name: str) -> None:
    assert chord_name(chord) == name
