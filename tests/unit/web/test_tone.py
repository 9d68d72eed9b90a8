"""How the pages speak: short, calm, and Korean that was written and not translated."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pansori.domain.errors import Text
from pansori.web import frame
from pansori.web.measures import TIMES
from pansori.web.pages import PAGES, wrong
from pansori.web.words import FRAME, SECTIONS, STAGES, Words

TEMPLATES = Path(frame.__file__).parent / "templates"
SOURCES = Path(frame.__file__).parents[1]
CATALOGUES: dict[str, Words] = {
    "frame": FRAME,
    "stages": STAGES,
    "sections": SECTIONS,
    "times": TIMES,
    "wrong": wrong.WORDS,
    **{page.__name__.rpartition(".")[2]: getattr(page, "WORDS", {}) for page in PAGES},
}
EXCITED = re.compile(r"!|\b(?:oops|uh-oh|sorry|please)\b|앗|이런[,!]|죄송", re.IGNORECASE)
STIFF = re.compile(r"(?:니다|시오|십시오|하라|한다)(?=[.\s”)]|$)")
GUESSED = re.compile(r"\((?:이|가|을|를|은|는|으로|로|와|과|이라|라)\)|을/를|이/가|은/는")
BARE = re.compile(r"\{\w+\}[”’)\]]?(?:을|를|이|가|은|는|으로|와|과)(?=[\s.,]|$)")
"""A particle that was fixed while what stands before it changes; `{title|을/를}` is one that fits."""
LITERAL = {"field_prompt_hint"}  #: tells what braces mean
NOT_NEEDED = re.compile(r"\{(?:n|seconds|running|waiting|used|most|minutes|hours|days|size|time|number|count)\}")
EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")


def texts() -> Iterator[tuple[str, Text]]:
    for catalogue, words in CATALOGUES.items():
        for name, text in words.items():
            yield f"{catalogue}.{name}", text


def test_there_are_words_to_read() -> None:
    assert len(list(texts())) > 200


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_nothing_is_shouted_and_nobody_is_sorry(catalogue: str) -> None:
    found = {name: text for name, text in CATALOGUES[catalogue].items() if EXCITED.search(text.en + " " + text.ko)}
    assert found == {}


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_korean_is_spoken_as_one_speaks_to_guests(catalogue: str) -> None:
    found = {name: text.ko for name, text in CATALOGUES[catalogue].items() if STIFF.search(text.ko)}
    assert found == {}


@pytest.mark.parametrize("catalogue", CATALOGUES)
def test_particles_fit_whatever_stands_before_them(catalogue: str) -> None:
    found = {}
    for name, text in CATALOGUES[catalogue].items():
        spoken = re.sub(r"\{\w+\|[^}]*\}", "", text.ko)
        if name not in LITERAL and (GUESSED.search(spoken) or BARE.search(NOT_NEEDED.sub("", spoken))):
            found[name] = text.ko
    assert found == {}


def test_nothing_that_is_said_leaves_the_particle_to_the_reader() -> None:
    found = [
        f"{file}: {match[0]}"
        for file in SOURCES.rglob("*.py")
        for match in re.finditer(
            r".*(?:은\(는\)|이\(가\)|을\(를\)|과\(와\)|\(으\)로|\(이\)라).*", file.read_text(encoding="utf-8")
        )
    ]
    assert found == []


def test_no_picture_stands_for_a_word() -> None:
    assert [name for name, text in texts() if EMOJI.search(text.en + text.ko)] == []
    for file in TEMPLATES.glob("*.html"):
        assert not EMOJI.search(file.read_text(encoding="utf-8")), file.name


def test_templates_leave_words_to_the_catalogues() -> None:
    """Hangul in a template would be shown to everybody: only the languages have their own names."""
    for file in TEMPLATES.glob("*.html"):
        plain = re.sub(r"\{#.*?#\}", "", file.read_text(encoding="utf-8"), flags=re.DOTALL)
        assert set(re.findall(r"[가-힣]+", plain)) <= {"한국어", "한"}, file.name
