"""Korean as it is read aloud: numbers in native or Sino-Korean words by what they count; units, money, letters."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from pansori.lexicon.particles import particle
from pansori.lexicon.spoken import korean_dates
from pansori.lexicon.spoken.korean_numbers import SCALES, digits_said, is_countable, native, number, sino
from pansori.lexicon.spoken.korean_words import (
    ADDRESS,
    BEHIND_LETTERS,
    CALLED,
    LETTERS,
    MONEY,
    NATIVE,
    NUMBERED,
    ROMAN,
    SIGNS,
    SINO,
    UNITS,
)
from pansori.lexicon.spoken.reading import CLING, Rule
from pansori.lexicon.spoken.signs import addresses, layout, pictures

_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_LOW: Final = r"(?<![\d.,A-Za-z])"
_MINUS: Final = r"(?P<minus>(?<![\w.)~-])[-−–](?=[\d.$€£₩¥]))?"
_TO: Final = r"\s?(?:[~∼〜～–—]|-)\s?"
_SCALED: Final = rf"(?:{_NUMBER}\s?[조억만천백십]{{1,3}}\s?){{1,6}}(?:\d{{1,3}}(?:,\d{{3}})+|\d+)?"
_ANY: Final = rf"(?P<number>{_SCALED}|{_NUMBER})"
#: Two numbers next to each other, of what is counted: 두세 명.
_ABOUT: Final = {
    1: "한두", 2: "두세", 3: "서너", 4: "네다섯", 5: "대여섯", 6: "예닐곱", 7: "일고여덟", 8: "여덟아홉",
}  # fmt: skip


def _any(words: list[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


#: Days that are called by their numbers.
_REMEMBERED: Final = "전쟁|광복절|절|혁명|운동|민주화|민주 항쟁|사태|독립|남북|선언|총선|대선|테러"
_OTHERS: Final = [word for word in SINO if any(word.startswith(counted) for counted in NATIVE)]
_COUNTER: Final = rf"(?P<counter>(?!{_any(_OTHERS)}){'(?:' + _any(NATIVE) + ')'})"
_PLAIN: Final = rf"(?P<counter>{_any(SINO)})"


def _p(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


@cache
def rules() -> tuple[Rule, ...]:
    return (
        *layout(),
        *addresses(ADDRESS),
        *korean_dates.dates(),
        *korean_dates.times(),
        *korean_dates.telephones(),
        *_amounts(),
        *_counted(),
        *_numbers(),
        *_letters(),
        *_signs(),
        *pictures(),
    )


def _amounts() -> list[Rule]:
    amount = rf"(?P<number>{_SCALED}|{_NUMBER})"
    to = rf"(?:{_TO}(?P<to>{_SCALED}|{_NUMBER}))?"
    money, units = _any(list(MONEY)), _any(list(UNITS))
    return [
        (_p(rf"{_MINUS}(?P<sign>{money})\s?{amount}(?:{_TO}(?:{money})?(?P<to>{_SCALED}|{_NUMBER}))?"), _money),
        (_p(rf"{_LOW}{_MINUS}{amount}{to}\s?(?P<sign>{money})"), _money),
        (_p(rf"(?<![A-Za-z])(?P<unit>KRW|USD|EUR|JPY|GBP)\s?{amount}{to}"), _measure),
        (
            _p(
                rf"{_LOW}{_MINUS}{amount}(?:(?:\s?(?:{units}))?{_TO}(?P<to>{_SCALED}|{_NUMBER}))?"
                rf"\s?(?P<unit>{units})(?![A-Za-z\d²³/])"
            ),
            _measure,
        ),
    ]


#: Behind 20대, where it is how old one is, not how many cars there are.
_OF_AGE: Final = r"\s?(?:[은는이가의에를와도,.남여초중후]|$|\s)"


def _counted() -> list[Rule]:
    return [
        (_p(rf"{_LOW}(?P<one>[1-4])[/·](?P<two>[1-4])\s?분기"), _quarter),
        (_p(rf"{_LOW}(?:(?P<whole>\d+) )?(?P<above>\d{{1,3}})[/⁄](?P<below>\d{{1,4}})(?![/\d]|\.\d)"), _parts),
        (_p(rf"{_LOW}(?P<month>1?\d)[.·](?P<day>\d{{1,2}})(?=\s?(?:{_REMEMBERED}))"), _remembered),
        (_p(rf"{_LOW}(?P<one>\d+)\s?대\s?(?P<other>\d+)(?=으?로|\s|[.,!?]|$)"),
         lambda m: f"{sino(int(m['one']))} 대 {sino(int(m['other']))}"),
        (_p(r"(?<=\d)\s?[x×]\s?(?=\d)"), lambda _: " 곱하기 "),
        (_p(rf"{_LOW}(?P<below>\d+)\s?분의\s?(?P<above>\d+)"), _parts),
        (_p(rf"{_LOW}(?P<number>[1-9]0)(?:{_TO}(?P<to>[1-9]0))?대(?={_OF_AGE})"), _ages),
        (_p(r"제\s?(?P<number>\d+)\s?(?P<counter>[가-힣])"), _numbered),
        (_p(rf"{_LOW}1\s?번째"), lambda _: "첫 번째"),
        (_p(rf"{_LOW}(?P<number>\d+)(?P<counter>\s?번)(?=\s?(?:{_any(NUMBERED)}))"), _spaced),
        (_p(rf"{_LOW}(?P<number>\d{{1,2}}){_TO}(?P<to>\d{{1,2}})\s?{_COUNTER}"), _native_range),
        (_p(rf"{_LOW}(?P<number>{_SCALED}|{_NUMBER})\s?{_COUNTER}"), _native),
        (_p(rf"{_LOW}(?P<number>\d{{1,2}})\s?(?P<counter>분)(?=께|이서|이나 오|이 오|이 계)"), _native),
        (_p(rf"{_LOW}{_MINUS}{_ANY}{_TO}(?P<to>{_SCALED}|{_NUMBER})\s?{_PLAIN}"), _plain_range),
        (_p(rf"{_LOW}{_MINUS}(?P<number>{_SCALED}|{_NUMBER})(?P<counter>\s?(?:{_any(SINO)}))"), _spaced),
    ]  # fmt: skip


def _numbers() -> list[Rule]:
    low, high = _LOW, r"(?!\d|[.,]\d)"
    return [
        (_p(r"(?<![\d.,A-Za-z])(?P<v>v?)(?P<number>\d+(?:\.\d+){2,}|(?<=v)\d+\.\d+)"), _version),
        (_p("(?P<whole>\\d+)?\\s?(?P<sign>[¼-¾⅐-⅞])"), _vulgar),
        (_p(r"(?<!\w)#(?P<number>\d+)"), lambda m: f"{sino(int(m['number']))} 번"),
        (_p(r"(?<!\w)No\.\s?(?=\d)"), lambda _: "넘버 "),
        (_p(rf"{low}(?P<first>{_SCALED}|{_NUMBER}){_TO}(?P<last>{_SCALED}|{_NUMBER}){high}"),
         lambda m: f"{_amount(m['first'])}에서 {_amount(m['last'])}"),
        (_p(r"(?<![A-Za-z\d])(?P<number>[23])D(?![A-Za-z\d])"), lambda m: {"2": "투디", "3": "쓰리디"}[m["number"]]),
        (_p(r"(?<=[A-Za-z])[ -]?(?P<digit>\d)(?!\d|[.,]\d)"), _behind_letters),
        (_p(rf"{_MINUS}(?P<number>{_SCALED})"), lambda m: _minus(m) + _amount(m["number"])),
        (_p(rf"{_MINUS}(?P<number>{_NUMBER})"), lambda m: _minus(m) + number(m["number"])),
        (_p(r"(?<=\w)([²³])"), lambda m: {"²": " 제곱", "³": " 세제곱"}[m.group()]),
        (_p("[Ⅰ-Ⅻ]"), lambda m: sino(ROMAN[m.group()])),
    ]  # fmt: skip


def _letters() -> list[Rule]:
    return [
        (_p(rf"(?<![A-Za-z])(?:{_any(list(CALLED))})(?![A-Za-z])"), lambda m: CALLED[m.group()]),
        (_p(r"(?<![A-Za-z])(?P<word>[A-Z]{1,6}(?:&[A-Z]{1,3})*)(?P<plural>s?)(?![A-Za-z])"), _capitals),
    ]


def _signs() -> list[Rule]:
    return [
        (_p(r"ㅋ+"), lambda m: "크" * min(len(m.group()), 3)),
        (_p(r"ㅎ+"), lambda m: "하" * min(len(m.group()), 3)),
        (_p(r"[ㅠㅜㅡ]+"), lambda _: " "),
        (_p(r"(?<=[\w)])\s?[~∼〜～]\s?(?=[\w(])"), lambda _: f"{CLING}에서 "),
        (_p(r"(?<=\w)/(?=\w)"), lambda _: ", "),
        (_p(r"[~∼〜～^*_|\\{}\[\]`#]+"), lambda _: " "),
        (_p(r"\s?=\s?"), lambda m: f"{CLING}{particle(m.string[: m.start()], '은/는')} "),
        (_p("[" + re.escape("".join(SIGNS)) + "]"), _sign),
        (_p(r"[^\x00-\x7f가-힣]"), _digit),
    ]


def letters(word: str) -> str:
    """ABC is 에이비시."""
    return "".join({"&": "앤"}.get(letter) or LETTERS.get(letter.upper(), letter) for letter in word)


def _minus(match: re.Match[str]) -> str:
    return "마이너스 " if match.groupdict().get("minus") else ""


def _amount(written: str) -> str:
    """Digits, also with 만 and the like between them: 1만2천."""
    if not re.search(f"[{''.join(SCALES)}]", written):
        return number(written)
    parts = re.findall(rf"({_NUMBER})|([{''.join(SCALES)}])", written)
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


def _money(match: re.Match[str]) -> str:
    to = f"에서 {_amount(match['to'])}" if match["to"] else ""
    whole, _, small = match["number"].partition(".")
    name = MONEY[match["sign"]]
    if not to and small.isdigit() and len(small) == 2 and name in ("달러", "유로"):
        cents = f" {sino(int(small))} 센트" if int(small) else ""
        return f"{_minus(match)}{_amount(whole)} {name}{cents}"
    return f"{_minus(match)}{_amount(match['number'])}{to} {name}"


def _measure(match: re.Match[str]) -> str:
    before, behind = UNITS[match["unit"]]
    to = f"에서 {_amount(match['to'])}" if match["to"] else ""
    if match.string[: match.start()].rstrip().endswith(("섭씨", "화씨", "영하", "영상", "시속", "초속")):
        before = ""
    minus = _minus(match)
    if minus and behind == "도":  # 영하 오 도
        before, minus = "영하", ""
    return f"{before} {minus}{_amount(match['number'])}{to} {behind}".strip()


def _parts(match: re.Match[str]) -> str | None:
    above, below = int(match["above"]), int(match["below"])
    if below < 2:
        return None
    whole = match.groupdict().get("whole")
    if above >= below and "분" not in match.group():  # 120/80: no part of anything
        return f"{sino(above)}{' 대' if above == below else '에'} {sino(below)}"
    return (f"{sino(int(whole))}과 " if whole else "") + f"{sino(below)}분의 {sino(above)}"


def _vulgar(match: re.Match[str]) -> str | None:
    above, _, below = unicodedata.normalize("NFKC", match["sign"]).partition("⁄")
    if not below:
        return None
    whole = f"{sino(int(match['whole']))}과 " if match["whole"] else ""
    return f"{whole}{sino(int(below))}분의 {sino(int(above))}"


def _ages(match: re.Match[str]) -> str:
    to = f"에서 {sino(int(match['to']))}" if match["to"] else ""
    return f"{sino(int(match['number']))}{to} 대"


def _remembered(match: re.Match[str]) -> str:
    return sino(int(match["month"])) + digits_said(match["day"])


def _numbered(match: re.Match[str]) -> str:
    return f"제{sino(int(match['number']))} {match['counter']}"


def _quarter(match: re.Match[str]) -> str:
    return digits_said(match["one"] + match["two"]) + " 분기"


def _version(match: re.Match[str]) -> str:
    return ("버전 " if match["v"] else "") + " 점 ".join(map(number, match["number"].split(".")))


def _native(match: re.Match[str]) -> str:
    written = match["number"]
    said = native(int(written)) if is_countable(written) else _amount(written)
    return f"{said} {match['counter']}"


def _native_range(match: re.Match[str]) -> str:
    counter = match["counter"]
    if not (is_countable(match["number"]) and is_countable(match["to"])):
        return f"{number(match['number'])}에서 {number(match['to'])} {counter}"
    first, last = int(match["number"]), int(match["to"])
    if last == first + 1 and first in _ABOUT:
        return f"{_ABOUT[first]} {counter}"
    return f"{native(first)} {counter}에서 {native(last)} {counter}"


def _plain_range(match: re.Match[str]) -> str:
    return f"{_minus(match)}{_amount(match['number'])}에서 {_amount(match['to'])} {match['counter']}"


def _spaced(match: re.Match[str]) -> str:
    return f"{_minus(match)}{_amount(match['number'])} {match['counter'].strip()}"


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
