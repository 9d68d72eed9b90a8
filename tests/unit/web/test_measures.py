"""Times, sizes and counts read right in both languages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.errors import Language
from pansori.domain.units import Bytes, Seconds
from pansori.web.measures import length, number, size, when

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
SEOUL = ZoneInfo("Asia/Seoul")


@pytest.mark.parametrize(
    ("before", "en", "ko"),
    [
        (timedelta(seconds=0), "just now", "방금"),
        (timedelta(seconds=59), "just now", "방금"),
        (timedelta(seconds=60), "a minute ago", "1분 전"),
        (timedelta(minutes=59, seconds=59), "59 minutes ago", "59분 전"),
        (timedelta(hours=1), "an hour ago", "1시간 전"),
        (timedelta(hours=23), "23 hours ago", "23시간 전"),
        (timedelta(days=1), "a day ago", "하루 전"),
        (timedelta(days=6, hours=23), "6 days ago", "6일 전"),
        (timedelta(days=7), "14 November", "11월 14일"),
        (timedelta(days=400), "17 October 2025", "2025년 10월 17일"),
        (-timedelta(seconds=30), "in a moment", "곧"),
        (-timedelta(hours=2), "in 2 hours", "2시간 뒤"),
        (-timedelta(days=1), "in a day", "하루 뒤"),
        (-timedelta(days=60), "20 January 2027", "2027년 1월 20일"),
    ],
)
def test_moments_are_near_up_to_a_week_and_dates_beyond(before: timedelta, en: str, ko: str) -> None:
    assert when(NOW - before, NOW, "en", SEOUL).words == en
    assert when(NOW - before, NOW, "ko", SEOUL).words == ko


def test_a_moment_is_told_in_full_in_the_zone_that_is_asked_for() -> None:
    late = datetime(2026, 11, 20, 20, 5, tzinfo=UTC)
    assert when(late, NOW, "ko", SEOUL).full == "2026년 11월 21일 05:05"
    assert when(late, NOW, "en", UTC).full == "20 November 2026, 20:05"
    assert when(late, NOW, "en", SEOUL).iso == "2026-11-20T20:05:00+00:00"


@given(st.timedeltas(min_value=-timedelta(days=3000), max_value=timedelta(days=3000)), st.sampled_from(["en", "ko"]))
def test_every_moment_has_words(distance: timedelta, language: Language) -> None:
    told = when(NOW + distance, NOW, language, UTC)
    assert told.words
    assert "{" not in told.words + told.full
    assert not re.search(r"\b1 (minutes|hours|days)\b", told.words)


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        *((0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (9_949, "9.9 kB"), (9_990, "10 kB"), (999_499, "999 kB")),
        *((999_500, "1.0 MB"), (34_567_890, "35 MB"), (2_000_000_000, "2.0 GB"), (5 * 10**15, "5,000 TB")),
    ],
)
def test_sizes(amount: int, told: str) -> None:
    assert size(Bytes(amount)) == told


@given(st.integers(min_value=0, max_value=10**15))
def test_sizes_have_at_most_three_digits_below_the_largest_unit(amount: int) -> None:
    digits = size(Bytes(amount)).split()[0].replace(".", "").replace(",", "")
    assert 1 <= len(digits) <= 4
    assert len(digits) <= 3 or size(Bytes(amount)).endswith("TB")


def test_lengths_and_counts() -> None:
    assert number(1234567) == "1,234,567"
    assert length(Seconds(600.0), "en") == "10 minutes"
    assert length(Seconds(60.0), "ko") == "1분"
    assert length(Seconds(1.0), "en") == "1 second"
    assert length(Seconds(12.5), "ko") == "12.5초"
