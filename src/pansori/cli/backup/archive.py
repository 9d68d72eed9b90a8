"""The archive: a tar file of plain members, in this order.

`pansori.json` says what it is. `tables/<name>.jsonl` are the rows, as they were in one moment. `files/<key>` are the
files of those rows. `end.json` says that it is whole, and which files it lacks.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from pansori.domain.errors import InvalidRequest, Text
from pansori.lexicon.particles import attach

FORMAT = 1
HEADER, END = "pansori.json", "end.json"
TABLES, FILES = "tables/", "files/"
LONGEST_NOTE = 64 * 1024 * 1024  #: bytes of `pansori.json` and `end.json`
LONGEST_ROW = 64 * 1024 * 1024


class TableNote(BaseModel):
    """What a table's member holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    rows: int
    size: int
    sha256: str


class Header(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int
    version: str
    """Of the program that has written it."""
    revision: str
    """Of the database."""
    made_at: str
    tables: list[TableNote]
    files: int
    size: int
    """Bytes of all files."""


class End(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    files: int
    gone: list[str]
    """Ids of assets that were deleted while the archive was written, or whose file was missing or damaged."""


def read_note(kind: type[BaseModel], text: bytes, file: Path) -> BaseModel:
    """Raises `InvalidRequest`."""
    try:
        return kind.model_validate_json(text)
    except ValidationError as error:
        raise no_backup(file, f"{error.error_count()} fields") from error


def no_backup(file: Path, reason: str) -> InvalidRequest:
    return InvalidRequest(
        Text(
            f"{file} is no whole backup: {reason}.", f"{attach(str(file), '은/는')} 온전한 백업이 아니에요: {reason}."
        ),
        field="file",
        cure=Text("Nothing was restored. Take another archive.", "복원한 것은 없어요. 다른 파일로 해 보세요."),
    )
