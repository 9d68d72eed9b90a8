"""Where sentences end, in whole texts and in those that come piece by piece."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.lexicon.spoken import Sentences, split, with_words

#: Sentences, as they are to be told apart.
TEXTS = [
    ["Dr. Smith paid $3.50 at 5 p.m. today. ", "He left!"],
    ["안녕하세요. ", "반가워요! ", "오늘은 3.5도예요.", "그래서 추워요."],
    ["2026. 11. 21. ", "에 만나요."],
    ['"Really?" she asked. ', '"Yes." ', "He left."],
    ["See https://a.b/c.d?e=f. ", "Then go."],
    ["1. First thing\n", "2. Second thing\n", "\nThe end"],
    ["No. 5 is alive. ", "No. ", "Not that."],
    ["J. R. R. Tolkien wrote it in the U.S. Army. ", "Did he?"],
    ["Bring apples, pears, etc. for lunch. ", "We eat at 3 p.m. ", "Be there."],
    ["Wait... ", "What?! ", "OK"],
    ["これは。", "はい。"],
    ["A line that is\nwrapped goes on. ", "A new one."],
    ["# Title\n", "\nText with e.g. this. ", "- item\n", "- item"],
    ["어제 “가자!”라고 했다. ", "그랬다."],
    ["v1.2.3 is out. ", "Version 2.0 follows."],
]


@pytest.mark.parametrize("sentences", TEXTS, ids=lambda sentences: sentences[0][:12])
def test_sentences_are_told_apart(sentences: list[str]) -> None:
    found = split("".join(sentences))
    assert [one.text for one in found] == sentences
    assert [one.first for one in found] == [len("".join(sentences[:number])) for number in range(len(sentences))]


@settings(max_examples=100, deadline=None)
@given(
    st.text(alphabet="aB1. !?\n\"'”가다。,-*#)e.g", max_size=120),
    st.lists(st.integers(1, 9), min_size=1),
    st.integers(8, 40),
)
def test_however_it_comes_the_sentences_are_the_same(text: str, steps: list[int], longest: int) -> None:
    whole = Sentences(longest)
    expected = [*whole.feed(text), *whole.finish()]
    coming = Sentences(longest)
    found: list[str] = []
    at = 0
    while at < len(text):
        step = steps[at % len(steps)]
        found += coming.feed(text[at : at + step])
        at += step
    found += coming.finish()
    assert found == expected
    assert "".join(found) == text
    assert all(len(one) <= longest + 1 for one in found)


def test_a_sentence_is_told_as_soon_as_it_is_over() -> None:
    sentences = Sentences()
    assert sentences.feed("Good morning. ") == ["Good morning. "]
    assert sentences.feed("I saw Dr. ") == []
    assert sentences.feed("Kim") == []
    assert sentences.feed("? Yes") == ["I saw Dr. Kim? "]
    assert sentences.finish() == ["Yes"]
    assert sentences.finish() == []


def test_what_never_ends_is_cut_where_one_breathes() -> None:
    found = split("one two three, four five six seven, eight nine ten eleven twelve", longest=40)
    assert [one.text for one in found] == ["one two three, four five six seven, ", "eight nine ten eleven twelve"]


@pytest.mark.parametrize(
    ("sentences", "said"),
    [
        (["좋아요! ", "🎉"], ["좋아요! "]),
        (["🎉\n", "Here it is. ", "***"], ["Here it is. "]),
        (["🎉 ", "👍"], ["🎉 👍"]),
        ([" "], []),
    ],
)
def test_signs_are_said_where_there_is_nothing_else(sentences: list[str], said: list[str]) -> None:
    assert list(with_words(iter(sentences))) == said
