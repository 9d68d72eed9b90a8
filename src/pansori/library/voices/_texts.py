"""Texts that people write of voices: what may stand in them, and of which form they are kept."""

from __future__ import annotations

import re
from typing import Annotated, Final

from pydantic import AfterValidator, BeforeValidator, StringConstraints
from pydantic_core import PydanticCustomError, PydanticKnownError

from pansori.library._words import NUL
from pansori.media import one_line

NAME_MAX_CHARACTERS: Final = 200
LINE_MAX_CHARACTERS: Final = 2_000
TEXT_MAX_CHARACTERS: Final = 10_000
ROLE_MAX_CHARACTERS: Final = 40
ROLE: Final = r"[^:：,!?…\"“”\r\n]"
"""What a role's name is made of, so that `ROLE: line` can be told from a sentence."""
LANGUAGE: Final = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|[0-9]{3}))?(?:-[a-z0-9]{5,8})?"
)
"""What of BCP 47 names how people speak: language, script, region, variant; 16 characters hold all of that."""


def without_nul(text: object) -> object:
    """As it is. Raises pydantic's error for a NUL character, which no database takes."""
    if isinstance(text, str) and NUL in text:
        raise PydanticCustomError("nul_character", "The text contains a NUL character")
    return text


def filled(text: str) -> str:
    """As it is. Raises pydantic's error for one that is empty, as one of invisible characters is once it is cleaned."""
    if not text:
        raise PydanticKnownError("string_too_short", {"min_length": 1})
    return text


def prose(text: str) -> str:
    """Text of several lines, without what cannot be seen and turns what can be seen around."""
    return "\n".join(map(one_line, text.splitlines())).strip("\n")


def language_tag(tag: str) -> str:
    """`KO-kr` → `ko-KR`, as RFC 5646, section 2.1.1, writes it. Empty: nobody has said."""
    tag = tag.strip().lower().replace("_", "-")
    if not tag:
        return ""
    found = LANGUAGE.fullmatch(tag)
    if found is None or len(tag) > 16:
        raise PydanticCustomError("language_tag", "This has to be a language tag such as ko, en-GB or zh-Hant-TW")
    written = tag
    if found["script"]:
        written = written.replace(f"-{found['script']}", f"-{found['script'].title()}", 1)
    if found["region"]:
        start = found.start("region")
        written = written[:start] + found["region"].upper() + written[start + len(found["region"]) :]
    return written


NoNul = BeforeValidator(without_nul)
Name = Annotated[
    str, NoNul, StringConstraints(max_length=NAME_MAX_CHARACTERS), AfterValidator(one_line), AfterValidator(filled)
]
"""One line that says something."""
ShortText = Annotated[str, NoNul, StringConstraints(max_length=NAME_MAX_CHARACTERS), AfterValidator(one_line)]
Role = Annotated[
    str,
    NoNul,
    StringConstraints(max_length=ROLE_MAX_CHARACTERS, pattern=f"^{ROLE}*$"),
    AfterValidator(one_line),
]
Line = Annotated[
    str, NoNul, StringConstraints(max_length=LINE_MAX_CHARACTERS), AfterValidator(one_line), AfterValidator(filled)
]
LongText = Annotated[str, NoNul, StringConstraints(max_length=TEXT_MAX_CHARACTERS), AfterValidator(prose)]
Language = Annotated[str, NoNul, StringConstraints(max_length=35), AfterValidator(language_tag)]
