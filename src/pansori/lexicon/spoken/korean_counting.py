"""What Korean counts, in native or Sino-Korean numbers: 세 개, 삼 개월, 서너 명, 삼사 일, 십육 대 대통령."""

from __future__ import annotations

import re
from re import compile as _p
from typing import Final

from pansori.lexicon.spoken.korean_numbers import (
    LOW,
    MINUS,
    NUMBER,
    SCALED,
    TO,
    amount,
    between,
    digits_said,
    is_countable,
    minus,
    native,
    number,
    sino,
)
from pansori.lexicon.spoken.korean_words import NATIVE, NUMBERED, REIGNS, SINO
from pansori.lexicon.spoken.reading import Rule, any_of

#: Two numbers next to each other, of what is counted: 두세 명.
_ABOUT: Final = {
    1: "한두", 2: "두세", 3: "서너", 4: "네다섯", 5: "대여섯", 6: "예닐곱", 7: "일고여덟", 8: "여덟아홉",
}  # fmt: skip
#: What of two numbers next to each other is said in one: 삼사 일.
_TOGETHER: Final = frozenset(
    (
        "일",
        "주",
        "주일",
        "개월",
        "년",
        "분",
        "초",
        "인",
        "인분",
        "회",
        "층",
        "학년",
        "개국",
        "페이지",
        "원",
        "박",
        "단계",
    )
)
#: Where 3번 is a name, and nothing happens three times.
_CALLED: Final = r"(?:(?<=반 )|(?<=번과 )|(?<=답은 ))"
_CHOSEN: Final = r"을 (?:누르|눌러|선택|고르|골라|찍)|과 \d+\s?번"
#: Of scores with a dash between.
_DECIDED: Final = "로 (?:이기|이겼|지고|졌|승|패|앞|역전|비기|비겼)"


#: Days that are called by their numbers.
_REMEMBERED: Final = "전쟁|광복|절|혁명|운동|민주화|민주 항쟁|사태|독립|남북|선언|총선|대선|테러|사건|쿠데타|군사정변"
_OTHERS: Final = [word for word in SINO if any(word.startswith(counted) for counted in NATIVE)]
_COUNTER: Final = rf"(?P<counter>(?!{any_of(_OTHERS)}){'(?:' + any_of(NATIVE) + ')'})"
_PLAIN: Final = rf"(?P<counter>{any_of(SINO)})"
#: Behind 20대, where it is how old one is, not how many cars there are.
_OF_AGE: Final = r"\s?(?:[은는이가의에를와도,.남여초중후]|$|\s)"


