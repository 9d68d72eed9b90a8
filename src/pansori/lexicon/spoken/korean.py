"""Korean as it is read aloud: numbers in native or Sino-Korean words by what they count; units, money, letters."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import cache
from re import compile as _p

from pansori.lexicon.particles import particle
from pansori.lexicon.spoken import formulas, korean_dates
from pansori.lexicon.spoken.korean_counting import counted
from pansori.lexicon.spoken.korean_numbers import (
    LOW,
    MINUS,
    NUMBER,
    SCALED,
    TO,
    amount,
    between,
    digits_said,
    minus,
    number,
    sino,
)
from pansori.lexicon.spoken.korean_words import (
    ADDRESS,
    BEHIND_LETTERS,
    CALLED,
    CALLED_IN_ADDRESSES,
    CHATTED,
    FAMOUS,
    LETTERS,
    MONEY,
    ROMAN,
    SCALE_LETTERS,
    SIGNS,
    UNITS,
)
from pansori.lexicon.spoken.reading import CLING, Rule, any_of
from pansori.lexicon.spoken.signs import addresses, layout, pictures


@cache
def rules() -> tuple[Rule, ...]:
    return (
        *layout(),
        *addresses(ADDRESS, CALLED_IN_ADDRESSES),
        *formulas.korean(),
        *korean_dates.dates(),
        *korean_dates.times(),
        *korean_dates.telephones(),
        *_known(),
        *_amounts(),
        *counted(),
        *_numbers(),
        *_letters(),
        *_signs(),
        *pictures(),
    )


def _known() -> list[Rule]:
    return [
        (_p(any_of(FAMOUS)), lambda m: FAMOUS[m.group()]),
        (_p(r"(?<!\d)(?:2030|3040|4050|5060|7080)(?=\s?(?:세대|음악|가수|노래))"), lambda m: digits_said(m.group())),
    ]


def _amounts() -> list[Rule]:
    one = rf"(?P<number>{SCALED}|{NUMBER})"
    to = rf"(?:{TO}(?P<to>{SCALED}|{NUMBER}))?"
    money, units = any_of(MONEY), any_of(UNITS)
    return [
        (
            _p(
                rf"{MINUS}(?P<sign>{money})\s?{one}(?P<scale>[KMB](?!\w))?(?:{TO}(?:{money})?(?P<to>{SCALED}|{NUMBER}))?"
            ),
            _money,
        ),
        (_p(rf"{LOW}{MINUS}{one}{to}\s?(?P<sign>{money})"), _money),
        (_p(rf"(?<![A-Za-z])(?P<unit>KRW|USD|EUR|JPY|GBP)\s?{one}{to}"), _measure),
        (
            _p(
                rf"{LOW}{MINUS}{one}(?:(?:\s?(?:{units}))?{TO}(?P<to>{SCALED}|{NUMBER}))?"
                rf"\s?(?P<unit>{units})(?![A-Za-z\d²³]|/(?!\d))"
            ),
            _measure,
        ),
    ]


def _numbers() -> list[Rule]:
    low, high = LOW, r"(?!\d|[.,]\d)"
    return [
        (_p(r"(?<![\d.,A-Za-z])(?P<v>v?)(?P<number>\d+(?:\.\d+){2,}|(?<=v)\d+\.\d+)"), _version),
        (_p(r"(?:(?<!\d)(?P<whole>\d+)\s?)?(?P<sign>[¼-¾⅐-⅞])"), _vulgar),
        (_p(r"(?<!\w)#(?P<number>\d+)"), lambda m: f"{sino(int(m['number']))} 번"),
        (_p(r"(?<!\w)No\.\s?(?=\d)"), lambda _: "넘버 "),
        (_p(r"제\s?(?P<number>[IVX]{1,4}|[Ⅰ-Ⅻ])\s?(?P<counter>[장부절편권])"), _chapter),
        (_p(r"(?<=[가-힣A-Za-z)] )(?P<number>II|III|IV|VI|VII|VIII|IX)(?![A-Za-z])"),
         lambda m: BEHIND_LETTERS[str(ROMAN[m["number"]])]),
        (_p(rf"{low}(?P<first>{SCALED}|{NUMBER})(?P<to>{TO})(?P<last>{SCALED}|{NUMBER}){high}"), _range),
        (_p(r"(?<![A-Za-z\d])(?P<number>[23])D(?![A-Za-z\d])"), lambda m: {"2": "투디", "3": "쓰리디"}[m["number"]]),
        (_p(r"(?<=[A-Za-z])[ -]?(?P<digit>\d)(?!\d|[.,]\d)"), _behind_letters),
        (_p(rf"{MINUS}(?P<number>{SCALED})"), lambda m: minus(m) + amount(m["number"])),
        (_p(rf"{MINUS}(?P<number>{NUMBER})"), lambda m: minus(m) + number(m["number"])),
        (_p(r"(?<=\w)([²³])"), lambda m: {"²": " 제곱", "³": " 세제곱"}[m.group()]),
        (_p("[Ⅰ-Ⅻ]"), lambda m: sino(ROMAN[m.group()])),
    ]  # fmt: skip


def _letters() -> list[Rule]:
    return [
        (_p(rf"(?<![A-Za-z])(?:{any_of(CALLED)})(?![A-Za-z])"), lambda m: CALLED[m.group()]),
        (_p(r"(?<![A-Za-z.])(?:[A-Z]\.){2,}"), lambda m: letters(m.group().replace(".", ""))),
        (_p(r"(?<![A-Za-z])(?P<word>[A-Z]{1,6}(?:&[A-Z]{1,3})*)(?P<plural>s?)(?![A-Za-z])"), _capitals),
    ]


def _signs() -> list[Rule]:
    return [
        (_p(rf"(?<![ㄱ-ㅎ])(?:{any_of(CHATTED)})(?![ㄱ-ㅎ])"), lambda m: CHATTED[m.group()]),
        (_p(r"\(주\)(?=[가-힣A-Z])"), lambda _: "주식회사 "),
        (_p(r"#(?=\w)"), lambda _: "해시태그 "),
        (_p(r"(?<=[A-Za-z])-(?=\d\d)"), lambda _: " "),
        (_p(r"(?<=[A-Za-z])\+|(?<![\w)\s])\+(?=\d)|(?<![\w)]) \+(?=\d)"), lambda _: " 플러스 "),
        (_p(r"ㅋ+"), lambda m: "크" * min(len(m.group()), 3)),
        (_p(r"ㅎ+"), lambda m: "하" * min(len(m.group()), 3)),
        (_p(r"[ㅠㅜㅡ]+"), lambda _: " "),
        (_p(r"(?<=[\w)])\s?(?:[~∼〜～→]|[-=]>)\s?(?=[\w(])"), lambda _: f"{CLING}에서 "),
        (_p(r"(?<=\w)/(?=\w)"), lambda _: ", "),
        (_p(r"[~∼〜～^*_|\\{}\[\]`#]+"), lambda _: " "),
        (_p(r"\s?=\s?"), lambda m: f"{CLING}{particle(m.string[: m.start()], '은/는')} "),
        (_p("[" + re.escape("".join(SIGNS)) + "]"), _sign),
        (_p(r"[^\x00-\x7f가-힣]"), _digit),
    ]


def letters(word: str) -> str:
    """ABC is 에이비시."""
    return "".join({"&": "앤"}.get(letter) or LETTERS.get(letter.upper(), letter) for letter in word)


def _range(match: re.Match[str]) -> str:
    first, last = match["first"], match["last"]
    return f"{amount(first)}{between(first, match['to'], last)}{amount(last)}"


def _chapter(match: re.Match[str]) -> str | None:
    value = ROMAN.get(match["number"])
    return f"제{sino(value)} {match['counter']}" if value else None


def _money(match: re.Match[str]) -> str:
    to = f"에서 {amount(match['to'])}" if match["to"] else ""
    whole, _, small = match["number"].partition(".")
    name = MONEY[match["sign"]]
    if scale := match.groupdict().get("scale"):
        return f"{minus(match)}{sino(int(Decimal(match['number'].replace(',', '')) * SCALE_LETTERS[scale]))} {name}"
    if not to and small.isdigit() and len(small) == 2 and name in ("달러", "유로"):
        cents = f" {sino(int(small))} 센트" if int(small) else ""
        return f"{minus(match)}{amount(whole)} {name}{cents}"
    return f"{minus(match)}{amount(match['number'])}{to} {name}"


def _measure(match: re.Match[str]) -> str:
    before, behind = UNITS[match["unit"]]
    to = f"에서 {amount(match['to'])}" if match["to"] else ""
    if match.string[: match.start()].rstrip().endswith(("섭씨", "화씨", "영하", "영상", "시속", "초속")):
        before = ""
    sign = minus(match)
    if sign and behind == "도":  # 영하 오 도
        before, sign = "영하", ""
    return f"{before} {sign}{amount(match['number'])}{to} {behind}".strip()


def _vulgar(match: re.Match[str]) -> str | None:
    above, _, below = unicodedata.normalize("NFKC", match["sign"]).partition("⁄")
    if not below:
        return None
    whole = f"{sino(int(match['whole']))}과 " if match["whole"] else ""
    return f"{whole}{sino(int(below))}분의 {sino(int(above))}"


def _version(match: re.Match[str]) -> str:
    return ("버전 " if match["v"] else "") + " 점 ".join(map(number, match["number"].split(".")))


def _behind_letters(match: re.Match[str]) -> str:
    return BEHIND_LETTERS[str(int(match["digit"]))]


def _capitals(match: re.Match[str]) -> str | None:
    word = match["word"]
    if len(word) > 5 and re.search("[AEIOU]", word):
        return None
    return letters(word) + ("스" if match["plural"] else "")


def _sign(match: re.Match[str]) -> str:
    return f" {SIGNS[match.group()]} " if SIGNS[match.group()] else ""


def _digit(match: re.Match[str]) -> str | None:
    """Digits of other kinds: ① and such."""
    sign = match.group()
    return f" {sino(int(unicodedata.digit(sign)))} " if sign.isdigit() else None
