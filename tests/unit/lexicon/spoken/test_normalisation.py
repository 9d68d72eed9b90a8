"""Text as it is read aloud: a table of cases for each language, and what holds for every text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.lexicon.spoken import normalise

TABLES = Path(__file__).parents[3] / "data"
CASES = {
    language: [
        tuple(line.split("\t")) for line in (TABLES / f"spoken_{language}.tsv").read_text(encoding="utf-8").splitlines()
    ]
    for language in ("en", "ko")
}
#: Near to what numbers, dates and marks are made of, so that rules are met often.
PIECES = "0123456789.,-/~:%$₩€ 시분초개살월일년만천억원번대AaBbkmg°C#*_()[]@’'é가나다\n½²①😀kKm–+&=xX^<>·→♭ㅇㅋ"


@pytest.mark.parametrize("language", CASES)
def test_the_table_of_cases(language: str) -> None:
    wrong = {
        written: (said, expected)
        for written, expected in CASES[language]
        if (said := " ".join(normalise(written, language).said.split())) != expected
    }
    assert not wrong
    assert len(CASES[language]) >= 150


@settings(max_examples=120, deadline=None)
@given(st.text(alphabet=PIECES, max_size=40), st.sampled_from(["en", "ko"]))
def test_nothing_is_left_to_read_and_nothing_gets_lost(text: str, language: str) -> None:
    reading = normalise(text, language)
    assert not any(map(str.isdigit, reading.said))
    assert normalise(reading.said, language).said.split() == reading.said.split()
    if any(map(str.isalnum, text)):
        assert any(map(str.isalnum, reading.said))
    words = reading.words()
    assert [word.first for word in words] == sorted({word.first for word in words})
    for word in words:
        assert text[word.first :].startswith(word.text)
        assert word.said
        assert all(reading.said[low:high].strip() for low, high in word.said)
    spoken = [span for word in words for span in word.said]
    assert spoken == sorted(spoken)


@pytest.mark.parametrize(
    ("text", "language", "heard"),
    [
        (
            "It cost $3 million on Nov. 21, 2026!",
            "en",
            {"It": "It", "cost": "cost", "$3": "three million", "million": "dollars", "on": "on",
             "Nov.": "November twenty", "21,": "first, twenty", "2026!": "twenty six!"},
        ),
        (
            "2026. 11. 21. 오후 3:30에 AI가!",
            "ko",
            {"2026.": "이천이십육년", "11.": "십일월", "21.": "이십일일", "오후": "오후", "3:30에": "세 시 삼십 분에",
             "AI가!": "에이아이가!"},
        ),
        ("[link](https://x.y/z) **bold** 😀", "en", {"[link](https://x.y/z)": "link", "**bold**": "bold"}),
    ],
)  # fmt: skip
def test_every_written_word_knows_what_is_said_for_it(text: str, language: str, heard: dict[str, str]) -> None:
    reading = normalise(text, language)
    told = {word.text: " ".join(reading.said[low:high] for low, high in word.said) for word in reading.words()}
    assert told == heard


def test_pictures_alone_are_named_and_other_languages_left_alone() -> None:
    assert normalise("😀", "en-GB").said == "grinning face"
    assert normalise("😀👍", "ko-KR").said == "이모티콘"
    assert normalise("Am 3. Mai 2026", "de").said == "Am 3. Mai 2026"


@pytest.mark.parametrize("text", ["1" * 10_000, " " * 9_999 + "1", "1만" * 5_000, "[a](" * 2_500, "a." * 5_000])
def test_what_is_made_to_take_long_does_not(text: str) -> None:
    """With what takes time with its length squared, these would take minutes."""
    for language in CASES:
        assert normalise(text, language).pieces
