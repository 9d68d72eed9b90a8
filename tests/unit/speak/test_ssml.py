"""Markup as it is read: what each element does, and what is refused with its line."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import SpeakTask
from pansori.engines.speak.script import Run, Script, script_of
from pansori.engines.speak.ssml import Pause, parse


def script(inside: str, *, language: str = "en-US") -> Script:
    return script_of(SpeakTask(text=f'<speak xml:lang="{language}">{inside}</speak>', markup="ssml"))


def runs(inside: str) -> list[Run]:
    return [run for line in script(inside).lines for run in line.runs]


@pytest.mark.parametrize(
    ("element", "language", "said"),
    [
        ('<say-as interpret-as="cardinal">1,024</say-as>', "en", "one thousand twenty four"),
        ('<say-as interpret-as="cardinal">007</say-as>', "en", "seven"),
        ('<say-as interpret-as="cardinal">-3.5</say-as>', "ko", "마이너스 삼 점 오"),
        ('<say-as interpret-as="ordinal">21</say-as>', "en", "twenty first"),
        ('<say-as interpret-as="ordinal">3</say-as>', "ko", "세 번째"),
        ('<say-as interpret-as="ordinal">1</say-as>', "ko", "첫 번째"),
        ('<say-as interpret-as="characters">A1</say-as>', "en", "A, one"),
        ('<say-as interpret-as="spell-out">A1</say-as>', "ko", "에이, 일"),
        ('<say-as interpret-as="digits">120</say-as>', "en", "one two zero"),
        ('<say-as interpret-as="digits">120</say-as>', "ko", "일이공"),
        ('<say-as interpret-as="telephone">010-1234</say-as>', "ko", "공일공, 일이삼사"),
        ('<say-as interpret-as="telephone">+82 2</say-as>', "en", "plus eight two, two"),
        ('<say-as interpret-as="date">2026-11-21</say-as>', "en", "November twenty first, twenty twenty six"),
        ('<say-as interpret-as="date" format="dmy">3/4/2026</say-as>', "en", "April third, twenty twenty six"),
        ('<say-as interpret-as="date" format="md">3/4</say-as>', "en", "March fourth"),
        ('<say-as interpret-as="date" format="mdy">6/10/2026</say-as>', "ko", "이천이십육년 유월 십일"),
        ('<say-as interpret-as="time">3:05pm</say-as>', "en", "three oh five P-M"),
        ('<say-as interpret-as="time">15:30</say-as>', "ko", "십오 시 삼십 분"),
        ('<say-as interpret-as="currency">$5</say-as>', "ko", "오 달러"),
        ('<sub alias="World Wide Web Consortium">W3C</sub>', "en", "World Wide Web Consortium"),
        ('<sub alias="3시">세시</sub>', "ko", "세 시"),
        ('<lang xml:lang="ko">3개</lang>', "en", "세 개"),
        ("A &amp; B &lt;3&gt;", "ko", "에이 앤드 비"),
    ],
)
def test_what_is_said_for_an_element(element: str, language: str, said: str) -> None:
    found = "".join(run.reading.said for line in script(element, language=language).lines for run in line.runs)
    assert " ".join(found.split()).startswith(said)


def test_prosody_and_emphasis_add_up() -> None:
    [plain, fast, both, emphasised, quiet] = runs(
        'a <prosody rate="150%" pitch="+2st">b <prosody rate="x-slow" volume="soft">c</prosody></prosody>'
        '<emphasis level="strong">d</emphasis><prosody volume="-12dB">e</prosody>'
    )
    assert plain.manner.is_plain
    assert (fast.manner.rate, fast.manner.pitch) == (1.5, 2.0)
    assert (both.manner.rate, both.manner.pitch, both.manner.volume) == (0.75, 2.0, -9.0)
    assert emphasised.manner.rate < 1 < emphasised.manner.pitch
    assert quiet.manner.volume == -12.0


def test_pauses_are_where_they_are_written() -> None:
    [line] = script('One <break time="250ms"/>two <break/>three<break strength="none"/>').lines
    said = [piece.seconds if isinstance(piece, Pause) else piece.reading.said.strip() for piece in line.pieces]
    assert said == ["One", 0.25, "two", 0.5, "three"]


def test_paragraphs_and_sentences_end_where_they_are_marked() -> None:
    found = script("<p><s>One</s><s>Two. Three</s></p><p>Four e.g. five</p>six")
    assert [line.text.strip() for line in found.lines] == ["One", "Two.", "Three", "Four e.g. five", "six"]
    assert found.text == "One Two. Three\nFour e.g. five\nsix"
    for line in found.lines:
        assert found.text[line.first :].startswith(line.text)


@pytest.mark.parametrize("encoding", ["utf-8", "ISO-8859-1", "euc-kr", "utf-16", "nonsense"])
def test_the_encoding_that_markup_once_had_says_nothing(encoding: str) -> None:
    markup = f'<?xml version="1.0" encoding="{encoding}"?><speak>안녕</speak>'
    assert script_of(SpeakTask(text=markup, markup="ssml")).text == "안녕"


@pytest.mark.parametrize(
    ("markup", "line", "word"),
    [
        ("Hello", 1, "XML"),
        ("<speak>a", 1, "XML"),
        ("<speak>\n\n<audio src='x'/></speak>", 3, "audio"),
        ("<p>a</p>", 1, "speak"),
        ("<speak><speak>a</speak></speak>", 1, "speak"),
        ("<speak>\n<break time='11s'/>a</speak>", 2, "11s"),
        ("<speak><break strength='huge'/>a</speak>", 1, "huge"),
        ("<speak>" + "<break time='10s'/>" * 7 + "a</speak>", 1, "60"),
        ("<speak><prosody rate='quick'>a</prosody></speak>", 1, "quick"),
        ("<speak><prosody rate='-100%'>a</prosody></speak>", 1, "-100%"),
        ("<speak><prosody pitch='80Hz'>a</prosody></speak>", 1, "80Hz"),
        ("<speak><prosody volume='11'>a</prosody><prosody volume='x'>a</prosody></speak>", 1, "“x”"),
        ("<speak><emphasis level='most'>a</emphasis></speak>", 1, "most"),
        ("<speak><say-as interpret-as='song'>a</say-as></speak>", 1, "song"),
        ("<speak><say-as interpret-as='cardinal'>many</say-as></speak>", 1, "many"),
        ("<speak>가 <say-as interpret-as='characters'>²</say-as></speak>", 1, "²"),
        ("<speak><say-as interpret-as='date' format='dmy'>32/13/2026</say-as></speak>", 1, "32/13/2026"),
        ("<speak><say-as interpret-as='digits'><emphasis>1</emphasis></say-as></speak>", 1, "say-as"),
        ("<speak><sub>a</sub></speak>", 1, "alias"),
        ("<speak><phoneme alphabet='x-sampa' ph='a'>a</phoneme></speak>", 1, "x-sampa"),
        ("<speak><lang xml:lang='한국어'>a</lang></speak>", 1, "한국어"),
        ("<speak>" + "<s>" * 40 + "a" + "</s>" * 40 + "</speak>", 1, "many"),
        ("<speak>" + "<mark/>" * 1_400 + "a</speak>", 1, ""),
        ("<speak> \n </speak>", 1, "nothing"),
        ("<!DOCTYPE speak SYSTEM 'file:///etc/passwd'><speak>a</speak>", 1, "document type"),
        ("<!DOCTYPE a [<!ENTITY a '" + "b" * 100 + "'><!ENTITY c '" + "&a;" * 50 + "'>]><speak>&c;</speak>", 1,
         "document type"),
        ("<speak>&unknown;</speak>", 1, "XML"),
    ],
)  # fmt: skip
def test_what_is_refused_is_named_with_its_line(markup: str, line: int, word: str) -> None:
    task = SpeakTask(text=markup, markup="ssml")
    if not word:  # many, and yet allowed
        assert script_of(task).text == "a"
        return
    with pytest.raises(InvalidRequest) as refused:
        script_of(task)
    assert refused.value.field == "text"
    assert f"line {line}" in refused.value.message.en
    assert f"{line}번째 줄" in refused.value.message.ko
    assert word in refused.value.message.en


@settings(max_examples=80, deadline=None)
@given(
    st.recursive(
        st.text(alphabet="aB1. 가3시\n&<", min_size=1, max_size=12).map(
            lambda text: text.replace("&", "&amp;").replace("<", "&lt;")
        ),
        lambda inner: st.tuples(st.sampled_from(["p", "s", "emphasis", "prosody"]), st.lists(inner, max_size=3)).map(
            lambda made: f"<{made[0]}>{''.join(made[1])}</{made[0]}>"
        ),
        max_leaves=8,
    )
)
def test_lines_are_all_of_the_text_and_runs_all_of_a_line(inside: str) -> None:
    markup = f"<speak>x{inside}</speak>"
    found = script_of(SpeakTask(text=markup, markup="ssml"))
    assert "".join(line.text for line in found.lines) == found.text == parse(markup).text
    for line in found.lines:
        assert "".join(run.written for run in line.runs) == line.text


def test_signs_behind_a_sentence_belong_to_it() -> None:
    [line, last] = script_of(SpeakTask(text="좋아요! 🎉\n\n***\n\n가요.")).lines
    assert line.runs[0].reading.said.split() == ["좋아요!"]
    assert last.text.strip() == "가요."
