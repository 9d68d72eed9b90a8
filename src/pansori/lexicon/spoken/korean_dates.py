"""Korean dates, times of day, telephone numbers."""

from __future__ import annotations

import re
from re import compile as _p
from typing import Final

from pansori.lexicon.spoken.korean_numbers import digits_said, native, sino
from pansori.lexicon.spoken.reading import CLING, Rule

_TO: Final = r"\s?[~∼〜～–-]\s?"
_MONTH, _DAY = r"(?P<month>1[0-2]|0?[1-9])", r"(?P<day>3[01]|[12]\d|0?[1-9])"
_HALVES: Final = {"am": "오전 ", "pm": "오후 "}


def dates() -> list[Rule]:
    year, low = r"(?P<year>[12]\d{3})", r"(?<![\d.,/-])"
    return [
        (_p(rf"{low}(?P<short>\d\d)\.(?P<month>0[1-9]|1[0-2])\.(?P<day>0[1-9]|[12]\d|3[01])(?!\.?\d)\.?"), _brief),
        (_p(rf"{low}{year}(?P<by>[-/.])\s?{_MONTH}(?P=by)\s?{_DAY}(?!\d|[-/]\d|\.\d)\.?(?:T(?=\d))?"), _full),
        (_p(rf"{low}{_MONTH}/{_DAY}(?=\s?\((?:[월화수목금토일])\))"), _day),
        (_p(rf"{low}{_MONTH}/{_DAY}(?![\d/]|\.\d|\s?(?:박자|분기))"), _day_or_part),
        (_p(r"(?<![\d.,-])(?P<year>(?:19|20)\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])(?![\d.,-])"),
         _full),
        (_p(rf"{low}{_MONTH}\s?월\s?{_DAY}(?: ?일)?{_TO}(?:(?P<then>1[0-2]|[1-9])\s?월\s?)?(?P<to>\d\d?)\s?일"), _days),
        (_p(rf"{low}{_MONTH}\s?월\s?{_DAY}\s?일"), _day),
        (_p(rf"{low}{_MONTH}(?:\s?월)?{_TO}(?P<to>1[0-2]|[1-9])\s?월(?!드)"), _months),
        (_p(rf"{low}{_MONTH}\s?월(?!드)"), lambda m: _month(m["month"])),
        (_p(rf"{low}{year}{_TO}(?P<to>[12]\d{{3}})\s?년"), lambda m: f"{sino(int(m['year']))}년에서 {_year(m['to'])}"),
        (_p(rf"{low}{year}\s?년(?=도?)"), lambda m: _year(m["year"])),
        (_p(r"(?<!\w)['’](?P<year>\d\d)년"), lambda m: f"{_short_year(m['year'])}년"),
        (_p(rf"{low}{year}[-.](?P<month>0[1-9]|1[0-2])(?![\d.-])"), _year_month),
        (_p(rf"{low}{year}\.\s?{_MONTH}\.(?!\d)"), _year_month),
    ]  # fmt: skip


def times() -> list[Rule]:
    clock = r"(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d)(?:\.\d+)?)?"
    half = r"(?:\s?(?P<half>[ap]\.?m\b\.?|[AP]\.?M\b\.?))?"
    early = r"(?P<early>[AP]M|[ap]m)\s?"
    return [
        (_p(rf"(?<![\w.,:])(?:{early})?(?<![\d.,:]){clock}(?:분(?!기)|{half}Z?)(?![\d:])"), _clock),
        (_p(r"(?<=:\d\d)\s?[-–]\s?(?=\d{1,2}:\d\d)"), lambda _: f"{CLING}에서 "),
        (_p(r"(?<![\d.,:])(?P<hour>1[0-2]|[1-9])\s?(?P<half>[ap]\.m\.|[ap]m\b|[AP]M\b)"), _clock),
        (_p(rf"(?<![\d.,:])(?P<hour>\d\d?){_TO}(?P<to>\d\d?)\s?시(?!간|리즈|점)"),
         lambda m: f"{_hour(m['hour'])}에서 {_hour(m['to'])}"),
        (_p(r"(?<![\d.,:])(?P<hour>1?\d|2[0-4])\s?시(?!간|리즈|점)"), lambda m: _hour(m["hour"])),
        (_p(r"(?<![\d.,:])(?P<one>\d{1,3})\s?:\s?(?P<other>\d{1,3})(?![\d:])"),
         lambda m: f"{sino(int(m['one']))} 대 {sino(int(m['other']))}"),
    ]  # fmt: skip


