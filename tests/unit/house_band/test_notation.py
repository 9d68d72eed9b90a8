"""The song's files: MIDI and LRC, read back by others' eyes."""

from __future__ import annotations

import re
from io import BytesIO

import mido
import pytest

from pansori.domain.units import Beats, Seconds
from pansori.engines.compose.base import TimedLine, TimedSyllable
from pansori.engines.compose.house_band.model import Chord, Performance, Score
from pansori.engines.compose.house_band.score.notation import chord_name, lrc, midi
from pansori.engines.compose.house_band.sound.perform import perform
from support.songs import KOREAN, STYLES, chance, compose

STAMP = r"\d\d:\d\d\.\d\d"


def performed(genre: str = "pop") -> tuple[Score, Performance]:
    score = compose(genre, KOREAN)
    return score, perform(score, chance())


def read(content: bytes) -> mido.MidiFile:
    return mido.MidiFile(file=BytesIO(content))


@pytest.mark.parametrize("genre", STYLES)
def test_a_midi_file_holds_the_song(genre: str) -> None:
    score, performance = performed(genre)
    file = read(midi(score, performance))
    assert file.type == 1
    names = [track.name for track in file.tracks]
    assert names[:2] == ["Pansori", "voice"]
    assert set(names[2:]) == set(performance.parts)
    assert file.length == pytest.approx(performance.duration, abs=3.0)
    for track in file.tracks:
        name = "voice" if track.name == "voice" else track.name
        struck = sum(message.type == "note_on" and message.velocity > 0 for message in track)
        if name in performance.parts:
            assert struck == len(performance.parts[name])
        channels = {message.channel for message in track if message.type == "note_on"}
        assert channels == {9} if name == "drums" else 9 not in channels


def test_tempo_metre_key_markers_and_chords_are_in_it() -> None:
    score, performance = performed("왈츠 in F# minor, 150 bpm")
    messages = list(read(midi(score, performance)).tracks[0])
    kinds = {message.type: message for message in reversed(messages)}
    assert mido.tempo2bpm(kinds["set_tempo"].tempo) == pytest.approx(150.0, abs=0.01)
    assert kinds["time_signature"].numerator == 3
    assert kinds["key_signature"].key == "F#m"
    markers = [message.text for message in messages if message.type == "marker"]
    assert markers == [section.label for section in score.sections]
    assert sum(message.type == "text" for message in messages) == len(score.chords)


def test_the_lyrics_are_in_it_as_utf8() -> None:
    score, performance = performed()
    track = read(midi(score, performance)).tracks[1]
    text = "".join(message.text for message in track if message.type == "lyrics").encode("latin-1").decode()
    assert text.startswith("오늘도 걷는다 마는")
    assert text.replace(" ", "") == "".join(phrase.text for phrase in performance.phrases).replace(" ", "")


def test_notes_of_a_voice_lie_where_they_are_sung() -> None:
    score, performance = performed()
    file = read(midi(score, performance))
    now, starts = 0, []
    for message in file.tracks[1]:
        now += message.time
        if message.type == "note_on" and message.velocity:
            starts.append(now / file.ticks_per_beat * 60.0 / score.style.tempo)
    sung = [note.start for phrase in performance.phrases for s in phrase.syllables for note in s.notes]
    assert starts == pytest.approx(sorted(sung), abs=0.005)


def test_the_same_song_is_the_same_file() -> None:
    score, performance = performed()
    assert midi(score, performance) == midi(score, performance)


@pytest.mark.parametrize(
    ("chord", "name"),
    [((9, "min", None), "Am"), ((7, "7", 11), "G7/B"), ((0, "maj7", None), "Cmaj7"), ((2, "m7b5", None), "Dm7b5")],
)
def test_chord_names(chord: tuple[int, str, int | None], name: str) -> None:
    root, quality, bass = chord
    assert chord_name(Chord(Beats(0), Beats(4), root, quality, bass)) == name


def test_lrc_has_every_line_and_syllable_in_time() -> None:
    syllables = (
        TimedSyllable(text="여", start=Seconds(61.234), end=Seconds(61.5)),
        TimedSyllable(text="름 ", start=Seconds(61.5), end=Seconds(62.0)),
    )
    line = TimedLine(text="여름", start=Seconds(61.234), end=Seconds(62.0), syllables=syllables)
    plain = TimedLine(text="끝", start=Seconds(63.0), end=Seconds(64.999))
    written = lrc([line, plain]).splitlines()
    assert written[2] == "[01:01.23]<01:01.23>여<01:01.50>름 <01:02.00>"
    assert written[3] == "[01:03.00]끝"
    assert written[4] == "[01:05.00]"
    assert all(re.match(rf"\[{STAMP}\]", text) for text in written[2:])
    assert lrc([]).startswith("[")
