"""Writing systems beside Hangul and Latin letters, which are all that is read here."""

from __future__ import annotations

import unicodedata
from typing import Final

from pansori.domain.errors import Text
from pansori.lexicon.hangul import is_block

#: By how the Unicode names of their letters begin.
NAMES: Final = {
    "HIRAGANA": Text("Japanese", "일본어"), "KATAKANA": Text("Japanese", "일본어"),
    "CJK": Text("Chinese characters", "한자"), "ARABIC": Text("Arabic", "아랍 문자"),
    "HEBREW": Text("Hebrew", "히브리 문자"), "CYRILLIC": Text("Cyrillic", "키릴 문자"),
    "GREEK": Text("Greek", "그리스 문자"), "THAI": Text("Thai", "태국 문자"),
    "DEVANAGARI": Text("Devanagari", "데바나가리 문자"),
}  # fmt: skip
LATIN: Final = "\u024f"  #: the last of the Latin letters that European languages have


def other_scripts(text: str) -> list[Text]:
    """Those in `text`, by name, each once."""
    found: dict[Text, None] = {}
    for character in text:
        if character > LATIN and character.isalpha() and not is_block(character):
            name = unicodedata.name(character, "").split(" ")[0].split("-")[0]
            if name in NAMES:
                found[NAMES[name]] = None
    return list(found)
