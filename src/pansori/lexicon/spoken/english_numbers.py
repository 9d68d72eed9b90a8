"""Numbers as English says them."""

from __future__ import annotations

from typing import Final

from pansori.lexicon.numerals import ONES, TENS

LONGEST: Final = 15  #: digits; longer numbers are read digit by digit
_GROUPS: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred"))
_ORDINALS: Final = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_POWERS: Final = {"half": "halves"}


def digits_said(digits: str, zero: str = "zero") -> str:
    """One by one: 007 is zero zero seven."""
    return " ".join(zero if int(digit) == 0 else ONES[int(digit)] for digit in digits)


def cardinal(value: int) -> str:
    """0 ≤ `value`: one hundred twenty three."""
    return " ".join(_words(value)) or "zero"


def _words(value: int) -> list[str]:
    for size, name in _GROUPS:
        if value >= size:
            return [*_words(value // size), name, *_words(value % size)]
    if value >= 20:
        return [TENS[value // 10], *_words(value % 10)]
    return [ONES[value]] if value else []


def number(written: str) -> str:
    """Digits with commas and a decimal point: 1,234.5 is one thousand two hundred thirty four point five. A number that
    begins with 0, or is too long to be said, digit by digit."""
    whole, _, decimals = written.replace(",", "").partition(".")
    if len(whole) > LONGEST or (len(whole) > 1 and int(whole[0]) == 0):
        said = digits_said(whole)
    else:
        said = cardinal(int(whole or "0"))
    return f"{said} point {digits_said(decimals)}" if decimals else said


def ordinal(value: int) -> str:
    """21: twenty first."""
    head, _, last = cardinal(value).rpartition(" ")
    last = _ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th")
    return f"{head} {last}".strip()


def year(value: int) -> str:
    """1999: nineteen ninety nine; 2005: two thousand five; 2026: twenty twenty six; 1900: nineteen hundred."""
    century, rest = divmod(value, 100)
    if value < 1000 or value % 1000 < 10 or value >= 10_000:
        return cardinal(value)
    if not rest:
        return f"{cardinal(century)} hundred"
    return f"{cardinal(century)} {'oh ' if rest < 10 else ''}{cardinal(rest)}"


def fraction(above: int, below: int) -> str:
    """3/4: three quarters; 5/1000: five thousandths. `below` > 1."""
    name = {2: "half", 4: "quarter"}.get(below) or ordinal(below)
    if above == 1:
        return f"one {name}"
    return f"{cardinal(above)} {_POWERS.get(name) or name + 's'}"


def roman(written: str) -> int | None:
    """Its value; None where it is none as Romans wrote (IIII). Up to 3999."""
    value, rest = 0, written
    for sign, worth in (
        ("M", 1000), ("CM", 900), ("D", 500), ("CD", 400), ("C", 100), ("XC", 90), ("L", 50), ("XL", 40), ("X", 10),
        ("IX", 9), ("V", 5), ("IV", 4), ("I", 1),
    ):  # fmt: skip
        limit = 3 if len(sign) == 1 and sign in "MCXI" else 1
        while limit and rest.startswith(sign):
            value, rest, limit = value + worth, rest[len(sign) :], limit - 1
    return value if value and not rest else None
