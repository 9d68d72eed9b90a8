"""What a speaking engine says of what it does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from pansori.domain.errors import InvalidRequest, Text
from pansori.engines.speak.script import Run
from pansori.lexicon.particles import attach
from pansori.lexicon.scripts import NAMES as SCRIPTS
from pansori.lexicon.scripts import other_scripts

_NAMES: Final = {"en": Text("English", "영어"), "ko": Text("Korean", "한국어"), "ja": Text("Japanese", "일본어")}
_SYMBOL: Final = re.compile("(?<![Ͱ-Ͽ])[Ͱ-Ͽ](?![Ͱ-Ͽ])")  #: a Greek letter alone, which is called by its name
SHOWN: Final = 40  #: voices or languages that a refusal names at most


def unknown(field: str, name: str, known: Sequence[str]) -> InvalidRequest:
    """`field`: `voice` or `language`."""
    listed = ", ".join(known[:SHOWN]) + (" …" if len(known) > SHOWN else "")
    what = {"voice": "목소리", "language": "언어"}[field]
    return InvalidRequest(
        Text(f"There is no {field} “{name}”.", f"{what} {attach(f'“{name}”', '이/가')} 없어요."),
        field=field,
        cure=Text(f"Choose one of: {listed}.", f"다음 중에서 고르세요: {listed}."),
    )


def misread(runs: Iterable[Run]) -> tuple[Text, ...]:
    """Of words in letters that the language they are read in does not have, such as Japanese that was taken for
    English; and of kanji, for which espeak-ng, by whose phonemes all engines here speak, knows no readings."""
    return tuple(
        _misread(language, script)
        for run in runs
        if not run.ipa and (language := run.manner.language.partition("-")[0].lower()) in _NAMES
        for script in other_scripts(_SYMBOL.sub("", run.reading.said))
        if language != "ja" or script is SCRIPTS["CJK"]
    )


def _misread(language: str, script: Text) -> Text:
    name = _NAMES[language]
    told = Text(
        f"Words in {script.en} are not read rightly in {name.en}.",
        f"{attach(script.ko, '으로/로')} 쓴 말은 {name.ko} 목소리로 제대로 읽지 못해요.",
    )
    if language == "ja":
        return Text(f"{told.en} Write them in kana.", f"{told.ko} 가나로 써 주세요.")
    return Text(
        f"{told.en} If the engine has their language, name it, such as ja.",
        f"{told.ko} 엔진에 그 언어가 있다면 ja처럼 정해 주세요.",
    )
