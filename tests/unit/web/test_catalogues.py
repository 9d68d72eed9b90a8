"""Every page has its words in both languages, and takes none away from the frame around it."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from pansori.web.pages import PAGES
from pansori.web.words import FRAME, Words

SLOT = re.compile(r"\{(\w+)")
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


def test_words_for_one_have_words_for_many() -> None:
    for words in (*NAMED.values(), FRAME):
        assert {name.removesuffix(".one") for name in words if name.endswith(".one")} <= words.keys()
