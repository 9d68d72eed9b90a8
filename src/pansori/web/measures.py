"""Times, sizes and counts in words, as people of either language write them.

Moments are near or far in words up to a week, and dates beyond that: in UTC, which scripts put in the reader's zone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from pansori.domain.errors import Language, Text
from pansori.domain.units import Bytes, Seconds
from pansori.web.words import Told, Words

MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
WEEK: Final = timedelta(days=7)
STEPS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))
UNITS: Final = ("kB", "MB", "GB", "TB")

TIMES: Words = {
    "now": Text("just now", "방금"),
    "soon": Text("in a moment", "곧"),
    "ago_minute": Text("{n} minutes ago", "{n}분 전"),
    "ago_minute.one": Text("a minute ago", "1분 전"),
    "ago_hour": Text("{n} hours ago", "{n}시간 전"),
    "ago_hour.one": Text("an hour ago", "1시간 전"),
    "ago_day": Text("{n} days ago", "{n}일 전"),
    "ago_day.one": Text("a day ago", "하루 전"),
    "in_minute": Text("in {n} minutes", "{n}분 뒤"),
    "in_minute.one": Text("in a minute", "1분 뒤"),
    "in_hour": Text("in {n} hours", "{n}시간 뒤"),
    "in_hour.one": Text("in an hour", "1시간 뒤"),
    "in_day": Text("in {n} days", "{n}일 뒤"),
    "in_day.one": Text("in a day", "하루 뒤"),
    "date": Text("{day} {month}", "{month}월 {day}일"),
    "date_of_year": Text("{day} {month} {year}", "{year}년 {month}월 {day}일"),
    "moment": Text("{date}, {clock}", "{date} {clock}"),
    "utc": Text("{moment} UTC", "{moment} (UTC)"),
    "length_second": Text("{n} seconds", "{n}초"),
    "length_second.one": Text("{n} second", "{n}초"),
    "length_minute": Text("{n} minutes", "{n}분"),
    "length_minute.one": Text("{n} minute", "{n}분"),
}


@dataclass(frozen=True)
class When:
    """A moment, for `<time>`."""

    words: str
    full: str
    """Date and time of day, whatever `words` says."""
    iso: str


def when(moment: datetime, now: datetime, language: Language, zone: tzinfo | None = None) -> When:
    """`moment` as seen from `now`, both aware. `zone`: where dates begin; None: UTC, and `full` says so."""
    told, here, today = Told(language, TIMES), moment.astimezone(zone or UTC), now.astimezone(zone or UTC)
    near = _near(told, moment - now)
    date = _date(told, here, with_year=here.year != today.year)
    full = told("moment", date=_date(told, here, with_year=True), clock=f"{here:%H:%M}")
    full = full if zone else told("utc", moment=full)
    return When(near or date, full, moment.isoformat(timespec="seconds"))


def _near(told: Told, distance: timedelta) -> str | None:
    """None: a week away or more. Whole steps that have passed, so that nothing is told to be older than it is."""
    ahead, apart = distance > timedelta(0), abs(distance)
    if apart >= WEEK:
        return None
    seconds = int(apart.total_seconds())
    for name, length in STEPS:
        if seconds >= length:
            return told(f"{'in' if ahead else 'ago'}_{name}", n=seconds // length)
    return told("soon" if ahead else "now")


def _date(told: Told, moment: datetime, *, with_year: bool) -> str:
    month = MONTHS[moment.month - 1] if told.language == "en" else moment.month
    return told("date_of_year" if with_year else "date", day=moment.day, month=month, year=str(moment.year))


def near_words(language: Language) -> dict[str, str]:
    """The words for moments that are near, for scripts that keep them true: `%` is where a number goes."""
    return {
        name: text.in_language(language).replace("{n}", "%")
        for name, text in TIMES.items()
        if name.partition("_")[0] in ("now", "soon", "ago", "in", "moment")
    }


def number(count: int) -> str:
    """`12345` → `12,345`, in both languages."""
    return f"{count:,}"


def size(amount: Bytes) -> str:
    """`1234567` → `1.2 MB`: powers of 1000, as files are measured by everybody who sells room for them."""
    if amount < 1000:
        return f"{amount} B"
    value, unit = amount / 1000, 0
    while value >= 999.5 and unit + 1 < len(UNITS):
        value, unit = value / 1000, unit + 1
    return f"{value:.1f} {UNITS[unit]}" if value < 9.95 else f"{value:,.0f} {UNITS[unit]}"


def length(seconds: Seconds, language: Language) -> str:
    """A length in one unit, in words: `45 seconds`, `10 minutes`."""
    told = Told(language, TIMES)
    if seconds >= 60 and seconds % 60 == 0:
        return told("length_minute", n=int(seconds // 60))
    return told("length_second", n=int(seconds) if float(seconds).is_integer() else round(seconds, 1))
