"""What the assistant says: particles that fit, numbers that can be said, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Kind
from pansori.engines.write.assistant import words
from pansori.lexicon.commands import understand

MOMENT = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "minutes", "en", "ko"),
    [
        (0, 0, "It's 12:00 AM.", "지금은 밤 12시예요."),
        (9, 30, "It's 9:30 AM.", "지금은 오전 9시 30분이에요."),
        (12, 1, "It's 12:01 PM.", "지금은 낮 12시 1분이에요."),
        (23, 59, "It's 11:59 PM.", "지금은 오후 11시 59분이에요."),
    ],
)
def test_the_time(hours: int, minutes: int, en: str, ko: str) -> None:
    said = words.time_of(MOMENT + timedelta(hours=hours, minutes=minutes))
    assert (said.en, said.ko) == (en, ko)


def test_the_date() -> None:
    said = words.date_of(MOMENT)
    assert (said.en, said.ko) == ("Today is Saturday, November 21.", "오늘은 11월 21일 토요일이에요.")


@pytest.mark.parametrize(
    ("facts", "en", "ko"),
    [
        ({"state": "queued", "prompt": "곡"}, "Your song is waiting for its turn.", "‘곡’은 차례를 기다리고 있어요."),
        (
            {"state": "running", "prompt": "노래", "percent": 40},
            "Your song is about 40 percent done.",
            "‘노래’를 만들고 있어요. 40퍼센트쯤 됐어요.",
        ),
        (
            {"state": "failed", "prompt": "song", "error": "No.", "error_ko": "안 돼요."},
            "Your song could not be made. No.",
            "‘song’을 만들지 못했어요. 안 돼요.",
        ),
        ({"state": "succeeded", "prompt": "곡"}, "Your song was finished, and deleted since.", None),
        ({"state": "none"}, words.NO_SONG.en, words.NO_SONG.ko),
    ],
)
def test_how_far_a_song_is(facts: JsonDict, en: str, ko: str | None) -> None:
    said = words.status(facts)
    assert said.en == en
    assert ko in (None, said.ko)


@pytest.mark.parametrize(
    ("prompt", "said"),
    [
        ("sad song about my cat", "a sad song about your cat"),
        ("upbeat pop track", "an upbeat pop track"),
        ("relaxing music", "some relaxing music"),
        ("piece of music", "a piece of music"),
        ("song that reminds me of us", "a song that reminds you of you"),
    ],
)
def test_what_was_begun_is_said_back(prompt: str, said: str) -> None:
    assert words.begun({"prompt": prompt}).en.startswith(f"I've started on {said}.")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("비에 대한 30초짜리 노래 만들어 줘", 30),
        ("30초짜리 슬픈 노래 만들어 줘", 30),
        ("1분 30초짜리 록 음악 만들어 줘", 90),
        ("make a 2 minute rock song about rain", 120),
        ("make a 45-second song", 45),
        ("make a 1 hour song", None),
        ("make a 900 minute song", None),
        ("make a song about 20 miners", None),
        ("슬픈 노래 만들어 줘", None),
    ],
)
def test_how_long_a_song_should_be(text: str, seconds: float | None) -> None:
    command = understand(text)
    assert command is not None
    assert command.intent == "make_song"
    assert words.length_of(command) == seconds


def test_a_recording_is_told_of_in_what_was_measured_of_it() -> None:
    known = {"kind": "singing", "duration": 63.2, "tempo": 119.7, "key": "F# minor", "pitch": 221.3}
    said = words.analysed({"state": "succeeded", "measured": known})
    assert said.en == (
        "Your latest recording is 1 minute 3 seconds of singing. It has 120 beats a minute, the key of F# minor, a "
        "voice at 221 hertz."
    )
    assert said.ko == (
        "마지막 녹음은 1분 3초짜리 노래하는 목소리예요. "
        "빠르기는 1분에 120박, 조는 올림바단조, 목소리 높이는 221헤르츠예요."
    )


@given(st.fixed_dictionaries({}, optional={"kind": st.sampled_from(list(Kind)), "duration": st.floats(0, 1e5)}))
def test_whatever_is_known_of_a_recording_can_be_said(known: dict[str, Any]) -> None:
    said = words.analysed({"state": "succeeded", "measured": known})
    assert said.en.endswith(".")
    assert said.ko.endswith("요.")


@given(st.sets(st.sampled_from(list(words.ABILITIES))))
def test_only_what_there_are_tools_for_is_promised(names: set[str]) -> None:
    said = words.can_do(sorted(names))
    for name, ability in words.ABILITIES.items():
        assert (ability.en in said.en) == (ability.ko in said.ko) == (name in names)
