"""Every page has its words in both languages, and takes none away from the frame around it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from pansori.web.pages import PAGES
from pansori.web.words import ENGINES, FRAME, SECTIONS, STAGES, Words

SLOT = re.compile(r"\{(\w+)")
HANGUL = re.compile(r"[가-힣]")
OTHERS = ("frame", "stages", "sections", "engines")
IN_THE_OTHER = {"other_language"}  #: leads to what is in the other language, and says so in that
LITERAL = {"field_prompt_hint"}  #: tells what braces mean, so its braces are no slots
NAMED: dict[str, Words] = {page.__name__.rpartition(".")[2]: getattr(page, "WORDS", {}) for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=list(NAMED))
def test_a_page_says_the_same_in_both_languages(page: ModuleType) -> None:
    for name, text in getattr(page, "WORDS", {}).items():
        assert text.en.strip(), name
        assert text.ko.strip(), name
        assert name in LITERAL or set(SLOT.findall(text.en)) == set(SLOT.findall(text.ko)), name


@pytest.mark.parametrize("name", NAMED)
def test_a_page_leaves_the_words_of_the_frame_alone(name: str) -> None:
    taken = NAMED[name].keys() & FRAME.keys()
    assert {word for word in taken if NAMED[name][word] != FRAME[word]} == set()


@pytest.mark.parametrize("words", [*NAMED.values(), FRAME, STAGES, SECTIONS, ENGINES], ids=[*NAMED, *OTHERS])
def test_each_language_is_written_in_its_own_letters(words: Words) -> None:
    """What is the same in both, such as BPM, is a name or a unit."""
    for name, text in words.items():
        assert name in IN_THE_OTHER or not HANGUL.search(text.en), name
        assert name in IN_THE_OTHER or text.en == text.ko or HANGUL.search(text.ko), name


def test_words_for_one_have_words_for_many() -> None:
    for words in (*NAMED.values(), FRAME):
        assert {name.removesuffix(".one") for name in words if name.endswith(".one")} <= words.keys()
