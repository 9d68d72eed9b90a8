"""What the band plays."""

from __future__ import annotations

from itertools import pairwise

import pytest

from pansori.domain.units import Beats
from pansori.engines.compose.house_band.model import Chord, Score
from pansori.engines.compose.house_band.score.arrange.voicing import Voicings
from pansori.engines.compose.house_band.score.composer import compose_score
from pansori.engines.compose.house_band.score.harmony import QUALITIES, Changes, pitch_classes
from pansori.engines.compose.house_band.style.reading import read_style
from pansori.engines.compose.house_band.words.text import read_lyrics
from support.songs import DOCUMENTED, KOREAN, STYLES, chance, compose

DRUMS = range(35, 82)
RANGES = {"bass": (24, 55), "keys": (45, 90), "guitar": (38, 90), "pad": (48, 86), "lead": (55, 96)}


def in_section(score: Score, part: str, label: str) -> int:
    section = next(section for section in score.sections if section.label == label)
    end = section.start + section.bars * score.style.beats_per_bar
    return sum(section.start <= note.start < end for note in score.parts[part])  # type: ignore[index]


@pytest.mark.parametrize("genre", [*STYLES, "jazz 3/4", "K-POP 3/4", "trot 3/4"])
@pytest.mark.parametrize("lyrics", [DOCUMENTED, KOREAN, ""])
@pytest.mark.parametrize("duration", [None, 43.0])
def test_parts_stay_inside_the_song_and_their_ranges(genre: str, lyrics: str, duration: float | None) -> None:
    if lyrics == KOREAN and duration:
        duration = 200.0
    score = compose(genre, lyrics, duration)
    assert {"drums", "bass"} <= set(score.parts)
    for name, notes in score.parts.items():
        assert notes or name == "guitar", name
        assert list(notes) == sorted(notes, key=lambda note: (note.start, note.pitch))
        for note in notes:
            assert 0 <= note.start < score.length
            assert note.length > 0
            assert note.start + note.length <= score.length + 1e-6
            assert 0 < note.velocity <= 1
            if name == "drums":
                assert note.pitch in DRUMS
            else:
                low, high = RANGES[name]
                assert low <= note.pitch <= high, (name, note)


@pytest.mark.parametrize("genre", STYLES)
def test_bass_begins_every_chord_with_its_lowest_note(genre: str) -> None:
    score = compose(genre, KOREAN)
    notes = score.parts["bass"]
    hits = []
    for chord in score.chords:
        first = next(note for note in notes if chord.start <= note.start < chord.start + chord.length)
        hits.append(first.pitch % 12 in (chord.root if chord.bass is None else chord.bass, (chord.root + 7) % 12))
    assert sum(hits) / len(hits) > 0.97


@pytest.mark.parametrize("genre", STYLES)
@pytest.mark.parametrize("part", ["keys", "pad"])
def test_chords_are_played_as_written(genre: str, part: str) -> None:
    score = compose(genre, KOREAN)
    changes = Changes(score.chords)
    for note in score.parts[part]:  # type: ignore[index]
        assert note.pitch % 12 in pitch_classes(changes.at(note.start))


def test_drums_are_stronger_in_the_chorus_and_fill_before_it() -> None:
    score = compose("pop", KOREAN)
    verse = next(section for section in score.sections if section.label == "verse")
    chorus = next(section for section in score.sections if section.label == "chorus")
    assert in_section(score, "drums", "chorus") / chorus.bars > in_section(score, "drums", "verse") / verse.bars
    crashes = [note.start for note in score.parts["drums"] if note.pitch == 49]
    assert chorus.start in crashes


def test_the_lead_plays_the_intro_and_keeps_out_of_the_words() -> None:
    score = compose("pop", KOREAN)
    assert in_section(score, "lead", "intro") >= 6
    sung = [(line.syllables[0].notes[0].start, line.syllables[-1].notes[-1].start) for line in score.vocal]
    for note in score.parts["lead"]:
        assert not any(start <= note.start < end for start, end in sung)


def test_what_is_left_out_is_not_played() -> None:
    assert set(compose("pop, no drums, without guitar").parts) == {"bass", "keys", "pad", "lead"}


def test_an_asked_instrument_plays_where_the_style_has_none() -> None:
    assert not compose("hip-hop").parts["guitar"]
    assert compose("hip-hop with acoustic guitar").parts["guitar"]


def test_chance_of_one_part_leaves_the_others_alone() -> None:
    """Another lead, the same song otherwise."""
    usual = chance(3)
    lyrics = read_lyrics(KOREAN).sections
    style = read_style("pop", usual("style"))
    one = compose_score(style, lyrics, None, usual)
    two = compose_score(
        style, lyrics, None, lambda purpose: chance(99)(purpose) if purpose == "arrange/lead" else usual(purpose)
    )
    assert one.parts["lead"] != two.parts["lead"]
    assert one.vocal == two.vocal
    assert one.chords == two.chords
    assert all(one.parts[name] == two.parts[name] for name in ("drums", "bass", "keys", "guitar", "pad"))


def test_voicings_move_little() -> None:
    voicings = Voicings(53, 74)
    chords = [Chord(Beats(0), Beats(4), root, "maj") for root in (0, 5, 7, 0, 9, 2, 4, 11)]
    played = [voicings.of(chord) for chord in chords]
    for chord, notes in zip(chords, played, strict=True):
        assert {note % 12 for note in notes} == set(pitch_classes(chord))
    for one, two in pairwise(played):
        assert sum(abs(a - b) for a, b in zip(one, two, strict=True)) <= 12


@pytest.mark.parametrize("quality", sorted(QUALITIES))
@pytest.mark.parametrize("root", range(12))
def test_every_chord_has_a_voicing_in_range(quality: str, root: int) -> None:
    notes = Voicings(53, 74).of(Chord(Beats(0), Beats(4), root, quality))
    assert list(notes) == sorted(notes)
    assert notes[0] >= 53
    assert notes[-1] <= 74
