"""Chords: numerals, cadences, and that they cover the song."""

from __future__ import annotations

import pytest

from pansori.engines.compose.house_band.model import Key
from pansori.engines.compose.house_band.score.harmony import QUALITIES, Changes, Numeral, numeral, pitch_classes, scale
from support.songs import DOCUMENTED, ENGLISH, KOREAN, STYLES, compose


@pytest.mark.parametrize(
    ("text", "chord"),
    [
        ("I", Numeral(0, "maj")), ("vi", Numeral(9, "min")), ("bVII", Numeral(10, "maj")), ("ii7", Numeral(2,
            "min7")),
        ("V7", Numeral(7, "7")), ("IVmaj7", Numeral(5, "maj7")), ("iiø", Numeral(2, "m7b5")), ("V/7", Numeral(7,
            "maj", 11)),
        ("Vsus4", Numeral(7, "sus4")), ("VII", Numeral(11, "maj")), ("vii°", Numeral(11, "dim")),
    ],
)  # fmt: skip
def test_numerals(text: str, chord: Numeral) -> None:
    assert numeral(text) == chord


@pytest.mark.parametrize("text", ["", "X", "IIII", "Vfoo", "I/9"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no chord"):
        numeral(text)


@pytest.mark.parametrize("genre", [*STYLES, "ballad 3/4", "rock 3/4"])
@pytest.mark.parametrize("lyrics", [DOCUMENTED, KOREAN, ""])
def test_chords_cover_the_song_without_a_gap(genre: str, lyrics: str) -> None:
    score = compose(genre, lyrics)
    end = 0.0
    for chord in score.chords:
        assert chord.start == end
        assert chord.length > 0
        assert chord.quality in QUALITIES
        end += chord.length
    assert end == score.length


@pytest.mark.parametrize("genre", STYLES)
@pytest.mark.parametrize("seed", range(4))
def test_a_song_ends_at_home(genre: str, seed: int) -> None:
    score = compose(genre, ENGLISH, seed=seed)
    last = score.chords[-1]
    lift = (last.root - score.style.key.tonic) % 12
    assert lift in (0, 1, 2)
    assert (QUALITIES[last.quality][1] == 3) == (score.style.key.mode == "minor")


def test_the_last_chorus_rises_by_its_new_dominant() -> None:
    score = compose("K-POP in C major", KOREAN)
    rising = max(index for index, section in enumerate(score.sections) if section.label == "chorus")
    before = Changes(score.chords).at(score.sections[rising].start - 0.5)
    assert (before.root, before.quality) == (9, "7")  # A7 to D major
    assert score.chords[-1].root == 2


def test_sections_of_one_name_share_their_chords() -> None:
    score = compose("pop", KOREAN)
    choruses = [section for section in score.sections if section.label == "chorus"]
    heard = [
        [(c.start - s.start, c.root, c.quality) for c in score.chords if s.start <= c.start < s.start + 16]
        for s in choruses
    ]
    assert heard[0] == heard[1]


def test_scales_begin_on_their_tonic() -> None:
    assert scale(Key(9, "minor")) == (9, 11, 0, 2, 4, 5, 7)
    assert scale(Key(0, "major"), lift=2)[0] == 2
    assert pitch_classes(compose("pop in C major").chords[-1])[0] == 0
