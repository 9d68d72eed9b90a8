"""Signs that mean one thing in sums, another in music and a third elsewhere: 7 - 3 = 4, F#, 4/4."""

from __future__ import annotations

import re
from re import compile as _p
from typing import Final

from pansori.lexicon.particles import particle
from pansori.lexicon.spoken import english_numbers, korean_numbers
from pansori.lexicon.spoken.korean_words import LETTERS
from pansori.lexicon.spoken.reading import CLING, Rule

_NUMBER: Final = r"\d+(?:[.,]\d+)*"
_MINUS: Final = "[-−–]"
#: A minus, and not from … to …: what it belongs to is equal to something.
_SUM: Final = rf"{_NUMBER}(?:\s*[-−–+*×÷/x]\s*{_NUMBER})*\s*="
_OF_A_SUM: Final = rf"(?<=\d)\s*{_MINUS}\s*(?={_SUM})"
_TIMES: Final = rf"(?<=\d)\s*\*\s*(?=\d)|(?<=\d)\s*x\s*(?={_SUM})"
_POWER: Final = rf"\^\(?(?P<minus>{_MINUS}?)(?P<power>\d+)\)?"
_BEHIND_KEYS: Final = r"major|minor|flat|sharp|maj|min|scale|chord|key"
_QUALITIES: Final = {
    "maj": "major", "min": "minor", "m": "minor", "dim": "diminished", "aug": "augmented", "sus": "suspended",
}  # fmt: skip
_CHORDS: Final = "|".join(_QUALITIES)
_METRE: Final = r"time|beats?|met(?:re|er)|bars?|signature"
_SIGN: Final = rf"[#♯♭]|b(?= (?:{_BEHIND_KEYS})\b)"
_KEYS: Final = "장조|단조|메이저|마이너|코드"


def english() -> list[Rule]:
    return [
        (_p(rf"(?<!\w)(?P<note>[A-G])(?P<sign>{_SIGN})(?P<chord>{_CHORDS})?(?P<more>\d{{1,2}})?(?!\w)"),
         _chord),
        (_p(rf"(?<!\w)(?P<note>[A-G])(?P<sign>)(?P<chord>{_CHORDS})(?P<more>\d{{1,2}})(?!\w)"), _chord),
        (_p(rf"(?<![\w./,])(?P<above>\d{{1,2}})/(?P<below>1|2|4|8|16)(?=[ -](?:{_METRE})\b)"),
         lambda m: f"{english_numbers.number(m['above'])} {english_numbers.number(m['below'])}"),
        (_p(rf"(?<=\w){_POWER}"), _power),
        (_p(_OF_A_SUM), lambda _: " minus "),
        (_p(_TIMES), lambda _: " times "),
        (_p(r"\s*!=\s*"), lambda _: " is not "),
        (_p(r"(?<=\d)\s*<\s*(?=\d)|(?<=\w) < (?=\w)"), lambda _: " is less than "),
        (_p(r"(?<=\d)\s*>\s*(?=\d)|(?<=\w) > (?=\w)"), lambda _: " is greater than "),
        (_p(r"\s*[-=]>\s*"), lambda _: " to "),
    ]  # fmt: skip


def korean() -> list[Rule]:
    return [
        (_p(rf"(?<![A-Za-z])(?P<note>[A-G])(?P<sign>[#♯♭])(?:(?P<minor>m)(?![A-Za-z])|\s?(?P<key>{_KEYS}))?"), _key),
        (_p(rf"(?<![A-Za-z])(?P<note>[A-G])(?P<sign>)(?P<minor>)\s?(?P<key>{_KEYS})"), _key),
        (_p(r"(?<![\w./,])(?P<above>\d{1,2})/(?P<below>\d{1,2})\s?박자"),
         lambda m: f"{korean_numbers.number(m['below'])}분의 {korean_numbers.number(m['above'])} 박자"),
        (_p(rf"(?<=\w){_POWER}"), _raised),
        (_p(_OF_A_SUM), lambda _: " 빼기 "),
        (_p(_TIMES), lambda _: " 곱하기 "),
        (_p(rf"(?<![\d.,])(?P<one>{_NUMBER})\s*(?P<sign>[<>])\s*(?P<other>{_NUMBER})"), _compared),
        (_p(r"(?<![A-Za-z])(?P<grade>[A-F])(?P<signs>\+{1,2}|-)(?![\w+-])"), _grade),
    ]  # fmt: skip


def _chord(match: re.Match[str]) -> str:
    sign = {"": "", "#": " sharp", "♯": " sharp"}.get(match["sign"], " flat")
    quality = f" {_QUALITIES[match['chord']]}" if match["chord"] else ""
    return match["note"] + sign + quality + (f" {english_numbers.number(match['more'])}" if match["more"] else "")


def _power(match: re.Match[str]) -> str:
    simple = {"2": " squared", "3": " cubed"}.get(match["power"])
    if simple and not match["minus"]:
        return simple
    return f" to the power of {'minus ' if match['minus'] else ''}{english_numbers.number(match['power'])}"


def _raised(match: re.Match[str]) -> str:
    power = korean_numbers.number(match["power"])
    if match["minus"]:
        return f"{CLING}의 마이너스 {power} 제곱"
    return f"{CLING}의 {'' if power == '이' else '세' if power == '삼' else power + ' '}제곱"


def _key(match: re.Match[str]) -> str:
    sign = {"#": " 샵", "♯": " 샵", "♭": " 플랫"}.get(match["sign"], "")
    key = "마이너" if match["minor"] else match["key"]
    return LETTERS[match["note"]] + sign + (f" {key}" if key else "")


def _compared(match: re.Match[str]) -> str:
    one, other = korean_numbers.number(match["one"]), korean_numbers.number(match["other"])
    return f"{one}{particle(one, '은/는')} {other}보다 {'작다' if match['sign'] == '<' else '크다'}"


def _grade(match: re.Match[str]) -> str:
    return LETTERS[match["grade"]] + (" 마이너스" if match["signs"] == "-" else " 플러스" * len(match["signs"]))