def telephones() -> list[Rule]:
    return [
        (_p(r"(?<![\w.])\+\d{1,3}[-. ]?\(?\d{1,4}\)?(?:[-. ]\d{2,4}){1,4}(?!\d)"), _telephone),
        (_p(r"(?<![\w.,-])\(?0\d{1,2}\)?[-. ]\s?\d{3,4}[-. ]\d{4}(?![\d-])"), _telephone),
        (_p(r"(?<![\w.,-])1[568]\d\d-\d{4}(?![\d-])"), _telephone),
        (_p(r"(?<![\w.,-])\d{2,6}(?:-\d{2,7}){2,4}(?![\d-])"), _telephone),
        (_p(r"(?<![\w.,-])\d{3,4}-\d{4}(?![\d-])"), _telephone),
        (_p(r"(?<![\w.,])(?:119|112|114|911|1339)(?=에|으로|로|번으로|$)"), _telephone),
    ]


def _year(digits: str) -> str:
    return f"{sino(int(digits))}년"


def _short_year(digits: str) -> str:
    return digits_said(digits) if int(digits[0]) == 0 else sino(int(digits))


def _month(digits: str) -> str:
    """유월 and 시월 are said so."""
    return {6: "유월", 10: "시월"}.get(int(digits), f"{sino(int(digits))}월")


def _year_month(match: re.Match[str]) -> str:
    return f"{_year(match['year'])} {_month(match['month'])}"


def _full(match: re.Match[str]) -> str:
    tail = " " if match.group().endswith("T") else ""
    return f"{_year(match['year'])} {_day(match)}{tail}"


def _brief(match: re.Match[str]) -> str:
    return f"{_short_year(match['short'])}년 {_day(match)}"


def _day(match: re.Match[str]) -> str:
    return f"{_month(match['month'])} {sino(int(match['day']))}일"


def _day_or_part(match: re.Match[str]) -> str | None:
    """12/3 and 3/15 are days; 1/12 and 3/4 are parts of something."""
    month, day = int(match["month"]), int(match["day"])
    return _day(match) if month > day or (month > 1 and day > 10) else None


def _months(match: re.Match[str]) -> str:
    return f"{_month(match['month'])}에서 {_month(match['to'])}"


def _days(match: re.Match[str]) -> str:
    other = f"{_month(match['then'])} " if match["then"] else ""
    return f"{_day(match)}에서 {other}{sino(int(match['to']))}일"


def _hour(digits: str) -> str:
    """In native numbers up to twelve, as clocks show them."""
    hour = int(digits)
    return f"{native(hour) if 1 <= hour <= 12 else sino(hour)} 시"


def _clock(match: re.Match[str]) -> str:
    found = match.groupdict()
    half = (found.get("half") or found.get("early") or "").replace(".", "").lower()
    said = _HALVES.get(half, "") + _hour(found["hour"])
    minute, second = int(found.get("minute") or 0), int(found.get("second") or 0)
    if minute or second:
        said += f" {sino(minute)} 분"
    return said + (f" {sino(second)} 초" if second else "")


def _telephone(match: re.Match[str]) -> str:
    groups = re.findall(r"\d+", match.group())
    plus = "플러스 " if match.group().startswith("+") else ""
    return plus + ", ".join(map(digits_said, groups))
