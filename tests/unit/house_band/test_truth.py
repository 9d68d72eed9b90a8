"""The band's own score as data: exact, whole, and of the song that is played."""

from __future__ import annotations

import io
import json
from itertools import pairwise
from pathlib import Path

import mido
import pytest

from pansori.domain.tasks import ComposeTask
from pansori.domain.units import Beats, BeatsPerMinute, Seconds
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.engines.compose.house_band.model import Chord
from pansori.engines.compose.house_band.planning import plan
from pansori.engines.compose.house_band.score import notation
from pansori.engines.compose.house_band.sound.perform import perform
from pansori.engines.compose.house_band.truth import chord_name
from pansori.settings import Settings
from support.context import MemoryContext


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


def test_six_eight_has_two_beats_in_a_bar_that_fall_into_three(band: HouseBand) -> None:
    task = ComposeTask(genre="pop 6/8", duration=Seconds(30.0), seed=4)
    told = band.truth(task, HouseBandOptions(tempo=BeatsPerMinute(60.0), humanize=0.0))
    assert (told["tempo"], told["metre"], told["beats_per_bar"]) == (60.0, "6/8", 2)
    assert told["beats"][:3] == pytest.approx([0.0, 1.0, 2.0])
    assert told["downbeats"] == told["beats"][::2]
    strokes = {start for start, *_ in told["notes"]["drums"]}
    thirds = [round(start * 3, 6) % 1.0 for start in strokes]
    assert sum(place in (0.0, 0.5) for place in thirds) > 0.9 * len(thirds)
    assert {round(start % 1.0, 3) for start in strokes} > {0.0, 0.333, 0.667}


@pytest.mark.parametrize("flow", ["rubato", "accelerando", "ritardando", "tempo change"])
def test_however_the_tempo_moves_the_song_ends_in_time(band: HouseBand, flow: str) -> None:
    options = HouseBandOptions(tempo=BeatsPerMinute(100.0), humanize=0.0)
    steady, moving = (
        band.truth(ComposeTask(genre=f"pop {word}", duration=Seconds(40.0), seed=5), options) for word in ("", flow)
    )
    gaps = [after - before for before, after in pairwise(moving["beats"])]
    assert len(moving["beats"]) == len(steady["beats"])
    assert moving["beats"][-1] == pytest.approx(steady["beats"][-1], abs=0.35)
    assert max(gaps) > 1.06 * min(gaps)
    tempi = [tempo for _, tempo in moving["tempo_curve"]]
    assert 60.0 / min(gaps) == pytest.approx(max(tempi), rel=0.01)
    kick = [start for start, _, pitch, _ in moving["notes"]["drums"] if pitch == 36]
    assert any(start in kick for start in moving["downbeats"][8:])


def test_the_midi_file_has_the_tempi_and_its_notes_lie_on_the_beats(band: HouseBand, tmp_path: Path) -> None:
    task = ComposeTask(genre="pop tempo change", duration=Seconds(40.0), seed=5)
    options = HouseBandOptions(tempo=BeatsPerMinute(100.0), humanize=0.0)
    context = MemoryContext(seed=5, scratch=tmp_path)
    planned = plan(task, options, context.random)
    played = perform(planned.score, context.random, duration=task.duration, humanize=0.0)
    file = mido.MidiFile(file=io.BytesIO(notation.midi(planned.score, played)))
    assert len([message for message in file.tracks[0] if message.type == "set_tempo"]) == 2
    now, heard = 0.0, set()
    for message in file:
        now += message.time
        if message.type == "note_on" and message.channel == 9 and message.velocity:
            heard.add(round(now, 2))
    strokes = {round(float(note.start), 2) for note in played.parts["drums"]}
    assert len(strokes & heard) > 0.9 * len(strokes)
