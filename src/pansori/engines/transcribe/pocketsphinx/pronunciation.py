"""How words sound, in the phonemes of an acoustic model that was trained on American English (those of CMUdict).

English words are looked up in the dictionary that comes with the model. Korean ones are respelled as they are
pronounced (`lexicon.pronunciation`) and each letter takes the nearest English phoneme. Plain stops have a voice between
sounds that have one, and none after a pause: words that begin with one are known in both ways, with an English voiced
stop and with a voiceless one, which tense and aspirated stops take everywhere. Of several
that are near, each letter has the one which the model chose most often where it could, in sentences that are no
commands: ㄹ between vowels is a flap, as in American "ladder", and yet nearer to the model's L than to its D.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from pansori.lexicon.hangul import decompose, is_block
from pansori.lexicon.pronunciation import respell

Phonemes = tuple[str, ...]

#: English words that the dictionary lacks.
OWN: Final[Mapping[str, str]] = {"pansori": "P AA N S AO R IY", "analyse": "AE N AH L AY Z", "shush": "SH AH SH"}

_INITIALS: Final = {
    "ㄱ": "G", "ㄲ": "K", "ㄴ": "N", "ㄷ": "D", "ㄸ": "T", "ㄹ": "L", "ㅁ": "M", "ㅂ": "B", "ㅃ": "P", "ㅅ": "S",
    "ㅆ": "S", "ㅇ": "", "ㅈ": "JH", "ㅉ": "CH", "ㅊ": "CH", "ㅋ": "K", "ㅌ": "T", "ㅍ": "P", "ㅎ": "HH",
}  # fmt: skip
_PAUSED: Final = {"ㄱ": "K", "ㄷ": "T", "ㅂ": "P", "ㅈ": "CH"}  #: after a pause
_MEDIALS: Final = {
    "ㅏ": "AA", "ㅐ": "EH", "ㅑ": "Y AA", "ㅒ": "Y EH", "ㅓ": "AO", "ㅔ": "IH", "ㅕ": "Y AO", "ㅖ": "Y EH",
    "ㅗ": "OW", "ㅘ": "W AA", "ㅙ": "W EH", "ㅚ": "W EH", "ㅛ": "Y OW", "ㅜ": "UW", "ㅝ": "W AO", "ㅞ": "W EH",
    "ㅟ": "W IY", "ㅠ": "Y UW", "ㅡ": "UW", "ㅢ": "UW IY", "ㅣ": "IY",
}  # fmt: skip
_FINALS: Final = {"": "", "ㄱ": "K", "ㄴ": "N", "ㄷ": "T", "ㄹ": "L", "ㅁ": "M", "ㅂ": "P", "ㅇ": "NG"}
_BEFORE_I: Final = "SH"  #: ㅅ before ㅣ and its like
_I_LIKE: Final = frozenset("ㅣㅟㅑㅕㅛㅠㅖㅒ")
_VARIANT: Final = re.compile(r"\(\d+\)$")


def korean(word: str) -> list[Phonemes]:
    """The ways to say a word in Hangul: after a pause and, where that is another, after other words."""
    paused = _said(word)
    voiced = {sound: _INITIALS[letter] for letter, sound in _PAUSED.items()}
    if decompose(respell(word)[0]).initial in _PAUSED:
        return [paused, (voiced[paused[0]], *paused[1:])]
    return [paused]


def _said(word: str) -> Phonemes:
    sounds: list[str] = []
    before: str | None = None
    for syllable in respell(word):
        block = decompose(syllable)
        sounds += (_initial(block.initial, block.medial, before), _MEDIALS[block.medial], _FINALS[block.final])
        before = block.final
    return tuple(" ".join(sounds).split())


def _initial(letter: str, vowel: str, before: str | None) -> str:
    if before is None and letter in _PAUSED:
        return _PAUSED[letter]
    if letter == "ㄹ" and before == "ㄹ":
        return ""  # the two are one long sound
    if letter in "ㅅㅆ" and vowel in _I_LIKE:
        return _BEFORE_I
    return _INITIALS[letter]


def pronunciations(words: Iterable[str], dictionary: Path) -> dict[str, list[Phonemes]]:
    """Every word with the ways to say it. `dictionary`: a file in CMUdict's format. Raises `KeyError` for English words
    that are not in it."""
    wanted = set(words)
    spoken = {word: korean(word) for word in wanted if all(map(is_block, word))}
    spoken |= {word: [tuple(OWN[word].split())] for word in wanted & OWN.keys()}
    for word, phonemes in _listed(dictionary):
        if word in wanted and word not in OWN:
            spoken.setdefault(word, []).append(phonemes)
    if missing := wanted - spoken.keys():
        raise KeyError(f"no pronunciation for {', '.join(sorted(missing))}")
    return spoken


def _listed(dictionary: Path) -> Iterator[tuple[str, Phonemes]]:
    with dictionary.open(encoding="utf-8") as lines:
        for line in lines:
            word, *phonemes = line.split()
            yield _VARIANT.sub("", word), tuple(phonemes)
