"""Numbers read out: 2026 is 이천이십육 or two thousand twenty six."""

from __future__ import annotations

SINO = ("", "일", "이", "삼", "사", "오", "육", "칠", "팔", "구")
NATIVE_ONES = ("", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉")
NATIVE_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
#: What is counted in native numbers: 세 시, 스무 살, 두 번.
NATIVE_COUNTERS = (
    "시간",
    "시",
    "살",
    "개",
    "명",
    "번째",
    "번",
    "마리",
    "잔",
    "송이",
    "사람",
    "가지",
    "달",
    "병",
    "장",
    "걸음",
)
LONGEST_COUNTER = max(map(len, NATIVE_COUNTERS))
ONES = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
LONGEST = 12  #: digits; longer numbers are read digit by digit
SYMBOLS_KO = {
    "%": "퍼센트",
    "+": "더하기",
    "&": "앤드",
    "$": "달러",
    "₩": "원",
    "€": "유로",
    "°": "도",
    "℃": "도",
    "@": "앳",
    "=": "는",
    "#": "샵",
}
SYMBOLS_EN = {
    "%": "percent", "+": "plus", "&": "and", "$": "dollars", "₩": "won", "€": "euros", "°": "degrees",
    "℃": "degrees", "@": "at", "=": "equals", "#": "number",
}  # fmt: skip
LETTERS_EN = {
    "b": "bee", "c": "see", "d": "dee", "e": "ee", "f": "eff", "g": "gee", "h": "aitch", "i": "eye", "j": "jay",
        "k": "kay",
    "l": "ell", "m": "em", "n": "en", "p": "pee", "q": "cue", "s": "ess", "t": "tee", "v": "vee",
    "w": "double you", "x": "ex", "y": "why", "z": "zee", "a": "ay", "o": "oh", "r": "are", "u": "you",
}  # fmt: skip


def korean_number(digits: str, following: str = "") -> str:
    """`digits` in Hangul. `following` is the text after them: counters take native numbers up to 99."""
    if _by_digit(digits):
        return "".join("공" if digit == "0" else SINO[int(digit)] for digit in digits)
    value = int(digits)
    if following.startswith(NATIVE_COUNTERS) and 0 < value < 100:
        return "스무" if value == 20 else NATIVE_TENS[value // 10] + NATIVE_ONES[value % 10]
    if value == 0:
        return "영"
    words = ""
    for power, name in ((8, "억"), (4, "만"), (0, "")):
        group = value // 10**power % 10_000
        if group:
            spelled = _sino(group)
            words += ("" if spelled == "일" and name == "만" else spelled) + name
    return words


def _by_digit(digits: str) -> bool:
    """Whether they are read one by one: telephone numbers, and those longer than anybody can say."""
    return len(digits) > LONGEST or (digits.startswith("0") and len(digits) > 1)


def _sino(value: int) -> str:
    words = ""
    for power, name in ((3, "천"), (2, "백"), (1, "십"), (0, "")):
        digit = value // 10**power % 10
        if digit:
            words += ("" if digit == 1 and name else SINO[digit]) + name
    return words


def english_number(digits: str) -> list[str]:
    """`digits` as English words; four digits from 1100 to 1999 as years are read (nineteen ninety nine)."""
    if _by_digit(digits):
        return ["oh" if digit == "0" else ONES[int(digit)] for digit in digits]
    value = int(digits)
    if len(digits) == 4 and 1100 <= value < 2000 and value % 100:
        return [*_english(value // 100), *(["oh"] if value % 100 < 10 else []), *_english(value % 100)]
    return _english(value) or ["zero"]


def _english(value: int) -> list[str]:
    for size, name in ((10**9, "billion"), (10**6, "million"), (1000, "thousand"), (100, "hundred")):
        if value >= size:
            return [*_english(value // size), name, *_english(value % size)]
    if value >= 20:
        return [TENS[value // 10], *_english(value % 10)]
    return [ONES[value]] if value else []
