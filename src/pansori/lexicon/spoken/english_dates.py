"""English dates, times of day, telephone numbers."""

from __future__ import annotations

import re
from re import compile as _p
from typing import Final

from pansori.lexicon.spoken.english_numbers import cardinal, digits_said, ordinal, year
from pansori.lexicon.spoken.english_words import MONTHS
from pansori.lexicon.spoken.reading import Rule

_SHORT: Final = {month[:3].lower(): number for number, month in enumerate(MONTHS)}
_MONTH: Final = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_DAYS: Final = {
    "Mon": "Monday", "Tue": "Tuesday", "Wed": "Wednesday", "Thu": "Thursday", "Fri": "Friday", "Sat": "Saturday",
    "Sun": "Sunday",
}  # fmt: skip
_WEEK: Final = "|".join(_DAYS)
_DAY: Final = r"(?P<day>0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR: Final = r"(?P<year>[1-9]\d{3})"
_APART: Final = r"(?<![\w.,/:-])", r"(?![\w/-]|[.,:]\d)"  #: nothing that a number goes on with
_HALVES: Final = r"(?P<half>[ap]\.m\.|[ap]m\b|[AP]\.?M\b\.?)"


def dates() -> list[Rule]:
    low, high = _APART
    return [
        (_p(rf"{low}{_YEAR}(?P<by>[-/.])(?P<m>\d\d?)(?P=by){_DAY}(?:T(?=\d)|{high})"), _full),
        (_p(rf"{low}(?P<m>\d\d?)(?P<by>[/.-])(?P<day>\d\d?)(?P=by){_YEAR}{high}"), _either),
        (_p(rf"{_MONTH} {_DAY}(?:\s*[–—-]\s*(?P<to>\d\d?)(?:st|nd|rd|th)?)?(?:,? {_YEAR})?{high}"), _month_first),
        (_p(rf"{low}{_DAY}(?: of)? {_MONTH}(?:,? {_YEAR})?(?![\w-])"), _day_first),
        (_p(rf"{_MONTH} {_YEAR}{high}"), lambda m: f"{_month(m)} {year(int(m['year']))}"),
        (_p(r"(?<![\w.,/:])(?<!\d-)(?P<year>[12]\d\d)0['’]?s\b"), lambda m: _decade(int(m["year"]) * 10)),
        (_p(r"(?<!\w)['’](?P<tens>[2-9])0s\b"), lambda m: f"{_plural(cardinal(int(m['tens']) * 10))}"),
        (_p(rf"{low}(?P<tens>[7-9])0s\b"), lambda m: _plural(cardinal(int(m["tens"]) * 10))),
        (_p(r"(?:(?<=\bthe )|(?<=early )|(?<=late )|(?<=mid-)|(?<=mid )|(?<=0s[-–]))(?P<tens>[2-9])0s\b"),
         lambda m: _plural(cardinal(int(m["tens"]) * 10))),
        (_p(rf"{low}(?P<year>(?:19|20)\d\d)(?P<by>[-–/])(?P<to>\d\d){high}"), _year_and),
        (_p(rf"(?<![\w-])(?P<day>{_WEEK})[-–](?P<to>{_WEEK})(?![\w-])"),
         lambda m: f"{_DAYS[m['day']]} to {_DAYS[m['to']]}"),
        (_p(rf"(?<!\w)(?P<day>Sat|Sun)\.(?=,|\s+(?:\d|{_MONTH}))"), lambda m: _DAYS[m["day"]]),
        (_p(rf"{low}{_YEAR}\s*[–—-]\s*(?P<to>[1-9]\d{{3}}){high}"), _years),
        (_p(rf"(?i:(?<=\bin )|(?<=\bsince )|(?<=\bby )|(?<=\bfrom )|(?<=\buntil )|(?<=\byear )|(?<=\bof )|(?<=©)"
            rf"|(?<=\bspring )|(?<=\bsummer )|(?<=\bwinter )|(?<=\bfall )|(?<=\bautumn )){_YEAR}{high}(?! [a-z]+s\b)"),
         lambda m: year(int(m["year"]))),
        (_p(rf"{low}(?P<year>(?:19|20)\d\d){high}"), lambda m: year(int(m["year"]))),
    ]  # fmt: skip


def times() -> list[Rule]:
    low, high = _APART
    later = rf"(?:1[0-2]|0?[1-9])(?::[0-5]\d)?\s?{_HALVES}"
    clock = r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?"
    return [
        (_p(rf"(?<![\d.,:])(?P<hour>1[0-2]|0?[1-9])(?::(?P<minute>[0-5]\d))?\s?{_HALVES}"), _halved),
        (_p(rf"(?<![\d.,:]){clock}(?=\s*[–—-]\s*\d|Z?{high})Z?"), _clock),
        (_p(rf"{low}(?P<hour>\d\d?)(?= o['’]clock)"), lambda m: cardinal(int(m["hour"]))),
        (_p(r"(?<=:\d\d)\s?-\s?(?=\d{1,2}:\d\d)"), lambda _: " to "),
        (_p(rf"(?<=[\dmMn.])\s?[-–—]\s?(?={later})"), lambda _: " to "),
        (_p(r"(?<![\w.,:])(?P<one>\d{1,3}):(?P<other>\d{1,3})(?![\w:]|[.,]\d)"),
         lambda m: f"{cardinal(int(m['one']))} to {cardinal(int(m['other']))}"),
    ]  # fmt: skip


