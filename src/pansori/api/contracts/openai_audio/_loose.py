"""A file that comes and is looked at once: it lies in a scratch folder, and is nobody's."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Final

from pansori.domain.units import Bytes
from pansori.media import FULL, file_too_large, storage_full

NAME: Final = "sent"  #: whatever the client calls it


class Loose:
    """Its bytes, counted. Everything raises `MediaTooLarge` over `limit` bytes, `StorageFull`."""

    def __init__(self, folder: Path, limit: Bytes, expected: int | None = None) -> None:
        if expected is not None and expected > limit:
            raise file_too_large(limit)
        self._path = folder / NAME
        self._limit = limit
        self._size = 0
        self._file = self._path.open("wb")

    @property
    def size(self) -> Bytes:
        return Bytes(self._size)

    def write(self, data: bytes | memoryview) -> None:
        self._size += len(data)
        if self._size > self._limit:
            raise file_too_large(self._limit)
        try:
            self._file.write(data)
        except OSError as error:
            if error.errno in FULL:
                raise storage_full() from error
            raise

    def finish(self) -> Path:
        self._file.close()
        return self._path

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
