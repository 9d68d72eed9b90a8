"""Scripts as plain text: a line each, and whose it is before a colon.

    하니: 산새가 운다
    여러분, 여기 보세요
    : 주의: 이 줄은 누구의 것도 아니에요

Empty lines are passed over. A line that only looks as if somebody spoke it begins with a colon.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from typing import Final

from pydantic import ValidationError

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.words import explain
from pansori.library.voices._models import MOST_LINES, ScriptLine
from pansori.library.voices._texts import ROLE, ROLE_MAX_CHARACTERS
from pansori.media import one_line

SPOKEN: Final = re.compile(rf"(?P<role>{ROLE}{{0,{ROLE_MAX_CHARACTERS}}}?)\s*[:：]\s+(?P<text>.*)")
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
ENCODINGS: Final = ("utf-8", "cp949")  #: the second is what Korean Windows has saved for decades


def decoded(content: bytes) -> str:
    """The text of a file. Raises `InvalidRequest` where it is none."""
    marked = [encoding for mark, encoding in MARKS if content.startswith(mark)]
    for encoding in marked or ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise InvalidRequest(
        Text("This is not a text file.", "텍스트 파일이 아니에요."),
        field="text",
        cure=Text("Save it as plain text in UTF-8.", "UTF-8 텍스트로 저장해 주세요."),
    )


def parse(text: str) -> list[ScriptLine]:
    """The lines that a text has. Raises `InvalidRequest` naming the line that cannot be one, or where there are too
    many."""
    found: list[ScriptLine] = []
    for number, written in enumerate(text.splitlines(), 1):
        line = one_line(written)
        if not line:
            continue
        if len(found) == MOST_LINES:
            raise _refused(
                Text(f"A script has at most {MOST_LINES} lines.", f"대본은 {MOST_LINES}줄까지 쓸 수 있어요.")
            )
        spoken = SPOKEN.fullmatch(line)
        parts = spoken.groupdict() if spoken else {"role": "", "text": line}
        found.append(_line(number, parts["role"], parts["text"]))
    return found


def write(lines: Iterable[ScriptLine]) -> str:
    """What `parse` reads as the same lines, but for their actors, which plain text does not name."""
    return "".join(f"{_written(line)}\n" for line in lines)


def _written(line: ScriptLine) -> str:
    if line.role or SPOKEN.fullmatch(line.text):
        return f"{line.role}: {line.text}"
    return line.text


def _line(number: int, role: str, text: str) -> ScriptLine:
    try:
        return ScriptLine(role=role.strip(), text=text)
    except ValidationError as error:
        first = error.errors()[0]
        words = explain(first["type"], first["msg"], first.get("ctx", {}))
        raise _refused(Text(f"Line {number}: {words.en}", f"{number}번째 줄: {words.ko}")) from error


def _refused(words: Text) -> InvalidRequest:
    return InvalidRequest(words, field="text")
