"""What the players do with the score."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pansori.domain.units import Beats, MidiPitch, Seconds
from pansori.engines.compose.house_band.model import TAIL, Note, Performance, Score
from pansori.engines.compose.house_band.score.harmony import pitch_classes
from pansori.engines.compose.house_band.sound.perform import perform, swung
from support import scores


def chance(purpose: str) -> random.Random:
    return random.Random(f"7/{purpose}")


def played(score: Score, *, duration: float | None = None, humanize: float = 1.0) -> Performance:
    return perform(score, chance, duration=Seconds(duration) if duration else None, humanize=humanize)


@given(st.floats(0, 100), st.floats(0, 100), st.floats(0, 1))
def test_swing_keeps_the_order_and_the_beats(first: float, second: float, swing: float) -> None:
    early, late = sorted((first, second))
    assert swung(early, swing) <= swung(late, swing) + 1e-9
    assert swung(float(int(first)), swing) == int(first)


def test_full_swing_plays_triplets() -> None:
    assert swung(3.5, 1.0) == pytest.approx(3 + 2 / 3)
    assert swung(3.5, 0.0) == 3.5


def test_a_machine_plays_on_the_grid() -> None:
    score = scores.song(4, tempo=120.0)
    drums = played(score, humanize=0.0).parts["drums"]
    written = sorted(note.start * 0.5 for note in score.parts["drums"])
    assert [note.start for note in drums] == pytest.approx(written)


def test_people_play_near_the_grid_and_not_on_it() -> None:
    score = scores.song(16, tempo=120.0)
    for name, notes in played(score).parts.items():
        grid = {note.start * 0.5 for note in score.parts[name]}
        off = [min(abs(note.start - place) for place in grid) for note in notes]
        assert max(off) < 0.06, name
        assert sum(off) / len(off) > 0.0005, name


def test_a_laid_back_style_has_a_late_snare() -> None:
    def lateness(name: str) -> float:
        drums = played(scores.song(16, name=name, tempo=120.0)).parts["drums"]
        late = [note.start % 1.0 - 0.5 for note in drums if note.pitch == 38]
        return sum(late) / len(late)

    assert lateness("lofi") - lateness("pop") == pytest.approx(0.018, abs=0.004)


def test_the_voice_keeps_to_the_grid() -> None:
    score = scores.song(8, tempo=90.0, swing=0.6)
    beat = 60.0 / 90.0
    starts = [sung.start for phrase in played(score).phrases for sung in phrase.syllables]
    written = [swung(sung.notes[0].start, 0.6) * beat for line in score.vocal for sung in line.syllables]
    assert starts == pytest.approx(written)


def test_choruses_are_doubled_and_stronger() -> None:
    verse, *_, chorus = played(scores.song(8)).phrases
    assert not verse.doubled
    assert chorus.doubled
    assert chorus.energy > verse.energy


def test_the_second_voice_sings_notes_of_the_chord() -> None:
    score = scores.song(8, tempo=120.0)
    for phrase in played(score).phrases:
        for note in (note for sung in phrase.syllables for note in sung.notes):
            assert (note.harmony is None) or phrase.doubled
            if note.harmony is not None:
                chord = score.chords[int(note.start / 2.0)]
                assert note.harmony % 12 in pitch_classes(chord)
                assert 3 <= abs(note.harmony - note.pitch) <= 5
    assert any(n.harmony is not None for s in played(score).phrases[-1].syllables for n in s.notes)


def test_the_file_lasts_what_was_asked_for() -> None:
    performance = played(scores.song(8, tempo=120.0), duration=15.3)
    assert performance.duration == 15.3
    assert all(note.start < 15.3 for notes in performance.parts.values() for note in notes)


def test_the_last_chord_rings_until_the_file_ends() -> None:
    performance = played(scores.song(4, tempo=120.0))
    assert performance.duration == pytest.approx(8.0 + TAIL)
    end = max(note.start + note.duration for note in performance.parts["pad"])
    assert 0 < performance.duration - end < 0.5


def test_one_part_does_not_change_another() -> None:
    score = scores.song(8)
    alone = replace(score, parts={"drums": score.parts["drums"]})
    assert played(alone).parts["drums"] == played(score).parts["drums"]


notes = st.builds(
    lambda start, length, pitch, velocity: Note(Beats(start), Beats(length), pitch, velocity),
    st.integers(0, 64).map(lambda sixteenth: sixteenth / 4),
    st.sampled_from([0.0, 0.05, 0.25, 1.0, 4.0]),
    st.integers(36, 84),
    st.floats(0, 1),
)


@given(st.lists(notes, min_size=1, max_size=60), st.integers(0, 9))
@example([Note(Beats(start), Beats(4.0), MidiPitch(36)) for start in (12.0, 15.75)], 0)  # both near the song's end
def test_no_key_is_struck_while_it_sounds(written: list[Note], seed: int) -> None:
    score = replace(scores.song(4), parts={"keys": tuple(written)})
    performance = perform(score, lambda purpose: random.Random(f"{seed}/{purpose}"))
    for pitch in {note.pitch for note in written}:
        sounding = [note for note in performance.parts["keys"] if note.pitch == pitch]
        for before, after in pairwise(sounding):
            assert before.start + before.duration <= after.start
    assert all(note.duration > 0 and 1 <= note.velocity <= 127 for note in performance.parts["keys"])
