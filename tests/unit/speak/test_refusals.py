"""What cannot be read is told."""

from __future__ import annotations

import pytest

from pansori.domain.tasks import SpeakTask
from pansori.engines.speak.refusals import misread
from pansori.engines.speak.script import script_of


def told(text: str, **task: str) -> list[str]:
    script = script_of(SpeakTask.model_validate({"text": text, **task}))
    return [notice.en for line in script.lines for notice in misread(line.runs)]


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("今日は", ["Chinese characters", "Japanese"]),
        ("Hello. Привет!", ["Cyrillic"]),
        ("대한(大韓) 만세", ["Chinese characters"]),
        ("Déjà vu, 안녕! µ 5 Ω 🎉 θ", []),
        ("Καλημέρα", ["Greek"]),
        ("안녕하세요, hello.", []),
    ],
)
def test_letters_that_the_language_does_not_have_are_named(text: str, scripts: list[str]) -> None:
    found = told(text)
    assert [one.removeprefix("Words in ").partition(" are not read")[0] for one in found] == scripts
    assert all("name it" in one for one in found)


def test_a_language_that_has_them_reads_them() -> None:
    assert told("今日は", language="cmn") == []
    assert told("こんにちは", language="ja") == []
    assert told("Привет", language="ru") == []
    assert told("<speak>Say <lang xml:lang='ru'>Привет</lang></speak>", markup="ssml") == []


def test_kanji_have_no_reading_here() -> None:
    [notice] = told("今日は", language="ja-JP")
    assert notice.endswith("Write them in kana.")
