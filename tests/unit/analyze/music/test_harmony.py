"""Keys, chords and melodies of tones whose pitches are known."""

from __future__ import annotations

import numpy as np
import pytest

from pansori.engines.analyze.pansori.music import Key, Melody, Refused, listen
from pansori.lexicon.music import NOTE_NAMES
from support import tunes

MAJOR = ((0, "maj"), (5, "maj"), (7, "maj"), (0, "maj"))
C_G_AM_F = ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj"))
MINOR = ((0, "min"), (5, "min"), (7, "maj"), (0, "min"))


def moved(chords: tuple[tuple[int, str], ...], semitones: int) -> list[tuple[int, str]]:
    return [((root + semitones) % 12, quality) for root, quality in chords]


@pytest.mark.parametrize("tonic", [0, 3, 7, 10])
@pytest.mark.parametrize(("chords", "mode"), [(MAJOR, "major"), (MINOR, "minor")])
def test_the_key_moves_with_the_chords(chords: tuple[tuple[int, str], ...], mode: str, tonic: int) -> None:
    found = listen(tunes.progression(moved(chords, tonic) * 2, 1.5)).key
    assert isinstance(found, Key)
    assert (found.tonic, found.mode) == (tonic, mode)
    assert len(found.ranking) == 24
    assert sum(one.confidence for one in found.ranking) == pytest.approx(1.0)


@pytest.mark.parametrize(("last", "tonic", "mode"), [((0, "maj"), 0, "major"), ((9, "min"), 9, "minor")])
def test_chords_of_two_keys_are_in_that_which_they_end_in(last: tuple[int, str], tonic: int, mode: str) -> None:
    around = ((5, "maj"), (7, "maj"), (0, "maj"), (9, "min"))
    end = (tunes.progression([last], 3.0), tunes.silence(1.0))
    found = listen(np.concatenate([tunes.progression((*around * 3, *around[:2]), 1.6), *end])).key
    assert isinstance(found, Key)
    assert (found.tonic, found.mode) == (tonic, mode)


@pytest.mark.parametrize(("before", "after", "tonic"), [(3, 2, 0), (2, 3, 2)])
def test_where_the_key_changes_it_is_that_of_most_of_the_music(before: int, after: int, tonic: int) -> None:
    higher = moved(C_G_AM_F * after, 2)
    found = listen(tunes.progression([*C_G_AM_F * before, *higher], 1.5)).key
    assert isinstance(found, Key)
    assert (found.tonic, found.mode) == (tonic, "major")
    assert found.confidence > 0.7


def test_chords_are_heard_where_they_sound() -> None:
    written = [(0, "maj"), (9, "min"), (5, "maj"), (7, "maj"), (4, "min"), (2, "min")]
    heard = listen(tunes.progression(written, 2.0)).chords
    assert not isinstance(heard, Refused)
    for index, (root, quality) in enumerate(written):
        middle = 2.0 * index + 1.0
        chord = next(one for one in heard if one.start <= middle < one.end)
        assert chord.label == f"{NOTE_NAMES[root]}:{quality}"
    assert [one.end for one in heard[:-1]] == [one.start for one in heard[1:]]


def test_silence_between_chords_is_no_chord() -> None:
    chord = tunes.progression([(0, "maj"), (5, "maj"), (7, "maj")], 2.0)
    heard = listen(np.concatenate([chord, tunes.silence(5.0), chord])).chords
    assert not isinstance(heard, Refused)
    assert next(one for one in heard if one.start <= 8.5 < one.end).label == "N"


@pytest.mark.parametrize("cents", [-35.0, 20.0])
def test_another_tuning_is_measured_and_changes_no_key(cents: float) -> None:
    sound = np.concatenate(
        [
            np.sum([tunes.tone(1.0, 48 + root + step + cents / 100, 0.1) for step in (0, 4, 7)], axis=0)
            for root in (0, 5, 7, 0, 5, 7, 0)
        ]
    ).astype(np.float32)
    found = listen(sound).key
    assert isinstance(found, Key)
    assert found.tuning == pytest.approx(cents, abs=6.0)
    assert (found.tonic, found.mode) == (0, "major")


def test_a_melody_is_followed() -> None:
    pitches = [67, 69, 71, 72, 74, 72, 71, 67]
    found = listen(np.concatenate([tunes.tone(1.0, pitch, 0.3) for pitch in pitches])).melody
    assert isinstance(found, Melody)
    for index, pitch in enumerate(pitches):
        frequency = np.interp(index + 0.5, found.times, found.frequency)
        assert 12.0 * np.log2(frequency / 440.0) + 69.0 == pytest.approx(pitch, abs=0.35)


@pytest.mark.parametrize("sound", [tunes.noise(8.0), tunes.tone(8.0, 69.0), tunes.silence(8.0)])
def test_without_notes_there_is_no_key(sound: tunes.Sound) -> None:
    music = listen(sound)
    assert isinstance(music.key, Refused)
    assert isinstance(music.chords, Refused)
