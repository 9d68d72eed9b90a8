"""The melody: every syllable once, singable, in tune with the chords."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest
from pansori.engines.compose.house_band.model import Score
from pansori.engines.compose.house_band.score.harmony import Changes, pitch_classes
from pansori.engines.compose.house_band.score.rhythm import Accent, RhythmMotif, place, strength
from pansori.engines.compose.house_band.sound.perform import Clock
from pansori.engines.compose.house_band.words.text import read_lyrics
from support.songs import DOCUMENTED, ENGLISH, KOREAN, STYLES, chance, compose, sung_notes

EVERY = [(genre, lyrics) for genre in STYLES for lyrics in (DOCUMENTED, KOREAN, ENGLISH)]


def assert_singable(score: Score) -> None:
    """The laws of the melody, whatever is sung."""
    sung = [line for section in score.sections for line in section.lines]
    assert [line.text for line in score.vocal] == [line.text for line in sung]
    clock = Clock(60.0 / score.style.tempo, score.style.swing)
    end = 0.0
    for line, written in zip(score.vocal, sung, strict=True):
        assert tuple(syllable.syllable for syllable in line.syllables) == written.syllables
        section = score.sections[line.section]
        first = line.syllables[0].notes[0].start
        assert first >= section.start
        if end:
            assert first >= end + 0.25 - 1e-6  # a breath between lines
        for syllable in line.syllables:
            for one, two in pairwise(syllable.notes):
                assert one.start + one.length == pytest.approx(two.start)
            assert syllable.notes[0].start >= end - 1e-6
            end = syllable.notes[-1].start + syllable.notes[-1].length
        assert clock.at(end) - clock.at(line.syllables[-1].notes[0].start) >= 0.499
        assert end <= section.start + section.bars * score.style.beats_per_bar
    for note in sung_notes(score):
        assert score.style.voice.low <= note.pitch <= score.style.voice.high
        assert clock.at(note.start + note.length) - clock.at(note.start) >= 0.12
        assert note.start + note.length <= score.length


@pytest.mark.parametrize(("genre", "lyrics"), EVERY)
def test_every_syllable_is_sung_once_and_in_order(genre: str, lyrics: str) -> None:
    assert_singable(compose(genre, lyrics))


def test_sections_sing_what_was_written() -> None:
    score = compose("pop", KOREAN)
    written = [line.text for section in read_lyrics(KOREAN).sections for line in section.lines]
    assert [line.text for line in score.vocal] == written


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(
        [*STYLES, "jazz 200 bpm", "rock 240 bpm", "lofi 45 bpm", "왈츠 210 bpm", "hiphop 130 bpm", "K-POP 3/4"]
    ),
    st.lists(st.text(alphabet="가나다 abc7🎵xyz하늘", min_size=1, max_size=40), min_size=1, max_size=8),
    st.sampled_from([None, 20.0, 45.0, 90.0, 300.0]),
)
@example(genre="jazz 200 bpm", lines=["7"], duration=None)  # a tune for the lead that is too quick for its bars
@example(genre="jazz 200 bpm", lines=["7", "7", "7", "7", "7", "7a"], duration=20.0)  # ornaments too quick to be sung
def test_odd_words_are_singable(genre: str, lines: list[str], duration: float | None) -> None:
    try:
        score = compose(genre, "\n".join(lines), duration)
    except InvalidRequest:
        return
    assert_singable(score)


def shares(score: Score) -> tuple[float, float, float]:
    """Shares of strong or long notes that fit their chord, of small moves within lines, of notes on one pitch."""
    changes = Changes(score.chords)
    strong = [
        note.pitch % 12 in pitch_classes(changes.at(note.start + min(0.5, note.length / 2)))
        for note in sung_notes(score)
        if strength(note.start, score.style.beats_per_bar) >= 0.8 or note.length >= 1.5
    ]
    moves = [
        abs(two.notes[0].pitch - one.notes[-1].pitch) for line in score.vocal for one, two in pairwise(line.syllables)
    ]
    pitches = [note.pitch for note in sung_notes(score)]
    most = max(pitches.count(pitch) for pitch in set(pitches)) / len(pitches)
    return sum(strong) / len(strong), sum(move <= 4 for move in moves) / len(moves), most


@pytest.mark.parametrize("genre", STYLES)
def test_the_melody_is_made_like_a_melody(genre: str) -> None:
    scores = [compose(genre, lyrics, seed=seed) for lyrics in (KOREAN, ENGLISH) for seed in range(3)]
    fitting, small, most = zip(*map(shares, scores), strict=True)
    assert sum(fitting) / len(fitting) >= 0.75
    assert sum(small) / len(small) >= 0.7
    assert max(most) < 0.5


@pytest.mark.parametrize("genre", [genre for genre in STYLES if genre != "힙합"])
def test_the_chorus_lies_above_the_verse(genre: str) -> None:
    means: dict[str, list[float]] = {"verse": [], "chorus": []}
    for seed in range(3):
        score = compose(genre, KOREAN, seed=seed)
        for line in score.vocal:
            label = score.sections[line.section].label
            if label in means:
                means[label] += [note.pitch for syllable in line.syllables for note in syllable.notes]
    assert sum(means["chorus"]) / len(means["chorus"]) > sum(means["verse"]) / len(means["verse"]) + 1.0


def test_a_chorus_is_recognised_when_it_comes_again() -> None:
    score = compose("pop", KOREAN)
    lines = [line for line in score.vocal if line.text.startswith("함께 가자 저")]
    tunes = [
        [(note.start - score.sections[line.section].start, note.pitch) for s in line.syllables for note in s.notes]
        for line in lines
    ]
    assert len(tunes) == 3
    assert tunes[0] == tunes[1] == tunes[2]


def test_rap_stays_in_a_narrow_range() -> None:
    score = compose("힙합", "[rap]\n" + DOCUMENTED)
    pitches = [note.pitch for note in sung_notes(score)]
    assert max(pitches) - min(pitches) <= 7


def test_the_same_seed_is_the_same_song_and_another_is_not() -> None:
    first = compose("ballad", KOREAN, seed=5)
    compose.cache_clear()
    assert compose("ballad", KOREAN, seed=5) == first
    assert compose("ballad", KOREAN, seed=5) != compose("ballad", KOREAN, seed=6)


def test_stressed_syllables_draw_to_strong_beats() -> None:
    weights = {0: 0.0, 2: 0.0}
    counts = {0: 0, 2: 0}
    for seed in range(6):
        score = compose("folk", ENGLISH, seed=seed)
        for line in score.vocal:
            for syllable in line.syllables:
                if syllable.syllable.stress in weights:
                    weights[syllable.syllable.stress] += strength(syllable.notes[0].start, 4)
                    counts[syllable.syllable.stress] += 1
    assert weights[2] / counts[2] > weights[0] / counts[0] + 0.1


@settings(deadline=None)
@given(
    st.lists(st.builds(Accent, st.integers(0, 2), st.booleans()), min_size=1, max_size=18),
    st.floats(60.0, 180.0),
    st.integers(0, 100),
)
def test_syllables_never_overlap_in_their_bars(accents: list[Accent], tempo: float, seed: int) -> None:
    beats = 16.0 if tempo > 90 or len(accents) > 8 else 8.0
    motif = RhythmMotif(4, 0.4, chance(seed)("motif"))
    slots = place(accents, beats, tempo, motif)
    assert len(slots) == len(accents)
    for one, two in pairwise(slots):
        assert one.start + one.length <= two.start + 1e-9
    assert slots[0].start >= 0
    assert slots[-1].start + slots[-1].length <= beats - 0.25 + 1e-9
