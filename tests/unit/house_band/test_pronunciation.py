"""Respelling Korean as it is pronounced, held against the examples that 표준 발음법 prints with its articles."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.lexicon.pronunciation import Block, compose, decompose, respell

EXAMPLES = Path(__file__).parents[2] / "data" / "standard_pronunciation.tsv"
PAIRS = [
    tuple(line.split("\t")) for line in EXAMPLES.read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]
NEVER_RESPELT = ["", "  ", "Hello, 世界 🎵", "ㅋㅋㅋ ㅠㅠ", "\x00\n\t", "שלום"]


def test_examples_of_the_standard() -> None:
    found = [(article, written, respell(written, phrase=True)) for article, written, _ in PAIRS]
    assert found == PAIRS


def test_there_are_enough_examples() -> None:
    assert len(PAIRS) >= 300


@pytest.mark.parametrize(
    ("line", "spoken"),
    [
        ("여름이 왔네 햇살이 빛나네", "여르미 완네 해싸리 빈나네"),
        ("바다로 가자 우리 함께", "바다로 가자 우리 함께"),
        ("난 널 잊을 수 없어, 못 잊어!", "난 널 이즐 쑤 업써, 몬 니저!"),
        ("Baby 너와 같이 dance, 꽃잎 위에", "Baby 너와 가치 dance, 꼰닙 위에"),
        ("오늘 밤 옷 한 벌", "오늘 밤 옫 한 벌"),
        ("길을 걸을 때 내 마음을 줄 사람", "기를 거를 때 내 마으믈 줄 싸람"),
        ("하늘 바다 서울 사람", "하늘 바다 서울 사람"),
    ],
)
def test_lines_keep_their_words_apart(line: str, spoken: str) -> None:
    assert respell(line) == spoken


@pytest.mark.parametrize("text", NEVER_RESPELT)
def test_what_is_not_hangul_stays(text: str) -> None:
    assert respell(text) == text


def test_decomposed_text_is_joined_first() -> None:
    assert respell(unicodedata.normalize("NFD", "독립 만세")) == "동닙 만세"


@given(st.text())
def test_any_text_is_taken(text: str) -> None:
    respell(text)


korean = st.text(st.sampled_from(" ,a") | st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))


@given(korean, st.booleans())
def test_syllables_are_neither_lost_nor_added(text: str, phrase: bool) -> None:
    spoken = respell(text, phrase=phrase)
    assert len(spoken) == len(text)
    assert ["가" <= c <= "힣" for c in spoken] == ["가" <= c <= "힣" for c in text]


@given(korean)
def test_only_the_seven_finals_sound(text: str) -> None:
    """제8항, but for ㅆ, ㄲ and the like, which never remain."""
    assert {decompose(c).final for c in respell(text) if "가" <= c <= "힣"} <= {"", *"ㄱㄴㄷㄹㅁㅂㅇ"}


def test_what_is_spoken_is_spoken_alike_once_more() -> None:
    """Respelling is idempotent but for 협의 → 혀븨, whose ㅢ came by linking."""
    spoken = [spoken for _, written, spoken in PAIRS if " " not in written and "의" not in written]
    assert len(spoken) > 300
    assert [respell(one) for one in spoken] == spoken


@given(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3))
def test_blocks_come_apart_and_together(block: str) -> None:
    letters = decompose(block)
    assert isinstance(letters, Block)
    assert compose(letters) == block
