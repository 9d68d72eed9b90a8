"""The drawing of a song."""

from __future__ import annotations

import io
import xml.etree.ElementTree as ET

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.cli.picture.lrc import read_lines
from pansori.cli.picture.midi import read_notes
from pansori.cli.picture.model import Drawing, RollNote
from pansori.cli.picture.svg import draw
from pansori.domain.units import BeatsPerMinute, MidiPitch, Seconds
from pansori.engines.compose.base import Song, SongSection, TimedLine, TimedSyllable

SVG = "{http://www.w3.org/2000/svg}"


def song(words: str = "바다로") -> Song:
    syllables = tuple(
        TimedSyllable(text=word, start=Seconds(1.0 + i), end=Seconds(2.0 + i)) for i, word in enumerate(words)
    )
    line = TimedLine(text=words, start=Seconds(1.0), end=Seconds(1.0 + len(words)), syllables=syllables)
    return Song(
        title="여름 <&> summer",
        duration=Seconds(len(words) + 2.0),
        seed=7,
        tempo=BeatsPerMinute(128.0),
        key="C major",
        sections=(SongSection(label="verse", start=Seconds(0.0), end=Seconds(5.0)),),
        lines=(line,) if words else (),
    )


def texts(drawing: Drawing) -> list[str]:
    root = ET.fromstring(draw(drawing))
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def test_the_picture_says_what_the_song_is() -> None:
    notes = [RollNote("vocal", Seconds(1.0), Seconds(2.0), MidiPitch(64))]
    shown = texts(Drawing(song(), "K-POP", (0.5, 1.0), (0.1, 0.2), notes))
    assert shown[0] == "여름 <&> summer"
    assert shown[1] == "K-POP  ·  C major  ·  128 BPM  ·  0:05  ·  seed 7"
    assert "verse" in shown
    assert [text for text in shown if text in "바다로"] == ["바", "다", "로"]


def test_an_instrumental_without_notes_is_drawn_too() -> None:
    assert "0:02" in " ".join(texts(Drawing(song(""), "", (), (), ())))


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")), min_size=1, max_size=60))
def test_any_words_give_a_well_formed_picture(words: str) -> None:
    texts(Drawing(song(words), words, (1.0,), (), ()))


def test_notes_are_read_in_seconds_through_tempo_changes() -> None:
    score = mido.MidiFile(ticks_per_beat=100)
    tempi = mido.MidiTrack([mido.MetaMessage("set_tempo", tempo=1_000_000, time=0)])
    tempi.append(mido.MetaMessage("set_tempo", tempo=500_000, time=200))
    vocal = mido.MidiTrack([mido.MetaMessage("track_name", name="Vocal", time=0)])
    vocal += [mido.Message("note_on", note=60, velocity=90, time=100), mido.Message("note_off", note=60, time=100)]
    vocal += [
        mido.Message("note_on", note=62, velocity=90, time=0),
        mido.Message("note_on", note=62, velocity=0, time=100),
    ]
    drums = mido.MidiTrack([mido.Message("note_on", channel=9, note=36, velocity=90, time=0)])
    drums.append(mido.Message("note_off", channel=9, note=36, time=50))
    score.tracks.extend([tempi, vocal, drums])
    file = io.BytesIO()
    score.save(file=file)
    notes = read_notes(file.getvalue())
    assert [(note.voice, note.pitch) for note in notes] == [("vocal", 60), ("vocal", 62), ("drums", 36)]
    assert [note.start for note in notes] == pytest.approx([1.0, 2.0, 0.0])
    assert [note.end for note in notes] == pytest.approx([2.0, 2.5, 0.5])


def test_timed_words_are_read_with_and_without_syllables() -> None:
    lrc = "[ti:title]\n[00:01.00]<00:01.00>바다<00:01.50>로 <00:02.00>가<00:02.25>\n[01:03.00]just words\n[01:04.00]\n"
    sung, spoken = read_lines(lrc, Seconds(65.0))
    assert sung.text == "바다로 가"
    assert [(one.text, one.start, one.end) for one in sung.syllables] == [
        ("바다", 1.0, 1.5),
        ("로 ", 1.5, 2.0),
        ("가", 2.0, 2.25),
    ]
    assert (spoken.text, spoken.start, spoken.end, spoken.syllables) == ("just words", 63.0, 64.0, ())
