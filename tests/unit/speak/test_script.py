"""What of a text is spoken how, before an engine sees it."""

from __future__ import annotations

import pytest

from pansori.domain.tasks import SpeakTask
from pansori.engines.speak.script import script_of

MIXED = "사과 3개를 샀어요. It costs $5 for 3 apples. KBS 9. MP3 3개예요."


def said(text: str, language: str = "auto") -> list[str]:
    script = script_of(SpeakTask(text=text, language=language))
    return [run.reading.said.strip() for line in script.lines for run in line.runs]


def test_an_english_sentence_of_a_korean_text_is_read_as_english() -> None:
    assert said(MIXED) == [
        "사과 세 개를 샀어요.",
        "It costs five dollars for three apples.",
        "케이비에스 나인.",
        "엠피 쓰리 세 개예요.",
    ]


@pytest.mark.parametrize(("language", "price"), [("ko", "It costs 오 달러"), ("en", "It costs five dollars")])
def test_a_language_that_is_named_is_that_of_all_of_it(language: str, price: str) -> None:
    assert price in said(MIXED, language)[1]
