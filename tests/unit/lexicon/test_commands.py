"""Commands in Korean and English: which sentence is which, whatever its spaces, particles and endings."""

from __future__ import annotations

import re
import time
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.lexicon.commands import INTENTS, LONGEST, SpokenLanguage, templates, understand
from pansori.lexicon.hangul import is_block
from support.commands import Sentence, sentences

TABLE = list(sentences("commands.tsv"))
KOREAN = [one for one in TABLE if one.intent and any(map(is_block, one.text))]
ENGLISH = [one for one in TABLE if one.intent and one not in KOREAN]
MANUAL = (Path(__file__).parents[3] / "docs" / "assistant.md").read_text("utf-8")
LANGUAGES: tuple[SpokenLanguage, ...] = ("ko", "en")


def intent_of(text: str) -> str:
    command = understand(text)
    return command.intent if command else ""


def test_every_sentence_of_the_table_is_what_it_means() -> None:
    assert len(TABLE) >= 200
    wrong = [(one, heard) for one in TABLE if (heard := intent_of(one.text)) != one.intent]
    assert not wrong


@pytest.mark.parametrize(
    ("table", "share"),
    [("commands_held_out.tsv", 0.98), ("commands_unseen.tsv", 0.9), ("commands_roundabout.tsv", 0.75)],
)
def test_sentences_that_were_not_written_for_the_templates_are_understood(table: str, share: float) -> None:
    told = list(sentences(table))
    commands = [one for one in told if one.intent]
    right = [one for one in commands if intent_of(one.text) == one.intent]
    taken = [one for one in told if not one.intent and intent_of(one.text)]
    assert len(right) >= share * len(commands)
    assert not taken


def test_what_the_manual_says_of_it_is_so() -> None:
    rows = [line.split("|")[2] for line in MANUAL.splitlines() if line.startswith("|") and "·" in line]
    examples = [one.strip() for row in rows for one in row.split("·")]
    assert len(examples) >= 18
    assert all(intent_of(one) for one in examples)
    for table in ("commands_unseen.tsv", "commands_roundabout.tsv"):
        told = list(sentences(table))
        commands = [one for one in told if one.intent]
        right = [one for one in commands if intent_of(one.text) == one.intent]
        assert f"{len(right)} of {len(commands)} commands, and none of {len(told) - len(commands)} other" in MANUAL


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(KOREAN), st.data())
def test_korean_may_be_spaced_in_any_way(one: Sentence, data: st.DataObject) -> None:
    marks = list(re.sub(r"[\s.,?!]", "", one.text))
    gaps = data.draw(st.lists(st.sampled_from(["", "", " ", "  "]), min_size=len(marks), max_size=len(marks)))
    spaced = "".join(chain.from_iterable(zip(marks, gaps, strict=True)))
    assert intent_of(spaced) == one.intent


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(ENGLISH), st.sampled_from([str.upper, str.lower, str.title]), st.sampled_from(["", ".", "?!", " …"])
)
def test_case_punctuation_and_apostrophes_do_not_matter(one: Sentence, case: object, end: str) -> None:
    assert callable(case)
    assert intent_of(f" {case(one.text.replace('’', '')).strip('.?!')}{end}") == one.intent
    assert intent_of(one.text.replace("'", "’")) == one.intent
    assert intent_of(one.text.replace("'", "")) == one.intent


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(["", "저기 ", "판소리야, ", "음 그럼 "]),
    st.sampled_from(["비", "비 오는 날", "우리 집 강아지", "BTS", "3월의 눈"]),
    st.sampled_from(["에 대한", "에 대해서", "에 관한", "을 주제로 한", "를 소재로"]),
    st.sampled_from(["", "슬픈", "신나는", "재즈풍의"]),
    st.sampled_from(["노래", "곡", "음악"]),
    st.sampled_from(["", "를", "을", " 좀", " 하나만", "를 하나"]),
    st.sampled_from(["만들어 줘", "만들어줘요", "지어 줄래?", "써 주세요", "작곡해 주실 수 있나요?", "만들고 싶어"]),
)
def test_particles_and_endings_are_free(
    opener: str, topic: str, about: str, style: str, piece: str, particle: str, end: str
) -> None:
    command = understand(f"{opener}{topic}{about} {style} {piece}{particle} {end}")
    assert command is not None
    assert (command.intent, command.language, command.slot("topic")) == ("make_song", "ko", topic)
    assert command.slot("piece") == piece
    assert command.slot("style") in (style, style.removesuffix("풍의"))


def test_what_begins_like_an_opener_is_none() -> None:
    for text, topic in (("나비에 대한 노래 만들어 줘", "나비"), ("음악에 대한 노래 만들어 줘", "음악")):
        command = understand(text)
        assert command is not None
        assert command.slot("topic") == topic


@pytest.mark.parametrize(
    "text",
    ["", " ", "...", "?!", "😀", "ㅋㅋㅋ", "\x00", "노래 만들어 줘 " * 40, "a" * (LONGEST + 1), "مرحبا", "{topic}"],
)
def test_what_nobody_orders_is_no_command(text: str) -> None:
    assert understand(text) is None


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=LONGEST) | st.text(alphabet="노래좀비만들어줘 에대한을를", max_size=LONGEST))
def test_any_text_is_judged(text: str) -> None:
    command = understand(text)
    assert command is None or command.intent in INTENTS


@pytest.mark.parametrize(
    "text", ["노래 " * 50, "에 대한 " * 20 + "노래 만들어 줘", "make a song about " * 8, "저기 " * 30]
)
def test_no_sentence_takes_long(text: str) -> None:
    begun = time.process_time()
    understand(text[:LONGEST])
    assert time.process_time() - begun < 10  # in practice a fiftieth of a second; what grows exponentially takes hours


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_templates_have_all_that_they_name(language: SpokenLanguage) -> None:
    told = templates(language)
    assert set(told.intents) == set(INTENTS)
    written = [*chain.from_iterable(told.intents.values()), *told.rules.values()]
    for text in written:
        assert set(re.findall(r"<(\w+)>", text)) <= set(told.rules), text
        assert set(re.findall(r"\{(\w+)\}", text)) <= {*told.lists, *told.open}, text
        for opening, closing in ("()", "[]", "{}", "<>"):
            assert text.count(opening) == text.count(closing), text
    assert set(told.heard) <= set(told.open)
    assert len(told.heard["topic"]) >= 30
    assert all(told.intents[name] for name in INTENTS)
