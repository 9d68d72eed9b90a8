"""What people type, turned into what the program takes."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from pansori.cli.language import say
from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.domain.media import AudioFormat
from pansori.domain.words import explain
from pansori.lexicon.particles import attach

FILE_MEANT = Text("After @ stands the path of a text file.", "@ 뒤에는 글 파일의 경로를 쓰세요.")


def read_text(value: str, field: str) -> str:
    """`TEXT`, where `\\n` written out is a line's end too; `@FILE`; or `-` for standard input."""
    if value == "-":
        return _decode(sys.stdin.buffer.read(), say("Standard input", "표준 입력"), field)
    if not value.startswith("@"):
        return value.replace("\\n", "\n")
    path = Path(value[1:])
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise NotFound(
            Text(f"There is no file {path}.", f"{path} 파일이 없어요."),
            field=field,
            cure=FILE_MEANT,
        ) from error
    except OSError as error:
        raise InvalidRequest(
            Text(f"{path} cannot be read: {error.strerror}.", f"{path} 파일을 읽을 수 없어요: {error.strerror}."),
            field=field,
            cure=FILE_MEANT,
        ) from error
    return _decode(content, str(path), field)


def _decode(content: bytes, name: str, field: str) -> str:
    """UTF-8, with or without its mark; else CP949, in which older Korean files are written."""
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise InvalidRequest(
        Text(f"{name} is not text.", f"{attach(name, '은/는')} 글이 아니에요."),
        field=field,
        cure=Text("Save it as UTF-8.", "UTF-8로 저장하세요."),
    )


def read_options(assignments: list[str]) -> dict[str, Any]:
    """`name=value` pairs; a value that reads as JSON is that, any other is text. Validated later, by the engine."""
    options: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise InvalidRequest(
                Text(f"“{assignment}” is not name=value.", f"{attach(f'“{assignment}”', '은/는')} 이름=값이 아니에요."),
                field="set",
                cure="pansori engines --json",
            )
        try:
            options[name.strip()] = json.loads(value)
        except json.JSONDecodeError:
            options[name.strip()] = value
    return options


def choose_format(asked: AudioFormat | None, output: Path | None, *, is_option: bool = True) -> AudioFormat:
    """The format asked for, or the one the file's name ends in, or MP3. `is_option`: the command has a --format.

    Raises where the two disagree, and where nothing is asked for and the ending names no format.
    """
    ending = output.suffix.removeprefix(".").lower() if output is not None else ""
    named = AudioFormat(ending) if ending in set(AudioFormat) else None
    if asked is not None and named is not None and asked is not named:
        raise InvalidRequest(
            Text(f"--format {asked} and a file ending in .{named}.", f"--format {asked}인데 파일은 .{named}이에요."),
            field="format",
            cure=Text("Leave one of them out.", "둘 중 하나를 빼세요."),
        )
    if ending and not (asked or named):
        raise InvalidRequest(
            Text(f"There is no format “{ending}”.", f"{attach(f'“{ending}”', '이라/라')}는 형식은 없어요."),
            field="output",
            cure=_endings(is_option),
        )
    return asked or named or AudioFormat.MP3


def _endings(is_option: bool) -> Text:
    all_of_them = f".{', .'.join(AudioFormat)}"
    if not is_option:
        return Text(f"Let the file end in one of: {all_of_them}.", f"다음 중 하나로 끝나게 하세요: {all_of_them}")
    return Text(
        f"Let the file end in {all_of_them}, or choose a --format.",
        f"{all_of_them} 중 하나로 끝나게 하거나 --format을 고르세요.",
    )


def invalid(error: ValidationError, *, argument: str = "") -> InvalidRequest:
    """The first thing that a model refused, as one of our own errors. `argument`: the field that is no option but the
    command's argument."""
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"]) or "task"
    words = explain(first["type"], first["msg"], first.get("ctx", {}))
    typed = field.upper() if field == argument else f"--{field.replace('_', '-')}"
    return InvalidRequest(Text(f"{typed}: {words.en}", f"{typed}: {words.ko}"), field=field)
