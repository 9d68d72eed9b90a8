"""Korean particles after any word: which form follows depends on the sound that the word ends in."""

from __future__ import annotations

import re
from typing import Literal

from pansori.lexicon.hangul import decompose, is_block
from pansori.lexicon.numerals import korean_number

Ending = Literal["vowel", "ㄹ", "consonant"]

#: Pairs that people write in notes and templates, by either form → (after a consonant, after a vowel).
PAIRS: dict[str, tuple[str, str]] = {
    "은/는": ("은", "는"),
    "이/가": ("이", "가"),
    "을/를": ("을", "를"),
    "과/와": ("과", "와"),
    "으로/로": ("으로", "로"),
    "아/야": ("아", "야"),
    "이야/야": ("이야", "야"),
    "이라/라": ("이라", "라"),
    "이라도/라도": ("이라도", "라도"),
    "이라고/라고": ("이라고", "라고"),
    "이면/면": ("이면", "면"),
    "이고/고": ("이고", "고"),
    "이에요/예요": ("이에요", "예요"),
    "이네/네": ("이네", "네"),
    "이여/여": ("이여", "여"),
    "이랑/랑": ("이랑", "랑"),
}
_SUBJECTS = {"나": "내가", "너": "네가", "저": "제가", "누구": "누가"}
_TOWARDS = "으로/로"  #: ㄹ counts as a vowel for this one
_SLOT = re.compile(r"\{(?P<name>\w+)(?:\|(?P<pair>[^}]+))?\}")
_LAST = re.compile(r"(?P<ko>[가-힣])[^\w]*$|(?P<number>\d[\d,]*)[^\w]*$|(?P<en>[A-Za-z]+)[^\w]*$")
_LETTERS_WITH_L, _LETTERS_CLOSED = "LR", "MN"  #: 엘, 알; 엠, 엔: as Korean names them
_SHORT_AND_CLOSED = re.compile(r"(?:^|[^aeiou])[aeiou](?:p|t|k|ck)$|oo[kp]$|ea[d]?th$")
_NASAL = re.compile(r"(?:m|n|ng|mb|mn)$|[aeiou](?:m|n)e$")


def ending(word: str) -> Ending:
    """The sound that `word` ends in when it is read in Korean; punctuation behind it does not count. What cannot be
    read counts as a vowel."""
    match = _LAST.search(word)
    if match is None:
        return "vowel"
    if match["en"]:
        return _latin(match["en"])
    last = match["ko"] or korean_number(match["number"].replace(",", ""))[-1]
    final = decompose(last).final if is_block(last) else ""
    return "vowel" if not final else "ㄹ" if final == "ㄹ" else "consonant"


def _latin(word: str) -> Ending:
    """Names of letters for initials; else by spelling: Korean closes a syllable with l, m, n, ng and with p, t, k after
    a short vowel, and adds a vowel to all others (Loanword orthography of the National Institute, chapter 3.1)."""
    if word.isupper() and (len(word) == 1 or not re.search("[AEIOU]", word)):
        return "ㄹ" if word[-1] in _LETTERS_WITH_L else "consonant" if word[-1] in _LETTERS_CLOSED else "vowel"
    lowered = word.lower()
    if re.search(r"l$|[^aeiou]le$|[aeiou]le$", lowered):
        return "ㄹ"
    if _NASAL.search(lowered) or _SHORT_AND_CLOSED.search(lowered):
        return "consonant"
    return "vowel"


def particle(word: str, pair: str) -> str:
    """The form of `pair` (a key of `PAIRS`) that follows `word`. Raises `KeyError` for a pair there is none of."""
    closed, open_ = PAIRS[pair]
    sound = ending(word)
    return open_ if sound == "vowel" or (sound == "ㄹ" and pair == _TOWARDS) else closed


def attach(word: str, pair: str) -> str:
    """`word` with its particle: attach("밤", "이/가") is 밤이, and attach("너", "이/가") is 네가."""
    head, space, last = word.rpartition(" ")
    if pair == "이/가" and last in _SUBJECTS:
        return head + space + _SUBJECTS[last]
    return word + particle(word, pair)


def fill(template: str, **words: str) -> str:
    """`template` with its slots filled: `{theme}`, or `{theme|이/가}` with the particle that fits the word. Raises
    `KeyError` for a slot without a word."""

    def put(match: re.Match[str]) -> str:
        word = words[match["name"]]
        return attach(word, match["pair"]) if match["pair"] else word

    return _SLOT.sub(put, template)
