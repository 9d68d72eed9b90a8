"""Assets as files under one folder."""

from __future__ import annotations

import errno
import os
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from pansori.domain.errors import StorageError, Text
from pansori.domain.units import Bytes, Seconds
from pansori.media.stores.base import (
    CHUNK,
    FULL,
    AssetStore,
    Data,
    Part,
    StoredObject,
    check_key,
    is_key,
    missing,
    span,
    storage_full,
)

try:
    import fcntl
except ImportError:  # Windows; `_flush` then has fsync alone
    fcntl = None  # type: ignore[assignment]

INCOMING = ".incoming"  #: where files are written before they get their key; no key begins with a dot


class LocalStore(AssetStore):
    """Files under `root`, which is made where it does not exist."""

    def __init__(self, root: Path) -> None:
        self._root = root.absolute()
        self._incoming = self._root / INCOMING
        with _storage_errors():
            self._incoming.mkdir(parents=True, exist_ok=True)

    def put(self, key: str, path: Path) -> None:
        target = self._path(key)
        temporary = self._incoming / uuid4().hex
        with path.open("rb") as source, _storage_errors():
            try:
                with temporary.open("xb") as copy:
                    shutil.copyfileobj(source, copy, CHUNK)
                    copy.flush()
                    _flush(copy.fileno())
                self._make_folders(target.parent)
                temporary.replace(target)
            except BaseException:
                temporary.unlink(missing_ok=True)
                raise
            _flush_folder(target.parent)

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        first, last = span(start, end, self.size(key))
        return self._chunks(key, first, last)

    def _chunks(self, key: str, start: int, end: int) -> Iterator[bytes]:
        with _storage_errors(key), self._path(key).open("rb", buffering=0) as file:
            file.seek(start)
            while start < end and (chunk := file.read(min(CHUNK, end - start))):
                start += len(chunk)
                yield chunk

    def size(self, key: str) -> Bytes:
        with _storage_errors(key):
            return Bytes(self._path(key).stat().st_size)

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        with _storage_errors():
            self._path(key).unlink(missing_ok=True)

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        """Files that others put there, such as the Finder's `.DS_Store`, are none of ours."""
        for folder, folders, files in os.walk(self._root):
            folders[:] = [name for name in folders if name != INCOMING]
            for name in files:
                path = Path(folder, name)
                key = path.relative_to(self._root).as_posix()
                if key.startswith(prefix) and is_key(key) and (stored := _look(key, path)):
                    yield stored

    def local_path(self, key: str) -> Path:
        path = self._path(key)
        if not path.is_file():
            raise missing(key)
        return path

    def free_space(self) -> Bytes:
        with _storage_errors():
            return Bytes(shutil.disk_usage(self._root).free)

    def sweep_unfinished(self, older_than: Seconds, keep: Collection[str] = ()) -> int:
        before, swept = time.time() - older_than, 0
        kept = {self._unfinished(key).name for key in keep}
        for path in self._incoming.iterdir():
            stored = _look(path.name, path)
            if path.name not in kept and stored and stored.modified.timestamp() <= before:
                path.unlink(missing_ok=True)
                swept += 1
        return swept

    # -- files in parts: one file, written where its parts belong ------------

    def begin(self, key: str) -> str:
        with _storage_errors():
            self._unfinished(key).write_bytes(b"")
        return INCOMING

    def put_part(self, key: str, upload: str, number: int, at: int, data: Data) -> str:
        with _storage_errors(), self._opened(key) as descriptor:
            left = memoryview(data)
            while left:
                written = os.pwrite(descriptor, left, at)
                at, left = at + written, left[written:]
        return ""

    def flush(self, key: str, upload: str) -> None:
        with _storage_errors(), self._opened(key) as descriptor:
            _flush(descriptor)

    def join(self, key: str, upload: str, parts: Sequence[Part], size: int) -> None:
        target = self._path(key)
        with _storage_errors():
            with self._opened(key) as descriptor:
                if (there := os.fstat(descriptor).st_size) < size:
                    raise OSError(errno.EIO, f"only {there} of {size} bytes are there")
                os.ftruncate(descriptor, size)  # what was written last may never have been confirmed
                _flush(descriptor)
            self._make_folders(target.parent)
            self._unfinished(key).replace(target)
            _flush_folder(target.parent)

    def abandon(self, key: str, upload: str) -> None:
        with _storage_errors():
            self._unfinished(key).unlink(missing_ok=True)

    def parts(self, key: str, upload: str) -> None:
        """They are one file."""

    def _unfinished(self, key: str) -> Path:
        return self._incoming / check_key(key).rpartition("/")[2]

    @contextmanager
    def _opened(self, key: str) -> Iterator[int]:
        descriptor = os.open(self._unfinished(key), os.O_WRONLY)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

    # -- paths ------------

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _make_folders(self, folder: Path) -> None:
        """Make them so that they survive a power cut: each is entered in its parent on the disk."""
        if folder.is_dir():
            return
        self._make_folders(folder.parent)
        folder.mkdir(exist_ok=True)
        _flush_folder(folder.parent)


def _look(key: str, path: Path) -> StoredObject | None:
    """None where it went away meanwhile."""
    try:
        seen = path.stat()
    except FileNotFoundError:
        return None
    return StoredObject(key, Bytes(seen.st_size), datetime.fromtimestamp(seen.st_mtime, UTC))


def _flush(descriptor: int) -> None:
    """Onto the disk. macOS's fsync stops at the drive's own cache, so there the stronger call is made first."""
    if hasattr(fcntl, "F_FULLFSYNC"):
        try:
            fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTSUP, errno.EINVAL):  # some network volumes do not know it
                raise
    os.fsync(descriptor)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _storage_errors(key: str = "") -> Iterator[None]:
    """Give the system's errors their names. A file that is not there is `NotFound` where a key was asked for."""
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise storage_full() from error
        if key and isinstance(error, FileNotFoundError):
            raise missing(key) from error
        raise StorageError(
            Text(
                f"The folder of stored files cannot be used: {error.strerror or error}.",
                f"파일을 보관하는 폴더를 쓸 수 없어요: {error.strerror or error}.",
            )
        ) from error
