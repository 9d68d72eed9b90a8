"""IPA as espeak-ng's own names of phonemes, which its texts may hold in `[[…]]`."""

from __future__ import annotations

import unicodedata
from typing import Final

#: Longest first where one begins another. The names are those of espeak-ng's phoneme tables (docs/phonemes.md).
_NAMES: Final = {
    "eɪ": "eI", "aɪ": "aI", "ɔɪ": "OI", "oʊ": "oU", "əʊ": "oU", "aʊ": "aU", "ɪə": "i@", "eə": "e@", "ʊə": "U@",
    "tʃ": "tS", "dʒ": "dZ", "t͡ʃ": "tS", "d͡ʒ": "dZ", "ɜː": "3:", "ɜ": "3:", "ɝ": "3:", "ɚ": "3", "iː": "i:",
    "uː": "u:", "ɑː": "A:", "ɔː": "O:", "ɑ": "A:", "ɔ": "O:", "ɒ": "0", "æ": "a", "ɐ": "a", "a": "a", "ʌ": "V",
    "ə": "@", "ɛ": "E", "e": "e", "ɪ": "I", "i": "i", "o": "o", "ʊ": "U", "u": "u", "ɯ": "u-", "y": "y", "ø": "Y",
    "p": "p", "b": "b", "t": "t", "d": "d", "k": "k", "ɡ": "g", "g": "g", "f": "f", "v": "v", "θ": "T", "ð": "D",
    "s": "s", "z": "z", "ʃ": "S", "ʒ": "Z", "h": "h", "x": "x", "m": "m", "n": "n", "ŋ": "N", "ɲ": "n^", "l": "l",
    "ɫ": "l", "r": "r", "ɹ": "r", "ɾ": "t#", "j": "j", "w": "w", "ʔ": "?", "ˈ": "'", "ˌ": ",", "'": "'", " ": "||",
    "ː": ":", ".": "", "‿": "", "-": "", "\u0361": "",
}  # fmt: skip


class UnknownPhoneme(ValueError):
    """A sign that espeak-ng has nothing for."""


def mnemonics(ipa: str) -> str:
    """`ipa` in espeak's names. Raises `UnknownPhoneme` with the sign."""
    text = unicodedata.normalize("NFC", ipa)
    said, at = "", 0
    while at < len(text):
        length = next((size for size in (3, 2, 1) if text[at : at + size] in _NAMES), 0)
        if not length:
            raise UnknownPhoneme(text[at])
        said += _NAMES[text[at : at + length]]
        at += length
    return said
