"""Where finished files go, and what they are called."""

from __future__ import annotations

import errno
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from pansori.domain.errors import StorageError, Text

NAME_MAX_BYTES = 120  #: far below what any file system allows, with room for a number and an ending
_UNSAFE = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]+')


def file_name(title: str) -> str:
    """`title` as a file's name on every system, without an ending; never empty."""
    plain = " ".join(_UNSAFE.sub(" ", unicodedata.normalize("NFC", title)).split()).strip(". ")
    encoded = plain.encode()[:NAME_MAX_BYTES]
    return encoded.decode(errors="ignore").strip() or "song"


def target(output: Path | None, as_folder: bool, title: str, ending: str) -> Path:
    """The path to write: `output` itself, or, in a folder, a name after the title that is not taken yet."""
    if output is not None and not as_folder:
        return output
    folder = output if output is not None else Path()
    return next(path for path in _candidates(folder, file_name(title), ending) if not path.exists())


def _candidates(folder: Path, stem: str, ending: str) -> Iterator[Path]:
    yield folder / f"{stem}.{ending}"
    number = 2
    while True:
        yield folder / f"{stem} {number}.{ending}"
        number += 1


def check(path: Path) -> None:
    """Raises `StorageError` where `path` could not be written: to be asked before long work, and changing nothing."""
    nearest = next(parent for parent in path.absolute().parents if parent.exists())
    if not nearest.is_dir():
        raise _unwritable(path, os.strerror(errno.ENOTDIR))
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise _unwritable(path, os.strerror(errno.EACCES))


def _unwritable(path: Path, reason: str | None) -> StorageError:
    return StorageError(
        Text(f"{path} cannot be written: {reason}.", f"{path}에 쓸 수 없어요: {reason}."),
        field="output",
        cure=Text("Choose another place.", "다른 곳을 고르세요."),
    )


def write(chunks: Iterator[bytes], path: Path) -> None:
    """Write the whole file or none of it. Raises `StorageError` naming the path."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".pansori-", delete=False) as part:
            try:
                for chunk in chunks:
                    part.write(chunk)
                part.close()
                Path(part.name).chmod(0o644)
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        raise _unwritable(path, error.strerror) from error
