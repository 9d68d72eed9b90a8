"""Lyrics as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest
from pansori.engines.compose.house_band.words.text import Lyrics, read_lyrics
from pansori.engines.compose.house_band.words.wording import LONGEST_BREATH, read_line
from pansori.lexicon.english import syllables
from pansori.lexicon.numerals import english_number, korean_number
from support.songs import DOCUMENTED, ENGLISH, KOREAN


def labels(text: str) -> list[str]:
    return [section.label for section in read_lyrics(text).sections]


def words(lyrics: Lyrics) -> list[str]:
    return [line.text for section in lyrics.sections for line in section.lines]


def spoken(text: str) -> str:
    return " ".join(syllable.spoken for syllable in read_line(text).syllables)


@pytest.mark.parametrize(
    ("tag", "label"),
    [
        ("[verse]", "verse"), ("[Verse 1]", "verse"), ("[VERSE 2: 아이유]", "verse"), ("[후렴]", "chorus"),
            ("(chorus)", "chorus"),
        ("[pre-chorus]", "prechorus"), ("[Pre Chorus]", "prechorus"), ("[1절]", "verse"), ("2절", "verse"),
            ("후렴:", "chorus"),
        ("Chorus:", "chorus"), ("【サビ】", "chorus"), ("[브릿지]", "bridge"), ("[Rap]", "rap"), ("[estribillo]",
            "chorus"),
        ("  [Outro]  ", "outro"), ("[프리코러스]", "prechorus"), ("[intro]", "intro"), ("[what is this]", "verse"),
    ],
)  # fmt: skip
def test_tags_in_any_case_and_language(tag: str, label: str) -> None:
    assert labels(f"{tag}\n사랑해요 그대를\n") == [label]


@pytest.mark.parametrize(("tag", "label"), [("[chorus", "chorus"), (" 【후렴:", "chorus"), ("[Verse 2", "verse")])
def test_a_tag_whose_bracket_was_forgotten_is_a_tag(tag: str, label: str) -> None:
    lyrics = read_lyrics(f"{tag}\n사랑해요 그대를\n")
    assert [section.label for section in lyrics.sections] == [label]
    assert words(lyrics) == ["사랑해요 그대를"]
    assert not lyrics.notices


def test_words_behind_a_forgotten_bracket_are_sung_and_told_of() -> None:
    lyrics = read_lyrics("[verse]\n[chorus 여름이 왔네\n바다로 가자")
    assert words(lyrics) == ["[chorus 여름이 왔네", "바다로 가자"]
    assert [notice.en for notice in lyrics.notices] == [
        "A bracket is not closed, so this is sung: “[chorus 여름이 왔네”"
    ]


def test_words_in_brackets_that_are_no_tag_are_sung() -> None:
    assert words(read_lyrics("[verse]\n가자 가자\n(우리 함께 가자)")) == ["가자 가자", "(우리 함께 가자)"]


def test_only_a_bare_label_in_round_brackets_is_a_tag() -> None:
    assert words(read_lyrics("[verse]\n(내 절반을 줄게)\n(chorus of angels)")) == [
        "(내 절반을 줄게)",
        "(chorus of angels)",
    ]


def test_a_line_may_say_how_often() -> None:
    assert words(read_lyrics("[verse]\n가자 가자 (x2)\n나나나 ×3")) == ["가자 가자"] * 2 + ["나나나"] * 3


def test_a_tag_and_words_on_one_line() -> None:
    assert words(read_lyrics("[verse] 여름이 왔네")) == ["여름이 왔네"]


def test_an_empty_chorus_is_the_one_before() -> None:
    sections = read_lyrics(KOREAN).sections
    assert [section.label for section in sections] == ["verse", "chorus", "verse", "chorus", "bridge", "chorus"]
    assert sections[1].lines == sections[3].lines == sections[5].lines


def test_a_tag_may_say_how_often() -> None:
    assert labels("[Chorus x2]\n가자") == ["chorus", "chorus"]


def test_few_lines_without_tags_are_verse_and_chorus() -> None:
    lyrics = read_lyrics(DOCUMENTED)
    assert [section.label for section in lyrics.sections] == ["verse", "chorus"]
    assert words(lyrics) == DOCUMENTED.split("\n") * 2
    assert lyrics.notices == ()


def test_stanzas_without_tags_become_sections() -> None:
    assert labels(ENGLISH) == ["verse", "chorus"]
    assert labels("가\n나\n\n다\n라\n\n마\n바\n\n다\n라") == ["verse", "chorus", "verse", "chorus"]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r", "\u2028", "\x0b"])
def test_every_kind_of_line_end(ending: str) -> None:
    assert words(read_lyrics(DOCUMENTED.replace("\n", ending)))[:2] == DOCUMENTED.split("\n")


def test_what_nobody_sees_is_dropped() -> None:
    assert words(read_lyrics("\ufeff여름\x00이 \u200f왔\u200b네\ud800"))[0] == "여름이 왔네"


def test_decomposed_hangul_is_joined() -> None:
    assert len(read_lyrics("\u1112\u1161\u11ab\u1100\u1173\u11af").sections[0].lines[0].syllables) == 2


@pytest.mark.parametrize("text", ["日本語だけ", "ㅋㅋㅋㅋ", "😀😀", "!!!", "שלום", "[verse]\n...\n"])
def test_words_that_cannot_be_sung_are_refused_by_name(text: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read_lyrics(text)
    assert refused.value.field == "lyrics"


@pytest.mark.parametrize("text", ["", "   \n\n ", "[verse]\n\n[chorus]\n"])
def test_no_words_are_an_instrumental(text: str) -> None:
    assert read_lyrics(text).sections == ()


def test_what_is_left_out_is_said() -> None:
    lyrics = read_lyrics("안녕 世界\n😀😀\n사랑해 😀")
    assert words(lyrics)[:2] == ["안녕 世界", "사랑해 😀"]
    assert any("Chinese" in notice.en and "한자" in notice.ko for notice in lyrics.notices)
    assert any("😀😀" in notice.en for notice in lyrics.notices)


def test_korean_is_sung_as_pronounced() -> None:
    assert spoken("독립 만세") == "동 닙 만 세"
    assert [syllable.text for syllable in read_line("같이 가").syllables] == ["같", "이", "가"]


def test_both_languages_in_one_line() -> None:
    line = read_line("오늘은 party tonight, 함께해")
    assert "".join(s.text + " " * s.space_after for s in line.syllables) == line.text
    assert [s.language for s in line.syllables] == ["ko"] * 3 + ["en"] * 4 + ["ko"] * 3
    assert [s.word for s in line.syllables] == [0, 0, 0, 1, 1, 2, 2, 3, 3, 3]


@pytest.mark.parametrize(
    ("text", "heard"),
    [("3월", "사 뭘"), ("세상 100%", "세 상 백 퍼 센 트"), ("3시 20살", "세 시 스 무 살"), ("room 7", "room sev en"),
     ("TV and K-POP", "tee vee and kay pop"), ("1999", "nine teen nine ty nine")],
)  # fmt: skip
def test_numbers_and_initials_are_read_out(text: str, heard: str) -> None:
    assert spoken(text).replace(" ", "") == heard.replace(" ", "")


@pytest.mark.parametrize(
    ("digits", "following", "heard"),
    [("0", "", "영"), ("10", "", "십"), ("2026", "", "이천이십육"), ("10000", "", "만"), ("100000000", "", "일억"),
        ("5", "시", "다섯"),
     ("21", "살", "스물한"), ("007", "", "공공칠")],
)  # fmt: skip
def test_korean_numbers(digits: str, following: str, heard: str) -> None:
    assert korean_number(digits, following) == heard


def test_numbers_of_any_length_are_read_out() -> None:
    assert korean_number("1" * 5_000) == "일" * 5_000
    assert english_number("1" * 5_000) == ["one"] * 5_000


def test_english_numbers() -> None:
    assert english_number("2026") == ["two", "thousand", "twenty", "six"]
    assert english_number("1905") == ["nineteen", "oh", "five"]
    assert english_number("0") == ["zero"]


HYPHENATED = (
    "DAR-ling EAR-ly CAL-ling SPAR-kling TRA-vel-ling GROW-ling "
    "SUM-mer a-WAY be-LIEVE EV-ery-thing WALKED WAN-ted to-NIGHT RA-di-o BEAU-ti-ful LOVES HOR-ses SING-ing FLY-ing "
    "SHI-ning RUN-ning STA-tion mid-dle the fire people YES-ter-day DON'T"
)


@pytest.mark.parametrize("word", HYPHENATED.split())
def test_english_words_in_syllables(word: str) -> None:
    parts = syllables(word.replace("-", "").lower())
    if "-" in word:
        assert "-".join(part for part, _ in parts) == word.lower()
    if word != word.lower():
        assert [part.isupper() for part in word.split("-")] == [stress == 2 for _, stress in parts]


def test_a_long_line_is_sung_in_breaths() -> None:
    text = "나는 오늘도 너를 생각하며 이 길을 걷고 있어 그리고 내일도 모레도 이 길을 걸을 거야 언제까지나"
    lines = read_lyrics(f"[verse]\n{text}").sections[0].lines
    assert len(lines) > 1
    assert all(len(line.syllables) <= LONGEST_BREATH for line in lines)
    assert " ".join(line.text for line in lines) == text


@settings(deadline=None)
@given(st.text(max_size=80))
def test_any_line_keeps_its_words(text: str) -> None:
    line = read_line(text)
    assert line.text == text
    left = text
    for syllable in line.syllables:
        assert syllable.spoken
        assert syllable.text in left
        left = left[left.index(syllable.text) + len(syllable.text) :]
    assert [s.word for s in line.syllables] == sorted(s.word for s in line.syllables)


@settings(deadline=None)
@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'", min_size=1, max_size=20))
def test_any_english_word_is_its_syllables(word: str) -> None:
    parts = syllables(word)
    assert "".join(part for part, _ in parts) == word
    assert all(part for part, _ in parts)


@settings(deadline=None)
@given(st.text(max_size=300))
def test_any_lyrics_are_read_or_refused(text: str) -> None:
    try:
        lyrics = read_lyrics(text)
    except InvalidRequest:
        return
    for section in lyrics.sections:
        assert all(line.syllables for line in section.lines)
