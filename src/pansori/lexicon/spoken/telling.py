"""Text said as its writer tells: as a number, a date, letter by letter."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pansori.lexicon.spoken import (
    english,
    english_dates,
    english_numbers,
    english_words,
    korean,
    korean_dates,
    korean_numbers,
    korean_words,
)
from pansori.lexicon.spoken.reading import Rule, read

#: What one may tell, with its synonyms.
KINDS: Final = {
    "cardinal": "cardinal", "number": "cardinal", "ordinal": "ordinal", "characters": "characters",
    "spell-out": "characters", "verbatim": "characters", "digits": "digits", "telephone": "telephone", "date": "date",
    "time": "time", "fraction": "plain", "unit": "plain", "currency": "plain",
}  # fmt: skip


class NotSo(ValueError):
    """The text cannot be said so."""


def tell(text: str, kind: str, form: str, language: str) -> str:
    """`text` as a `kind` of `KINDS`; `form`: of a date, the order of its parts, such as `dmy`. Raises `NotSo`."""
    is_korean = language.partition("-")[0].lower() == "ko"
    teller = _TELLERS[KINDS[kind]]
    said = teller(text.strip(), form, is_korean)
    if not said.strip():
        raise NotSo(text)
    return said


def _cardinal(text: str, form: str, is_korean: bool) -> str:
    found = re.fullmatch(r"([-−+]?)(\d[\d,]*(?:\.\d+)?|\.\d+)", text)
    if not found:
        raise NotSo(text)
    number = korean_numbers.number if is_korean else english_numbers.number
    minus = ("마이너스 " if is_korean else "minus ") if found[1] in ("-", "−") else ""
    whole, stop, rest = found[2].replace(",", "").partition(".")
    return minus + number((whole.lstrip("0") or "0") + stop + rest)


def _ordinal(text: str, form: str, is_korean: bool) -> str:
    digits = re.sub(r"\D", "", text)
    if not digits or len(digits) > english_numbers.LONGEST:
        raise NotSo(text)
    value = int(digits)
    if not is_korean:
        return english_numbers.ordinal(value)
    if value == 1:
        return "첫 번째"
    return f"{korean_numbers.native(value) if 0 < value < 100 else korean_numbers.sino(value)} 번째"


def _characters(text: str, form: str, is_korean: bool) -> str:
    said = [_character(sign, is_korean) for sign in text]
    return ", ".join(word for word in said if word)


def _character(sign: str, is_korean: bool) -> str:
    if sign.isdecimal():  # a raised one is a digit too, and no number
        return korean_numbers.digits_said(sign, zero="영") if is_korean else english_numbers.digits_said(sign)
    if is_korean:
        return (
            korean.letters(sign.upper())
            if sign.isalpha()
            else korean_words.SIGNS.get(sign, korean_words.ADDRESS.get(sign, ""))
        )
    if sign.isalpha():
        return english.letters(sign)
    return english_words.SIGNS.get(sign, english.ADDRESS.get(sign, ""))


def _digits(text: str, form: str, is_korean: bool) -> str:
    digits = re.sub(r"\D", "", text)
    return korean_numbers.digits_said(digits) if is_korean else english_numbers.digits_said(digits)


def _telephone(text: str, form: str, is_korean: bool) -> str:
    groups = re.findall(r"\d+", text)
    plus = ("플러스 " if is_korean else "plus ") if text.startswith("+") else ""
    said = [
        korean_numbers.digits_said(group) if is_korean else english_numbers.digits_said(group, zero="oh")
        for group in groups
    ]
    return plus + ", ".join(said)


def _date(text: str, form: str, is_korean: bool) -> str:
    parts = re.findall(r"\d+", text)
    order = form.lower() or ("ymd" if parts and len(parts[0]) == 4 else "ymd" if is_korean else "mdy")
    if len(parts) == len(order) and set(order) <= set("ymd"):
        found = dict(zip(order, parts, strict=True))
        text = _written(found, is_korean)
    return _ruled(text, (korean_dates if is_korean else english_dates).dates(), is_korean)


def _written(found: dict[str, str], is_korean: bool) -> str:
    """As the rules of dates read it."""
    year, month, day = found.get("y", ""), int(found.get("m", 0)), int(found.get("d", 0))
    if len(year) == 2:
        year = f"20{year}"
    if not (0 <= month <= 12 and 0 <= day <= 31) or (not month and day):
        raise NotSo(str(found))
    if is_korean:
        parts = (f"{year}년" if year else "", f"{month}월" if month else "", f"{day}일" if day else "")
        return " ".join(part for part in parts if part)
    name = english_words.MONTHS[month - 1] if month else ""
    return f"{name} {day}, {year}".replace(" 0,", "").strip(", ") if day else f"{name} {year}".strip()


def _time(text: str, form: str, is_korean: bool) -> str:
    return _ruled(text, (korean_dates if is_korean else english_dates).times(), is_korean)


def _plain(text: str, form: str, is_korean: bool) -> str:
    return _ruled(text, (), is_korean)


def _ruled(text: str, first: list[Rule] | tuple[Rule, ...], is_korean: bool) -> str:
    rules = (korean if is_korean else english).rules()
    return read(text, (*first, *rules)).said


_TELLERS: Final[dict[str, Callable[[str, str, bool], str]]] = {
    "cardinal": _cardinal, "ordinal": _ordinal, "characters": _characters, "digits": _digits,
    "telephone": _telephone, "date": _date, "time": _time, "plain": _plain,
}  # fmt: skip
