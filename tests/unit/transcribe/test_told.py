"""What others tell of a recording, brought into order, and recordings cut into pieces."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest
from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE
from pansori.engines.transcribe.languages import choose_language
from pansori.engines.transcribe.pieces import piece, pieces, wav
from pansori.engines.transcribe.sound import LONGEST_UTTERANCE, Collecting, heard
from pansori.engines.transcribe.told import Told, in_order, parse_told, segments_of, tag_of
from support.recordings import hiss, recording, tone
from support.transcriber_suite import command

TIME = st.floats(allow_nan=True, allow_infinity=True)
WORD = st.fixed_dictionaries({"word": st.text(max_size=5), "start": TIME, "end": TIME})
SEGMENT = st.fixed_dictionaries(
    {"text": st.text(max_size=9), "start": TIME, "end": TIME, "words": st.lists(WORD, max_size=3)}
)


@settings(max_examples=50)
@given(st.lists(SEGMENT, max_size=4))
def test_whatever_times_are_told_come_out_in_order_and_within(told: list[dict[str, Any]]) -> None:
    parsed = Told.model_validate({"text": "", "segments": told})
    found = in_order(segments_of(parsed, Seconds(10.0), Seconds(12.0), words=True))
    for segment in found:
        assert 10.0 <= segment.start <= segment.end <= 12.0
        assert segment.text == " ".join(segment.text.split()) != ""
        for word in segment.words:
            assert segment.start <= word.start <= word.end <= segment.end
        assert all(before.end <= after.start for before, after in pairwise(segment.words))
    assert all(before.end <= after.start for before, after in pairwise(found))


def test_what_no_database_keeps_is_no_part_of_a_word() -> None:
    said = {"text": "a\0b", "start": 0, "end": 1, "words": [{"word": "\0a", "start": 0, "end": 1}]}
    told = Told.model_validate({"text": "", "segments": [said]})
    [segment] = segments_of(told, Seconds(0.0), Seconds(1.0), words=True)
    assert (segment.text, [word.text for word in segment.words]) == ("a b", ["a"])


@pytest.mark.parametrize("answer", [None, [], "words", {}, {"text": 3}, {"text": "a", "segments": [{"text": "a"}]}])
def test_what_is_no_transcript_is_told(answer: Any) -> None:
    assert parse_told(answer) is None


@pytest.mark.parametrize(
    ("name", "tag"),
    [
        ("korean", "ko"),
        ("English", "en"),
        ("ko", "ko"),
        ("pt-BR", "pt-br"),
        ("", "und"),
        (None, "und"),
        ("klingon", "und"),
        (f"ko-{'x' * 99}", "und"),
        ("ko\n", "ko"),
        ("k!", "und"),
    ],
)
def test_languages_become_tags(name: str | None, tag: str) -> None:
    assert tag_of(name, "und") == tag


@pytest.mark.parametrize(("wanted", "found"), [("ko-KR", "ko"), ("KO", "ko"), ("auto", "auto"), ("en-Latn-GB", "en")])
def test_a_region_falls_back_to_its_language(wanted: str, found: str) -> None:
    assert choose_language(wanted, ("en", "ko")) == found


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (48_000, 2), (16_000, 1)])
def test_pieces_are_all_of_a_recording(rate: int, channels: int) -> None:
    sound = np.stack([tone(300.0, -20.0, 7.3, rate)] * channels)
    found = list(pieces(recording(sound, rate), longest=Seconds(2.0)))
    assert len(found) >= 4
    assert all(one.duration <= 2.0 for one in found)
    assert all(before.end == pytest.approx(after.start) for before, after in pairwise(found))
    assert found[-1].end == pytest.approx(7.3, abs=0.001)


def test_a_recording_is_cut_where_it_is_quiet() -> None:
    sound = np.concatenate(
        (tone(300.0, -20.0, 1.2, HEARD_RATE), np.zeros(HEARD_RATE // 2), tone(300.0, -20.0, 2.0, HEARD_RATE))
    )
    first, *_ = pieces(recording(sound, HEARD_RATE), longest=Seconds(2.0))
    assert 1.2 <= first.end <= 1.7


def test_speech_is_told_from_noise() -> None:
    assert piece(command()).spoken
    assert not piece(np.asarray(hiss(2.0, HEARD_RATE), dtype=np.float32)).spoken


def test_an_empty_recording_has_no_pieces() -> None:
    assert list(pieces(recording(np.zeros((2, 0)), 48_000))) == []


def test_a_file_of_a_piece_is_as_long_as_it() -> None:
    assert len(wav(command())) == 44 + 2 * len(command())


def test_channels_are_mixed_and_rates_changed() -> None:
    left, right = tone(300.0, -6.0, 1.0, 48_000), np.zeros(48_000)
    mixed = np.concatenate(list(heard(recording(np.stack((left, right)), 48_000))))
    assert len(mixed) == pytest.approx(HEARD_RATE, abs=2)
    assert 20 * math.log10(float(np.abs(mixed[4_000:-4_000]).max())) == pytest.approx(-12.0, abs=0.2)


def test_who_talks_for_ever_is_stopped() -> None:
    listening = Collecting(lambda _: pytest.fail("nothing is to be understood"))
    minute = np.zeros(60 * HEARD_RATE, np.float32)
    for _ in range(round(LONGEST_UTTERANCE / 60)):
        listening.feed(minute)
    with pytest.raises(InvalidRequest):
        listening.feed(minute)
