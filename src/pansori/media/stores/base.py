"""What every asset store does, whatever is behind it: files, memory, objects in S3."""

from __future__ import annotations

import errno
import re
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar

from pansori.domain.errors import NotFound, StorageFull, Text
from pansori.domain.units import Bytes, Seconds
from pansori.lexicon.particles import attach

CHUNK = Bytes(1024 * 1024)
ENOUGH_SPACE = Bytes(64 * 1024 * 1024)
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})  #: of the system's errors, those that lack of space causes
KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
KEY_MAX_CHARACTERS = 255
Data = bytes | bytearray | memoryview
ASSET_KEY = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\.[a-z0-9]+")


@dataclass(frozen=True)
class StoredObject:
    key: str
    size: Bytes
    modified: datetime  #: UTC, aware


@dataclass(frozen=True)
class Part:
    """A part of a file that comes in several. `number` counts from 1; `tag`: what the store answered to its bytes."""

    number: int
    tag: str
    size: Bytes


class AssetStore(ABC):
    """Bytes under keys such as `ab/cd/<id>.flac`. Keys are made by the server; `ValueError` on any that it would
    not make. Safe to use from several threads and processes at once.

    Failures are `StorageFull` where space or a quota is the cause, `StorageError` otherwise, `NotFound` where the
    key holds nothing.
    """

    exclusive: ClassVar[bool] = True
    """Nobody else keeps anything here, so what no row knows of may go by itself."""

    takes_any_part: ClassVar[bool] = True
    """Parts may have any size and come in any pieces. Else all of a file's parts but the last have one size."""

    @abstractmethod
    def put(self, key: str, path: Path) -> None:
        """Store the file's bytes. Readers see all of them or none, after a power cut too; what the key held before
        is replaced. Nothing is left behind on failure."""

    @abstractmethod
    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` up to, not including, `end` in chunks of at most 1 MiB. Past the end there are none."""

    @abstractmethod
    def size(self, key: str) -> Bytes: ...

    @abstractmethod
    def exists(self, key: str) -> bool: ...

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget the key; no error where it holds nothing."""

    @abstractmethod
    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """All that is stored whole, in no order. What comes or goes meanwhile may or may not be seen."""

    @abstractmethod
    def local_path(self, key: str) -> Path | None:
        """The file itself, to be read only. None: this store has no files."""

    @abstractmethod
    def free_space(self) -> Bytes | None:
        """None: not limited, or not known."""

    @abstractmethod
    def sweep_unfinished(self, older_than: Seconds, keep: Collection[str] = ()) -> int:
        """Remove what writers that died have left, untouched for this long; how many were removed. `keep`: keys of
        files in parts that somebody may go on with."""

    # -- files in parts ------------

    @abstractmethod
    def begin(self, key: str) -> str:
        """Begin a file that comes in parts; nobody sees it before it is joined. Returns by what the store knows it."""

    @abstractmethod
    def put_part(self, key: str, upload: str, number: int, at: int, data: Data) -> str:
        """Keep a part, whose first byte is the file's byte `at`. Returns its tag; empty where the store needs none. A
        part that was put before is replaced. Other threads may put other parts meanwhile."""

    @abstractmethod
    def flush(self, key: str, upload: str) -> None:
        """See that the parts that were put survive a power cut."""

    @abstractmethod
    def join(self, key: str, upload: str, parts: Sequence[Part], size: int) -> None:
        """Make one file of the parts, which have `size` bytes together, as `put` does."""

    @abstractmethod
    def abandon(self, key: str, upload: str) -> None:
        """Forget the parts; no error where there are none."""

    @abstractmethod
    def parts(self, key: str, upload: str) -> list[Part] | None:
        """Those that are there, by number. None: this store does not tell."""

    def part_url(self, key: str, upload: str, number: int, expires: Seconds) -> str | None:
        """A URL to which whoever has it PUTs the part, for so many seconds. None: this store cannot."""
        return None

    def put_bytes(self, key: str, data: bytes) -> None:
        """Store a small file, as `put` does."""
        upload = self.begin(key)
        try:
            self.put_part(key, upload, 1, 0, data)
            self.join(key, upload, (), len(data))
        except BaseException:
            self.abandon(key, upload)
            raise

    def signed_url(self, key: str, expires: Seconds, *, disposition: str = "", media_type: str = "") -> str | None:
        """A URL at which the store itself gives the bytes to whoever has it, for so many seconds. None: it cannot.

        `disposition`, `media_type`: the answer's Content-Disposition and Content-Type. Nothing is asked of the store.
        """
        return None

    def keys(self, prefix: str = "") -> Iterator[str]:
        return (stored.key for stored in self.objects(prefix))

    def check_space(self, needed: Bytes = ENOUGH_SPACE) -> None:
        """Raises `StorageFull` where fewer bytes are free."""
        free = self.free_space()
        if free is not None and free < needed:
            raise storage_full()


def is_key(key: str) -> bool:
    return len(key) <= KEY_MAX_CHARACTERS and KEY.fullmatch(key) is not None


def is_asset_key(key: str) -> bool:
    """Whether `Assets` makes such keys."""
    return ASSET_KEY.fullmatch(key) is not None


def check_key(key: str) -> str:
    if not is_key(key):
        raise ValueError(f"not a key: {key!r}")
    return key


def span(start: int, end: int | None, size: int) -> tuple[int, int]:
    """The part of `size` bytes that was asked for. `ValueError` where the borders are negative or crossed."""
    if start < 0 or (end is not None and end < start):
        raise ValueError(f"not a range: {start}..{end}")
    return min(start, size), size if end is None else min(end, size)


def missing(key: str) -> NotFound:
    return NotFound(Text(f"There is no stored file {key}.", f"저장된 파일 {attach(key, '이/가')} 없어요."))


def storage_full() -> StorageFull:
    return StorageFull(
        Text("No space is left where files are kept.", "파일을 보관하는 곳에 남은 공간이 없어요."),
        cure=Text(
            "Free some space or delete songs you no longer need.", "공간을 비우거나 필요 없는 노래를 지워 주세요."
        ),
    )