def telephones() -> list[Rule]:
    gap = r"[-. ]"
    return [
        (
            _p(rf"(?<![\w.])\+\d{{1,3}}{gap}?(?:\(\d{{1,4}}\){gap}?)?\d{{1,4}}(?:{gap}\d{{2,4}}){{1,4}}(?!\w)"),
            _telephone,
        ),
        (_p(rf"(?<![\w.])(?:1{gap})?\(\d{{3}}\)\s?\d{{3}}{gap}\d{{4}}(?!\w)"), _telephone),
        (_p(r"(?<![\w.,-])(?:1-)?\d{3}([-.])\d{3}\1\d{4}(?![\w-])"), _telephone),
        (_p(r"(?<![\w.,-])0\d{1,2}-\d{3,4}-\d{4}(?![\w-])"), _telephone),
        (_p(r"(?<![\w.,-])\d{1,7}(?:-\d{1,7}){3,5}(?![\w-])"), _telephone),
        (_p(r"(?<![\w.,-])\d{3}-\d{4}(?![\w-])"), _telephone),
        (_p(r"(?<![\w.,$])911(?![\w.,])"), _telephone),
    ]


def _month(match: re.Match[str]) -> str:
    return MONTHS[_SHORT[match["month"][:3].lower()]]


def _said(month: str, day: int, of: str | None) -> str:
    return f"{month} {ordinal(day)}" + (f", {year(int(of))}" if of else "")


def _full(match: re.Match[str]) -> str | None:
    number = int(match["m"])
    tail = " " if match.group().endswith("T") else ""
    return _said(MONTHS[number - 1], int(match["day"]), match["year"]) + tail if 1 <= number <= 12 else None


def _either(match: re.Match[str]) -> str | None:
    """The month first, as in America; where that cannot be, the day."""
    month, day = int(match["m"]), int(match["day"])
    if month > 12 or match["by"] == ".":
        month, day = day, month
    return _said(MONTHS[month - 1], day, match["year"]) if 1 <= month <= 12 and 1 <= day <= 31 else None


def _month_first(match: re.Match[str]) -> str:
    to = f" to {ordinal(int(match['to']))}" if match["to"] else ""
    of = f", {year(int(match['year']))}" if match["year"] else ""
    return f"{_month(match)} {ordinal(int(match['day']))}{to}{of}"


def _day_first(match: re.Match[str]) -> str:
    of = f", {year(int(match['year']))}" if match["year"] else ""
    the = "" if match.string[: match.start()].lower().endswith("the ") else "the "
    return f"{the}{ordinal(int(match['day']))} of {_month(match)}{of}"


def _plural(number: str) -> str:
    return f"{number[:-1]}ies" if number.endswith("y") else f"{number}s"


def _decade(first: int) -> str:
    return f"{cardinal(first)}s" if first % 1000 == 0 else _plural(year(first))


def _year_and(match: re.Match[str]) -> str | None:
    """2026-27 is two years, 2026-11 a month."""
    first, last = int(match["year"]), int(match["to"])
    if (first + 1) % 100 == last:
        return f"{year(first)} to {cardinal(last)}"
    return f"{MONTHS[last - 1]} {year(first)}" if 1 <= last <= 12 and match["by"] == "-" else None


def _years(match: re.Match[str]) -> str | None:
    first, last = int(match["year"]), int(match["to"])
    return f"{year(first)} to {year(last)}" if 1000 <= first < last < 2200 else None


def _minutes(minute: int) -> str:
    return f" oh {cardinal(minute)}" if minute < 10 else f" {cardinal(minute)}"


def _halved(match: re.Match[str]) -> str:
    minute = int(match["minute"] or 0)
    written = match["half"]
    half = "A-M" if written[0] in "aA" else "P-M"
    # The stop of p.m. also ends the sentence.
    stop = "." if written.endswith(".") and re.match(r"\s+[A-Z]|\s*$", match.string[match.end() :]) else ""
    return f"{cardinal(int(match['hour']))}{_minutes(minute) if minute else ''} {half}{stop}"


def _clock(match: re.Match[str]) -> str:
    hour, minute = int(match["hour"]), int(match["minute"])
    if match["second"]:
        parts = ((hour, "hour"), (minute, "minute"), (int(match["second"]), "second"))
        return " ".join(f"{cardinal(count)} {name}{'' if count == 1 else 's'}" for count, name in parts)
    if minute:
        return f"{cardinal(hour)}{_minutes(minute)}"
    return f"{cardinal(hour)} o'clock" if 1 <= hour <= 12 else f"{cardinal(hour)} hundred hours"


def _telephone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    plus = "plus " if match.group().startswith("+") else ""
    return plus + ", ".join(digits_said(group, zero="oh") for group in groups)
