"""Which form of a particle follows which word."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.lexicon.hangul import decompose
from pansori.lexicon.particles import PAIRS, attach, ending, fill, particle

blocks = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@given(st.text(blocks, min_size=1, max_size=8), st.sampled_from(sorted(PAIRS)))
def test_the_final_consonant_decides(word: str, pair: str) -> None:
    """The law: closed takes the first form, open the second, and ㄹ counts as open for (으)로 alone."""
    closed, open_ = PAIRS[pair]
    final = decompose(word[-1]).final
    takes_open = not final or (final == "ㄹ" and pair == "으로/로")
    assert particle(word, pair) == (open_ if takes_open else closed)
    if word not in ("나", "너", "저", "누구"):
        assert attach(word, pair) == word + particle(word, pair)


@pytest.mark.parametrize(
    ("word", "subject", "towards"),
    [
        ("밤", "밤이", "밤으로"),
        ("너", "네가", "너로"),
        ("그날의 나", "그날의 내가", "그날의 나로"),
        ("바다", "바다가", "바다로"),
        ("서울", "서울이", "서울로"),
        ("10", "10이", "10으로"),
        ("7", "7이", "7로"),
        ("2", "2가", "2로"),
        ("1,000", "1,000이", "1,000으로"),
        ("Seoul", "Seoul이", "Seoul로"),
        ("K-POP", "K-POP이", "K-POP으로"),
        ("love", "love가", "love로"),
        ("dream", "dream이", "dream으로"),
        ("rock", "rock이", "rock으로"),
        ("night", "night가", "night로"),
        ("AI", "AI가", "AI로"),
        ("KTX", "KTX가", "KTX로"),
        ("LG", "LG가", "LG로"),
        ("“서울”", "“서울”이", "“서울”로"),
        ("밤!", "밤!이", "밤!으로"),
    ],
)
def test_numbers_and_latin_words_are_read_in_korean(word: str, subject: str, towards: str) -> None:
    assert attach(word, "이/가") == subject
    assert attach(word, "으로/로") == towards


@given(st.text(max_size=20))
def test_any_text_has_an_ending(text: str) -> None:
    assert ending(text) in ("vowel", "ㄹ", "consonant")


def test_templates_are_filled() -> None:
    assert fill("{theme|이/가} 나를 {place|으로/로} 불러", theme="봄", place="서울") == "봄이 나를 서울로 불러"
    assert fill("{name}, 안녕", name="민지") == "민지, 안녕"
    with pytest.raises(KeyError):
        fill("{nobody}", theme="봄")
