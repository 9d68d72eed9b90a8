"""What descriptions of music are understood as."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest
from pansori.engines.compose.house_band.model import Key, Style
from pansori.engines.compose.house_band.score.harmony import numeral
from pansori.engines.compose.house_band.style.genres import GENRES
from pansori.engines.compose.house_band.style.reading import read_style


def read(text: str, seed: int = 1) -> Style:
    return read_style(text, random.Random(seed))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("신나는 K-POP", "kpop_dance"),
        ("K-pop ballad", "ballad"),
        ("rock ballad", "ballad"),
        ("재즈 힙합", "hiphop"),
        ("잔잔한 재즈", "jazz"),
        ("구수한 트로트 한 곡", "trot"),
        ("헤비메탈", "rock"),
        ("Hip-Hop", "hiphop"),
        ("비 오는 날 듣기 좋은 로파이", "lofi"),
        ("acoustic folk with guitar", "folk"),
        ("R&B", "rnb"),
        ("3/4 박자의 노래", "waltz"),
        ("클럽에서 트는 EDM", "edm"),
        ("something nobody ever heard of", "pop"),
        ("", "pop"),
    ],
)
def test_the_genre_is_understood(text: str, name: str) -> None:
    assert read(text).name == name


@pytest.mark.parametrize(
    ("text", "tempo"),
    [("rock, 120 bpm", 120.0), ("템포 95 발라드", 95.0), ("92.5BPM lofi", 92.5), ("BPM: 140 edm", 140.0)],
)
def test_a_tempo_that_is_named_is_exact(text: str, tempo: float) -> None:
    style = read(text)
    assert style.tempo == tempo
    assert style.tempo_asked


@pytest.mark.parametrize("text", ["900 bpm", "pop at 12 bpm", "0 bpm"])
def test_a_tempo_nobody_can_play_is_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidRequest, match="bpm") as refused:
        read(text)
    assert refused.value.field == "genre"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ballad in A minor", Key(9, "minor")),
        ("in a minor", Key(9, "minor")),
        ("C장조 동요", Key(0, "major")),
        ("올림바단조", Key(6, "minor")),
        ("내림마장조 재즈", Key(3, "major")),
        ("B-flat major waltz", Key(10, "major")),
        ("F# Minor rock", Key(6, "minor")),
        ("key of G", Key(7, "major")),
        ("E 마이너", Key(4, "minor")),
    ],
)
def test_a_key_that_is_named_is_obeyed(text: str, key: Key) -> None:
    style = read(text)
    assert style.key == key
    assert style.key_asked


@pytest.mark.parametrize("text", ["a happy song", "I want a major hit", "in a bad mood", "사랑 노래"])
def test_articles_are_no_keys(text: str) -> None:
    assert not read(text).key_asked


@pytest.mark.parametrize(
    ("text", "gender"),
    [("female vocal", "female"), ("rock with a woman singing", "female"), ("male voice", "male"),
        ("남자 목소리 발라드", "male"),
     ("여성 보컬 힙합", "female"), ("trot", "female"), ("힙합", "male")],
)  # fmt: skip
def test_the_voice_is_the_one_asked_for(text: str, gender: str) -> None:
    assert read(text).voice.gender == gender


def test_instruments_are_added_and_left_out() -> None:
    style = read("folk with violin and piano, no drums, 기타 없이")
    assert style.programs["lead"] == 40
    assert style.programs["keys"] == 0
    assert "drums" not in style.programs
    assert "guitar" not in style.programs


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("jazz in 3/4", "jazz"),
        ("3박자 록", "rock"),
        ("왈츠 풍의 재즈", "jazz"),
        ("3/4", "waltz"),
        ("a gentle jazz waltz", "jazz"),
        ("acoustic waltz", "waltz"),
        ("클래식 왈츠", "waltz"),
    ],
)
def test_three_beats_a_bar_in_any_style(text: str, name: str) -> None:
    style = read(text)
    assert (style.name, style.beats_per_bar) == (name, 3)


@pytest.mark.parametrize("text", ["loud metal", "메탈, 일렉 기타와 베이스 기타"])
def test_metal_is_rock_with_heavier_guitars(text: str) -> None:
    metal, rock = read(text), read("rock")
    assert metal.name == "rock"
    assert (metal.programs["guitar"], metal.programs["lead"]) == (30, 30)
    assert not {"keys", "pad"} & set(metal.programs)
    assert metal.energy > rock.energy


def test_a_bass_guitar_is_no_guitar() -> None:
    programs = read("electric guitar and bass guitar").programs
    assert (programs["guitar"], programs["bass"]) == (30, 33)


def test_moods_move_tempo_mode_and_energy() -> None:
    sad, happy = read("슬픈 발라드"), read("행복한 발라드")
    assert sad.tempo < happy.tempo
    assert sad.energy < happy.energy
    assert (sad.key.mode, happy.key.mode) == ("minor", "major")


def test_what_was_understood_is_said() -> None:
    assert {"신나", "k-pop"} <= set(read("신나는 K-POP").words)
    assert read("xyzzy").words == ()


@pytest.mark.parametrize("name", sorted(GENRES))
def test_every_style_is_complete(name: str) -> None:
    genre = GENRES[name]
    assert genre.tempo[0] < genre.tempo[1]
    for progressions in (genre.major_chords, genre.minor_chords):
        assert {"verse", "chorus"} <= set(progressions)
        for progression in (p for options in progressions.values() for p in options):
            for word in progression.replace(",", " ").split():
                numeral(word)


@settings(deadline=None)
@given(st.text(max_size=200), st.integers(0, 5))
def test_any_text_is_a_style_or_refused(text: str, seed: int) -> None:
    try:
        style = read(text, seed)
    except InvalidRequest:
        return
    low, high = GENRES[style.name].tempo
    assert style.tempo_asked or low <= style.tempo <= high
    assert read(text, seed) == style


@pytest.mark.parametrize("text", ["6/8 발라드, 60 bpm", "8분의 6박자 발라드 60 bpm", "a ballad in 6/8 at 60 bpm"])
def test_six_eight_is_two_beats_of_three_eighths(text: str) -> None:
    style = read(text)
    assert (style.name, style.compound, style.felt_beats, style.felt_tempo) == ("ballad", True, 2, 60.0)
    assert (style.beats_per_bar, style.tempo, style.swing) == (3, 90.0, 0.0)


@pytest.mark.parametrize(
    ("text", "flow"),
    [
        ("pop", "steady"),
        ("점점 빨라지는 트로트", "growing"),
        ("ballad, ritardando", "slowing"),
        ("루바토 발라드", "live"),
        ("rock with a tempo change", "changing"),
    ],
)
def test_how_the_tempo_moves_is_understood(text: str, flow: str) -> None:
    assert read(text).flow == flow
