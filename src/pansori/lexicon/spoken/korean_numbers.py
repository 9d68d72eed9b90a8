"""Numbers as Korean says them, in Sino-Korean and in native words."""

from __future__ import annotations

import re
from typing import Final

from pansori.lexicon.numerals import NATIVE_ONES, NATIVE_TENS, SINO

DIGITS: Final = "영일이삼사오육칠팔구"
LONGEST: Final = 16  #: digits; longer numbers are read digit by digit
_POWERS: Final = ((12, "조"), (8, "억"), (4, "만"), (0, ""))
SCALES: Final = {"조": 10**12, "억": 10**8, "만": 10**4, "천": 1000, "백": 100, "십": 10}

#: How numbers are written, as regular expressions: one; what it may not stand behind; its sign; to another one; with
#: 만 and the like in it.
NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
LOW: Final = r"(?<![\d.,A-Za-z])"
MINUS: Final = r"(?P<minus>(?<![\w.)~-])[-−–](?=[\d.$€£₩¥]))?"
TO: Final = r"\s?(?:[~∼〜～–—]|-)\s?"
SCALED: Final = rf"(?:{NUMBER}\s?[조억만천백십]{{1,3}}\s?){{1,6}}(?:\d{{1,3}}(?:,\d{{3}})+|\d+)?"


def digits_said(digits: str, zero: str = "공") -> str:
    """One by one: 010 is 공일공."""
    return "".join(zero if int(digit) == 0 else DIGITS[int(digit)] for digit in digits)


def sino(value: int) -> str:
    """In groups of four digits, apart from each other: 12345 is 만 이천삼백사십오."""
    groups: list[str] = []
    for power, name in _POWERS:
        group = value // 10**power % 10_000 if power < 12 else value // 10**power
        if group:
            said = _group(group)
            groups.append(name if said == "일" and name == "만" and not groups else said + name)
    return " ".join(groups) or "영"


def _group(value: int) -> str:
    said = ""
    for power, name in ((3, "천"), (2, "백"), (1, "십"), (0, "")):
        digit = value // 10**power % 10
        if digit:
            said += ("" if digit == 1 and name else SINO[digit]) + name
    return said


def native(value: int) -> str:
    """As before what is counted, 1 ≤ `value` < 100: 한, 스무, 스물다섯."""
    return "스무" if value == 20 else NATIVE_TENS[value // 10] + NATIVE_ONES[value % 10]


def number(written: str) -> str:
    """Digits with commas and a decimal point: 1,234.5 is 천이백삼십사 점 오. A number that begins with 0, or is too
    long to be said, digit by digit."""
    whole, _, decimals = written.replace(",", "").partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and int(whole[0]) == 0):
        said = digits_said(whole)
    else:
        said = sino(int(whole or "0"))
    return f"{said} 점 {digits_said(decimals, zero='영')}" if decimals else said


def is_countable(written: str) -> bool:
    """Whether native words go up to it."""
    return written.isdigit() and int(written[0]) > 0 and 0 < int(written) < 100


def amount(written: str) -> str:
    """Digits, also with 만 and the like between them: 1만2천."""
    if not re.search(f"[{''.join(SCALES)}]", written):
        return number(written)
    parts = re.findall(rf"({NUMBER})|([{''.join(SCALES)}])", written)
    if any("." in digits for digits, _ in parts):
        return " ".join(number(digits) if digits else scale for digits, scale in parts)
    whole = group = digits_ = 0
    has_digits = False
    for digits, scale in parts:
        if digits:
            digits_, has_digits = int(digits.replace(",", "")), True
        elif SCALES[scale] < 10_000:
            group, digits_, has_digits = group + (digits_ if has_digits else 1) * SCALES[scale], 0, False
        else:
            whole, group, digits_, has_digits = whole + ((group + digits_) or 1) * SCALES[scale], 0, 0, False
    return sino(whole + group + digits_)


def between(first: str, dash: str, last: str) -> str:
    """What is said for `dash`. What falls is no range but a score: 2-1."""
    is_score = "-" in dash and len(first + last) <= 4 and (first + last).isdigit() and int(first) >= int(last)
    return " 대 " if is_score else "에서 "


def minus(match: re.Match[str]) -> str:
    return "마이너스 " if match.groupdict().get("minus") else ""
