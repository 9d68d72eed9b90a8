"""English as it is read aloud: numbers, units, money, abbreviations and signs in words."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from re import compile as _p
from typing import Final

from pansori.lexicon.spoken import english_dates, formulas
from pansori.lexicon.spoken.english_numbers import cardinal, digits_said, fraction, number, ordinal, roman
from pansori.lexicon.spoken.english_words import (
    ABBREVIATIONS,
    CODES,
    DIGITS,
    MONEY,
    OTHERWISE,
    SCALES,
    SIGNS,
    UNITS,
    WORDS_IN_CAPITALS,
    unit_said,
)
from pansori.lexicon.spoken.reading import Rule, any_of
from pansori.lexicon.spoken.signs import addresses, layout, pictures

_NUMBER: Final = r"(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?|(?<![A-Za-z])\.\d+"
_LOW, _HIGH = r"(?<![\w.,])", r"(?![\w]|[.,]\d)"
_MINUS: Final = r"(?P<minus>(?<![\w.)-])[-−–](?=[\d.$€£₩¥]))?"
_TO: Final = r"\s*(?:[–—~〜-])\s*"
ADDRESS: Final = {".": "dot", "/": "slash", "@": "at", "-": "dash", "_": "underscore", ":": "colon", **DIGITS}
_SCALE: Final = any_of(SCALES)
_MONEY: Final = any_of(MONEY)
_UNIT: Final = any_of(UNITS)
_NAMES: Final = "Henry|Louis|Elizabeth|Charles|George|James|Edward|William|Richard|John Paul|Pius|Benedict|Leo|Philip"
_PARTS: Final = (
    "World War|Chapter|Part|Volume|Vol\\.|Act|Scene|Book|Section|Phase|Type|Class|Stage|Level|Title|Article|Appendix|"
    "Figure|Table|Episode|Season|Super Bowl|Mark|Rocky|Final Fantasy|chapter|part|volume|section|phase|type|class|stage"
)
_EACH: Final = "night|day|hour|hr|minute|min|second|sec|week|month|mo|year|yr|person|user|unit|page|mile|kg|lb|GB"
#: Words that people write in capitals to stress them.
_STRESSED_WORDS = (
    "NOT NO YES STOP ALL AND OR ONLY NEVER ALWAYS MUST DO THE VERY IS ARE NOW NEW FREE BIG BUT ANY WHO WHAT WHY "
    "HOW WHEN IF THIS THAT YOU ME MY WE IN ON AT TO UP OFF OUT TOP BEST LOVE HELP HERE GO GET CAN CANNOT ONE TWO "
    "BE IT AN AS OF FOR FROM WITH WAS WERE HAS HAVE BAD GOOD END MORE LESS SO TOO OH HEY HI WOW"
)
_STRESSED: Final = frozenset(_STRESSED_WORDS.split())


@cache
def rules() -> tuple[Rule, ...]:
    return (
        *layout(),
        *addresses(ADDRESS),
        *formulas.english(),
        *english_dates.dates(),
        *english_dates.times(),
        *english_dates.telephones(),
        *_amounts(),
        *_numbers(),
        *_shortened(),
        *_signs(),
        *pictures(),
    )


def _amounts() -> list[Rule]:
    number_, to = rf"(?P<number>{_NUMBER})", rf"(?:{_TO}(?P<to>{_NUMBER}))?"
    scale = rf"(?:\s?(?P<scale>(?i:{_SCALE}))\b)?"
    codes = "|".join(CODES)
    return [
        (_p(rf"{_MINUS}(?P<sign>{_MONEY})\s?{number_}(?:{_TO}(?:{_MONEY})?(?P<to>{_NUMBER}))?{scale}(?!\w)"), _money),
        (_p(rf"{_LOW}{_MINUS}{number_}{to}{scale}\s?(?P<sign>{codes}|{_MONEY})(?!\w)"), _money),
        (_p(rf"(?<!\w)(?P<sign>{codes})\s?{number_}{to}{scale}(?!\w)"), _money),
        (_p(r"(?<!\w)(?P<feet>\d)['′](?P<inches>\d{1,2})[\"″](?!\w)"), _height),
        (
            _p(
                rf"{_LOW}{_MINUS}{number_}(?:(?:\s?(?:{_UNIT}))?{to[3:-2]})?"
                rf"[\s-]?(?P<unit>{_UNIT})(?!\w|[²³]|/(?!(?:{_EACH})\b))"
            ),
            _measure,
        ),
    ]  # fmt: skip


def _numbers() -> list[Rule]:
    return [
        (_p(r"(?<![\w.,/])(?:24/7|9/11|50/50)(?![\w/])"), lambda m: " ".join(map(number, m.group().split("/")))),
        (_p(r"(?<!\w)v(?=\d+(?:\.\d+)+)"), lambda _: "version "),
        (_p(r"(?<![\w.,])\d+(?:\.\d+){2,}(?!\w)"), lambda m: " point ".join(map(number, m.group().split(".")))),
        (_p(r"(?<!\w)(?:(?:No|Nos|no|nos)\.|#|№)\s?(?=\d)"), lambda _: "number "),
        (_p(r"(?<!\w)(?:pp?)\.\s?(?=\d)"), lambda m: "pages " if m.group().startswith("pp") else "page "),
        (_p(r"(?<!\w)(?:[Ff]ig)\.\s?(?=\d)"), lambda _: "figure "),
        (_p(r"(?<!\w)c\.\s?(?=\d)"), lambda _: "circa "),
        (_p(r"(?<!\w)(?:[Cc]hap|[Cc]h)\.\s?(?=\d)"), lambda _: "chapter "),
        (_p(r"(?<![\w.,/])(?:(?P<whole>\d+)[ -])?(?P<above>\d{1,3})[/⁄](?P<below>\d{1,4})(?![\w/]|[.,]\d)"), _fraction),
        (_p(r"(?:(?<!\d)(?P<whole>\d+)\s?)?(?P<sign>[¼-¾⅐-⅞])"), _vulgar),
        (_p(rf"{_LOW}(?P<number>\d{{1,3}}(?:,\d{{3}})+|\d+)(?:st|nd|rd|th)(?!\w)"), _ordinal),
        (_p(rf"{_LOW}(?P<first>{_NUMBER}){_TO}(?P<last>{_NUMBER}){_HIGH}"), _range),
        (_p(r"(?<![\w-])(?<!\d\.)(?!\d+M(?!\w))(?=[A-Z]*\d)(?=\d*[A-Z])[A-Z\d]{2,9}(?!\w)"), _mixed),
        (_p(rf"(?<!\w)(?P<name>{_PARTS})\s(?P<roman>[IVXLC]+)(?!\w)"), _roman_part),
        (_p(r"(?<!\w)(?P<roman>[IVX]+)(?= centur)"), _roman_century),
        (_p(rf"(?<!\w)(?P<name>{_NAMES})\s(?P<roman>[IVX]+)(?!\w)"), _roman_name),
        (_p(rf"{_MINUS}(?P<number>{_NUMBER})(?:(?P<scale>[kMB])(?!\w))?"), _plain),
        (_p(r"(?<=\w)([²³])"), lambda m: {"²": " squared", "³": " cubed"}[m.group()]),
    ]  # fmt: skip


def _shortened() -> list[Rule]:
    known = any_of(ABBREVIATIONS)
    return [
        (_p(r"(?<=[a-z] )(?P<kind>St|Dr)\.(?=\s*(?:$|[,;]|[a-z]))"), _street),
        (_p(rf"(?<![\w.])(?:{known})(?!\w)"), _abbreviation),
        (_p(r"(?<![\w.])(?:[A-Z]\.){2,}"), _initials),
        (
            _p(r"(?<!\w)[A-Z]{1,3}(?:&[A-Z]{1,3})+(?!\w)"),
            lambda m: "-and-".join(map(letters, m.group().split("&"))),
        ),
        (_p(r"(?<![^\W\d])(?P<word>[A-Z]{2,6})(?P<plural>s?)(?![^\W\d])"), _capitals),
    ]


def _signs() -> list[Rule]:
    return [
        (_p(r"(?<=[\d.mM])\s?[–—~〜]\s?(?=\d)"), lambda _: " to "),
        (_p(r"(?<=\d),(?=\d)"), lambda _: ", "),
        (_p(r"(?<=[A-Za-z])\.(?=\d)"), lambda _: " point "),
        (_p(r"(?<=GMT|UTC)[-−–](?=\d)"), lambda _: " minus "),
        (_p(r"(?<=[A-Z])/(?=[A-Z])"), lambda _: " "),
        (_p(r"(?<=\d)\s?x\s?(?=\d)"), lambda _: " by "),
        (_p(r"(?<=\band)/(?=or\b)"), lambda _: " "),
        (_p(rf"(?<=\w)\s?/\s?(?=(?:{_EACH})\b)"), lambda _: " per "),
        (_p(r"(?<=\w)\s?/\s?(?=\w)"), lambda _: " or "),
        (_p(r"#(?=\w)"), lambda _: "hashtag "),
        (_p(r"[\[\]{}|\\~_*#`^]"), lambda _: " "),
        (_p("[" + re.escape("".join(one for one in SIGNS if len(one) == 1)) + "]"), _sign),
        (_p(r"[^\W_](?<!\w\w)"), _digit),
        (_p(r"[^\x00-\x7f]"), _digit),
    ]


def letters(word: str) -> str:
    """ABC is A-B-C, which every voice reads by its letters."""
    return "-".join(letter.upper() for letter in word if letter.isalnum())


def _ordinal(match: re.Match[str]) -> str:
    return ordinal(int(match["number"].replace(",", "")))


def _minus(match: re.Match[str]) -> str:
    return "minus " if match["minus"] else ""


def _money(match: re.Match[str]) -> str | None:
    sign = CODES.get(match["sign"], match["sign"])
    one, several, cent, cents = MONEY[sign]
    minus = "minus " if match.groupdict().get("minus") else ""
    amount = match["number"]
    if re.match(r"[ -](?:bill|note|coin|ticket|fee|fine|tip|gift|deal|budget|prize)\b", match.string[match.end() :]):
        several = one
    if match["to"]:
        scale = f" {SCALES[match['scale'].lower()]}" if match["scale"] else ""
        return f"{minus}{number(amount)} to {number(match['to'])}{scale} {several}"
    if match["scale"]:
        return f"{minus}{number(amount)} {SCALES[match['scale'].lower()]} {several}"
    whole, _, small = amount.replace(",", "").partition(".")
    if len(small) != 2 or not cent:
        return f"{minus}{number(amount)} {one if amount == '1' else several}"
    said = [f"{number(whole)} {one if int(whole) == 1 else several}"] if int(whole or "0") or not int(small) else []
    if int(small):
        said.append(f"{cardinal(int(small))} {cent if int(small) == 1 else cents}")
    return minus + " and ".join(said)


def _height(match: re.Match[str]) -> str:
    feet, inches = int(match["feet"]), int(match["inches"])
    return f"{cardinal(feet)} {'foot' if feet == 1 else 'feet'} {cardinal(inches)}"


def _measure(match: re.Match[str]) -> str:
    to = f" to {number(match['to'])}" if match["to"] else ""
    one = match["number"] == "1" and not to
    return f"{_minus(match)}{number(match['number'])}{to} {unit_said(match['unit'], one)}"


def _fraction(match: re.Match[str]) -> str | None:
    above, below = int(match["above"]), int(match["below"])
    if below < 2 or not above:
        return None
    said = fraction(above, below)
    if match["whole"]:
        return f"{cardinal(int(match['whole']))} and {'a ' + said[4:] if above == 1 else said}"
    return said if above < below or below <= 20 else f"{cardinal(above)} over {cardinal(below)}"


def _vulgar(match: re.Match[str]) -> str | None:
    above, _, below = unicodedata.normalize("NFKC", match["sign"]).partition("⁄")
    if not below:
        return None
    said = fraction(int(above), int(below))
    if match["whole"]:
        return f"{cardinal(int(match['whole']))} and {'a ' + said[4:] if above == '1' else said}"
    return said


def _range(match: re.Match[str]) -> str:
    return f"{number(match['first'])} to {number(match['last'])}"


def _mixed(match: re.Match[str]) -> str:
    parts = re.findall(r"\d+|[A-Z]+", match.group())
    return "-".join(letters(part) if part.isalpha() else _short(part).replace(" ", "-") for part in parts)


def _short(digits: str) -> str:
    return digits_said(digits) if len(digits) > 3 or digits[0] == "0" else cardinal(int(digits))


def _roman_part(match: re.Match[str]) -> str | None:
    value = roman(match["roman"])
    return f"{match['name']} {cardinal(value)}" if value else None


def _roman_century(match: re.Match[str]) -> str | None:
    value = roman(match["roman"])
    return ordinal(value) if value else None


def _roman_name(match: re.Match[str]) -> str | None:
    value = roman(match["roman"])
    return f"{match['name']} the {ordinal(value)}" if value else None


def _plain(match: re.Match[str]) -> str:
    scale = {"k": " thousand", "M": " million", "B": " billion"}.get(match["scale"] or "", "")
    return f"{_minus(match)}{number(match['number'])}{scale}"


def _street(match: re.Match[str]) -> str:
    said = {"St": "street", "Dr": "drive"}[match["kind"]]
    return said + ("." if match.end() == len(match.string.rstrip()) else "")


def _abbreviation(match: re.Match[str]) -> str:
    """Its stop also ends the sentence where one ends there."""
    said = ABBREVIATIONS[match.group()]
    over = match.group().endswith(".") and match.end() == len(match.string.rstrip())
    return said + ("." if over else "")


def _initials(match: re.Match[str]) -> str:
    return letters(match.group()) + ("." if match.end() == len(match.string.rstrip()) else "")


def _capitals(match: re.Match[str]) -> str | None:
    word = match["word"]
    if word in OTHERWISE:
        return OTHERWISE[word] + match["plural"]
    if word in WORDS_IN_CAPITALS or word in _STRESSED or _is_shouted(match):
        return None
    if len(word) > 4 and re.search("[AEIOU]", word):
        return None
    return letters(word) + ("'s" if match["plural"] else "")


def _is_shouted(match: re.Match[str]) -> bool:
    """Among other words in capitals."""
    around = match.string[max(0, match.start() - 40) : match.end() + 40]
    words = [word for word in re.findall(r"[^\W\d_]+", around) if len(word) > 1]
    return len(words) >= 3 and sum(word.isupper() for word in words) > 0.7 * len(words)


def _sign(match: re.Match[str]) -> str:
    return f" {SIGNS[match.group()]} " if SIGNS[match.group()] else ""


def _digit(match: re.Match[str]) -> str | None:
    """Digits of other kinds: ① and such."""
    sign = match.group()
    return f" {cardinal(int(unicodedata.digit(sign)))} " if sign.isdigit() else None
