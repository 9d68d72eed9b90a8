"""Hangul syllable blocks taken apart into their letters and put together again."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

INITIALS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
MEDIALS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINALS = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")

FIRST_BLOCK, LAST_BLOCK = "가", "힣"
#: Blocks and conjoining letters, as decomposed text (NFD) has them.
_HANGUL_RUN = re.compile("[가-힣\u1100-\u11ff\ua960-\ua97f\ud7b0-\ud7ff]+")


class Block(NamedTuple):
    """A syllable as its letters (compatibility jamo). `final` is empty where there is none."""

    initial: str
    medial: str
    final: str


def is_block(character: str) -> bool:
    """Whether `character` is one complete modern syllable."""
    return FIRST_BLOCK <= character <= LAST_BLOCK


def decompose(character: str) -> Block:
    """The letters of one block; `character` must satisfy `is_block`. Arithmetic: The Unicode Standard, section 3.12."""
    index = ord(character) - ord(FIRST_BLOCK)
    initial, rest = divmod(index, len(MEDIALS) * len(FINALS))
    medial, final = divmod(rest, len(FINALS))
    return Block(INITIALS[initial], MEDIALS[medial], FINALS[final])


def compose(block: Block) -> str:
    """The block that has these letters."""
    head = INITIALS.index(block.initial) * len(MEDIALS) + MEDIALS.index(block.medial)
    return chr(ord(FIRST_BLOCK) + head * len(FINALS) + FINALS.index(block.final))


def join_letters(text: str) -> str:
    """`text` with decomposed Hangul joined into blocks; everything else stays as it is."""
    return _HANGUL_RUN.sub(lambda run: unicodedata.normalize("NFC", run.group()), text)