def counted() -> list[Rule]:
    return [
        (_p(rf"{LOW}(?P<one>[1-4])[/·](?P<two>[1-4])\s?분기"), _quarter),
        (_p(rf"{LOW}(?:(?P<whole>\d+) )?(?P<above>\d{{1,3}})[/⁄](?P<below>\d{{1,4}})(?![/\d]|\.\d)"), _parts),
        (_p(rf"{LOW}(?P<month>1?\d)[.·](?P<day>\d{{1,2}})(?=\s?(?:{_REMEMBERED}))"), _remembered),
        (_p(rf"{LOW}(?P<one>\d+)\s?대\s?(?P<other>\d+)(?=으?로|\s|[.,!?]|$)"), _score),
        (_p(r"(?<=\d)\s?[x×]\s?(?=\d)"), lambda _: " 곱하기 "),
        (_p(r"(?<!\d)(?P<month>1?\d)·(?P<day>[12]?\d)(?!\d)"), _remembered),
        (_p(rf"{LOW}(?P<one>\d+)-(?P<other>\d+)\s?(?P<counter>번지|번(?!째))"), _numbered_below),
        (_p(r"(?<=[동리로길구] )(?P<one>\d+)-(?P<other>\d+)(?P<counter>)(?!\d|[-.,]\d)"), _numbered_below),
        (_p(rf"{LOW}(?P<one>\d{{1,2}})\s?-\s?(?P<other>\d{{1,2}})(?={_DECIDED})"), _score),
        (_p(r"(?<![\w.,-])\d(?:-\d){2,}(?![\w-])"), lambda m: " ".join(map(digits_said, m.group().split("-")))),
        (_p(rf"{LOW}(?P<below>\d+)\s?분의\s?(?P<above>\d+)"), _parts),
        (_p(rf"{LOW}(?P<number>[1-9]0)(?:{TO}(?P<to>[1-9]0))?대(?={_OF_AGE})"), _ages),
        (_p(r"제\s?(?P<number>\d+)\s?(?P<counter>[가-힣])"), _numbered),
        (_p(rf"{LOW}1\s?번째"), lambda _: "첫 번째"),
        (_p(rf"{LOW}(?P<number>\d+)(?P<counter>\s?대)(?=\s(?:{any_of(REIGNS)}))"), _spaced),
        (_p(rf"{_CALLED}(?P<number>\d+)(?P<counter>\s?번)(?!째)"), _spaced),
        (_p(rf"{LOW}(?P<number>\d+)(?P<counter>\s?번)(?=\s?(?:{any_of(NUMBERED)})|{_CHOSEN})"), _spaced),
        (_p(rf"{LOW}(?P<number>\d{{1,2}}){TO}(?P<to>\d{{1,2}})\s?{_COUNTER}"), _native_range),
        (_p(rf"{LOW}(?P<number>{SCALED}|{NUMBER})\s?{_COUNTER}"), _native),
        (_p(rf"{LOW}(?P<number>\d{{1,2}})\s?(?P<counter>분)(?=께|이서|이나 오|이 오|이 계)"), _native),
        (_p(r"(?:(?<=손님 )|(?<=선생님 )|(?<=어르신 ))(?P<number>\d{1,2})\s?(?P<counter>분)"), _native),
        (_p(rf"{LOW}{MINUS}(?P<number>{SCALED}|{NUMBER})(?P<dash>{TO})(?P<to>{SCALED}|{NUMBER})\s?{_PLAIN}"),
         _plain_range),
        (_p(rf"{LOW}{MINUS}(?P<number>{SCALED}|{NUMBER})(?P<counter>\s?(?:{any_of(SINO)}))"), _spaced),
    ]  # fmt: skip


def _parts(match: re.Match[str]) -> str | None:
    above, below = int(match["above"]), int(match["below"])
    if below < 2:
        return None
    whole = match.groupdict().get("whole")
    if above >= below and "분" not in match.group():  # 120/80: no part of anything
        return f"{sino(above)}{' 대' if above == below else '에'} {sino(below)}"
    return (f"{sino(int(whole))}과 " if whole else "") + f"{sino(below)}분의 {sino(above)}"


def _score(match: re.Match[str]) -> str:
    return f"{sino(int(match['one']))} 대 {sino(int(match['other']))}"


def _numbered_below(match: re.Match[str]) -> str:
    """Of addresses: 일 다시 삼."""
    return f"{sino(int(match['one']))} 다시 {sino(int(match['other']))} {match['counter']}".strip()


def _ages(match: re.Match[str]) -> str:
    to = f"에서 {sino(int(match['to']))}" if match["to"] else ""
    return f"{sino(int(match['number']))}{to} 대"


def _remembered(match: re.Match[str]) -> str:
    return sino(int(match["month"])) + digits_said(match["day"])


def _numbered(match: re.Match[str]) -> str:
    return f"제{sino(int(match['number']))}{'' if match['counter'] == '의' else ' '}{match['counter']}"


def _quarter(match: re.Match[str]) -> str:
    return digits_said(match["one"] + match["two"]) + " 분기"


def _native(match: re.Match[str]) -> str:
    written = match["number"]
    said = native(int(written)) if is_countable(written) else amount(written)
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
    number_, to, counter = match["number"], match["to"], match["counter"]
    is_next = len(number_) == 1 and is_countable(number_) and to[0] == str(int(number_) + 1)
    if is_next and not to[1:].strip("만억천백 ") and (to[1:] or counter in _TOGETHER) and not match["minus"]:
        first = "륙" if number_ == "5" and not to[1:] else ""  # 오륙 년
        return f"{sino(int(number_))}{first or amount(to)} {counter}"
    return f"{minus(match)}{amount(number_)}{between(number_, match['dash'], to)}{amount(to)} {counter}"


def _spaced(match: re.Match[str]) -> str:
    if minus(match) and match["counter"].strip() == "도":
        return f"영하 {amount(match['number'])} 도"
    return f"{minus(match)}{amount(match['number'])} {match['counter'].strip()}"
