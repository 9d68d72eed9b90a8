"""Transcripts as subtitles and as OpenAI's JSON."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HeardSegment, HeardWord, Transcript
from pansori.reports import WRITERS, TranscriptFormat, plain, srt, verbose, vtt


def _segment(text: str, start: float, end: float, words: tuple[HeardWord, ...] = ()) -> HeardSegment:
    return HeardSegment(text=text, start=Seconds(start), end=Seconds(end), words=words)


def _transcript(*segments: HeardSegment) -> Transcript:
    text = " ".join(one.text for one in segments)
    return Transcript(text=text, language="en", duration=Seconds(4_000.0), segments=segments)


TWO = _transcript(_segment("Hello there.", 0.5, 1.25), _segment("3 < 4 & 5 --> 6", 3_661.0, 3_662.9996))


def test_subrip() -> None:
    assert srt(TWO) == (
        "1\n00:00:00,500 --> 00:00:01,250\nHello there.\n\n2\n01:01:01,000 --> 01:01:03,000\n3 < 4 & 5 --> 6\n"
    )


def test_webvtt_takes_nothing_for_markup() -> None:
    assert vtt(TWO) == (
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\nHello there.\n\n"
        "01:01:01.000 --> 01:01:03.000\n3 &lt; 4 &amp; 5 --&gt; 6\n"
    )


def test_text_has_a_line_a_segment() -> None:
    assert plain(TWO) == "Hello there.\n3 < 4 & 5 --> 6\n"


def test_nothing_said_is_nothing_written() -> None:
    nothing = _transcript()
    assert (plain(nothing), srt(nothing), vtt(nothing)) == ("", "", "WEBVTT\n")


def test_long_segments_are_shown_in_parts_where_the_times_of_words_are_known() -> None:
    words = tuple(
        HeardWord(text=f"word{number:02}", start=Seconds(number * 0.5), end=Seconds(number * 0.5 + 0.4))
        for number in range(40)
    )
    cues = srt(_transcript(_segment(" ".join(word.text for word in words), 0.0, 20.0, words))).split("\n\n")
    assert len(cues) > 3
    assert all(len(cue.split("\n")[2]) <= 84 for cue in cues)
    assert " ".join(cue.strip().split("\n")[2] for cue in cues) == " ".join(word.text for word in words)


def test_the_verbose_answer_has_what_clients_read() -> None:
    words = (HeardWord(text="Hello", start=Seconds(0.5), end=Seconds(0.8)),)
    told = verbose(_transcript(_segment("Hello", 0.5, 0.8, words)), words=True)
    assert told["segments"] == [
        {
            "id": 0,
            "seek": 50,
            "start": 0.5,
            "end": 0.8,
            "text": "Hello",
            "tokens": [],
            "temperature": 0.0,
            "avg_logprob": 0.0,
            "compression_ratio": 5 / 13,
            "no_speech_prob": 0.0,
        }
    ]
    assert told["words"] == [{"word": "Hello", "start": 0.5, "end": 0.8}]
    assert "segments" not in verbose(TWO, segments=False)


@pytest.mark.parametrize("form", TranscriptFormat)
def test_every_format_has_a_writer(form: TranscriptFormat) -> None:
    assert isinstance(WRITERS[form](TWO), str)


def test_json_is_the_transcript() -> None:
    assert Transcript.model_validate(json.loads(WRITERS[TranscriptFormat.JSON](TWO))) == TWO


@settings(max_examples=30)
@given(st.text(), st.floats(0.0, 100_000.0), st.floats(0.0, 100.0))
def test_no_text_breaks_out_of_its_subtitle(text: str, start: float, length: float) -> None:
    written = srt(_transcript(_segment(text, start, start + length)))
    assert written.count("\n") == 3
