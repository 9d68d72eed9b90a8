"""One suite for every asset store."""

from __future__ import annotations

import os
import resource
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pansori.domain.errors import NotFound, StorageError, StorageFull
from pansori.domain.units import Bytes, Seconds
from pansori.media import AssetStore, LocalStore, MemoryStore, Part
from support.s3 import SMALL_BUCKET, S3Server

KEY = "ab/cd/abcdef.flac"
ASSET_KEY = "ab/cd/00000000-0000-4000-8000-000000000001.bin"
MEBIBYTE = 1024 * 1024
BORDER = 100_000  #: between parts


def write(folder: Path, data: bytes, name: str = "source") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


class StoreSuite(ABC):
    """What every store keeps to. Inherit it and make one."""

    @pytest.fixture
    @abstractmethod
    def store(self, tmp_path: Path) -> AssetStore: ...

    @contextmanager
    @abstractmethod
    def full_at(self, store: AssetStore, size: int) -> Iterator[AssetStore]:
        """The store, or one like it, that cannot take `size` bytes."""

    @abstractmethod
    def leftovers(self, store: AssetStore) -> list[str]:
        """What is there beside stored objects."""

    def test_what_was_put_is_read(self, store: AssetStore, tmp_path: Path) -> None:
        data = os.urandom(3 * MEBIBYTE + 17)
        store.put(KEY, write(tmp_path, data))
        chunks = list(store.read(KEY))
        assert b"".join(chunks) == data
        assert max(map(len, chunks)) <= MEBIBYTE
        assert store.size(KEY) == len(data)
        assert store.exists(KEY)
        assert not self.leftovers(store)

    def test_the_source_may_change_afterwards(self, store: AssetStore, tmp_path: Path) -> None:
        source = write(tmp_path, b"first")
        store.put(KEY, source)
        source.write_bytes(b"other")
        assert b"".join(store.read(KEY)) == b"first"

    def test_an_empty_file(self, store: AssetStore, tmp_path: Path) -> None:
        store.put(KEY, write(tmp_path, b""))
        assert list(store.read(KEY)) == []
        assert store.size(KEY) == 0

    def test_any_part_is_read(self, store: AssetStore, tmp_path: Path) -> None:
        data = bytes(range(10))
        store.put(KEY, write(tmp_path, data))
        for start in range(13):
            for end in (None, *range(start, 13)):
                assert b"".join(store.read(KEY, start, end)) == data[start:end]

    def test_a_part_across_chunks(self, store: AssetStore, tmp_path: Path) -> None:
        data = os.urandom(2 * MEBIBYTE + 5)
        store.put(KEY, write(tmp_path, data))
        assert b"".join(store.read(KEY, 7, MEBIBYTE + 9)) == data[7 : MEBIBYTE + 9]

    @pytest.mark.parametrize(("start", "end"), [(-1, None), (5, 4), (0, -1)])
    def test_senseless_parts(self, store: AssetStore, tmp_path: Path, start: int, end: int | None) -> None:
        store.put(KEY, write(tmp_path, b"data"))
        with pytest.raises(ValueError, match="not a range"):
            store.read(KEY, start, end)

    def test_putting_again_replaces(self, store: AssetStore, tmp_path: Path) -> None:
        store.put(KEY, write(tmp_path, b"old and longer"))
        store.put(KEY, write(tmp_path, b"new"))
        assert b"".join(store.read(KEY)) == b"new"

    def test_readers_see_one_version_whole(self, store: AssetStore, tmp_path: Path) -> None:
        versions = [bytes([letter]) * MEBIBYTE for letter in b"ABCD"]
        sources = [write(tmp_path, data, str(index)) for index, data in enumerate(versions)]
        store.put(KEY, sources[0])

        def replace() -> None:
            for source in sources * 5:
                store.put(KEY, source)

        writer = threading.Thread(target=replace)
        writer.start()
        try:
            while writer.is_alive():
                assert b"".join(store.read(KEY)) in versions
        finally:
            writer.join()

    def test_what_is_not_there(self, store: AssetStore) -> None:
        assert not store.exists(KEY)
        for ask in (store.read, store.size, store.local_path):
            with pytest.raises(NotFound):
                ask(KEY)

    def test_deleting_twice(self, store: AssetStore, tmp_path: Path) -> None:
        store.put(KEY, write(tmp_path, b"data"))
        store.delete(KEY)
        store.delete(KEY)
        assert not store.exists(KEY)
        assert list(store.keys()) == []

    def test_listing(self, store: AssetStore, tmp_path: Path) -> None:
        source = write(tmp_path, b"data")
        for key in ("aa/bb/1.txt", "aa/cc/2.txt", "bb/bb/3"):
            store.put(key, source)
        assert sorted(store.keys()) == ["aa/bb/1.txt", "aa/cc/2.txt", "bb/bb/3"]
        assert sorted(store.keys("aa/")) == ["aa/bb/1.txt", "aa/cc/2.txt"]
        assert {stored.size for stored in store.objects()} == {4}
        assert all(stored.modified.tzinfo for stored in store.objects())

    @pytest.mark.parametrize(
        "key",
        ["", "/etc/passwd", "../up", "a/../b", "a//b", "a/.hidden", "a/b/", "a\\b", "a\0b", "가/나", "x" * 256, "a\n"],
    )
    def test_keys_that_no_server_makes(self, store: AssetStore, tmp_path: Path, key: str) -> None:
        source = write(tmp_path, b"data")
        for use in (lambda: store.put(key, source), lambda: store.read(key), lambda: store.delete(key)):
            with pytest.raises(ValueError, match="not a key"):
                use()

    def test_a_full_store_says_so_and_keeps_what_it_had(self, store: AssetStore, tmp_path: Path) -> None:
        small, large = write(tmp_path, b"old", "small"), write(tmp_path, b"x" * MEBIBYTE, "large")
        with self.full_at(store, MEBIBYTE) as full:
            full.put(KEY, small)
            for _ in range(2):
                with pytest.raises(StorageFull) as caught:
                    full.put(KEY, large)
                assert caught.value.retryable
            assert b"".join(full.read(KEY)) == b"old"
            assert not self.leftovers(full)

    def test_free_space(self, store: AssetStore) -> None:
        store.check_space(Bytes(1))
        free = store.free_space()
        if free is not None:
            with pytest.raises(StorageFull):
                store.check_space(Bytes(free * 1000))

    # -- files in parts ------------

    def test_parts_become_a_file_in_whatever_order_they_came(self, store: AssetStore) -> None:
        data = os.urandom(3 * BORDER - 7)
        upload = store.begin(ASSET_KEY)
        parts = [(number, at, data[at : at + BORDER]) for number, at in enumerate(range(0, len(data), BORDER), 1)]
        put = {
            number: Part(number, store.put_part(ASSET_KEY, upload, number, at, part), Bytes(len(part)))
            for number, at, part in reversed([*parts, parts[1]])
        }
        store.flush(ASSET_KEY, upload)
        assert not store.exists(ASSET_KEY)
        listed = store.parts(ASSET_KEY, upload)
        assert listed is None or listed == [put[number] for number in sorted(put)]
        store.join(ASSET_KEY, upload, [put[number] for number in sorted(put)], len(data))
        assert b"".join(store.read(ASSET_KEY)) == data
        assert not self.leftovers(store)

    def test_parts_given_up(self, store: AssetStore) -> None:
        upload = store.begin(ASSET_KEY)
        store.put_part(ASSET_KEY, upload, 1, 0, b"data")
        store.abandon(ASSET_KEY, upload)
        store.abandon(ASSET_KEY, upload)
        assert not store.exists(ASSET_KEY)
        with pytest.raises((StorageError, KeyError)):
            store.put_part(ASSET_KEY, upload, 2, 4, b"more")

    def test_parts_that_somebody_goes_on_with_are_not_swept(self, store: AssetStore) -> None:
        upload = store.begin(ASSET_KEY)
        part = Part(1, store.put_part(ASSET_KEY, upload, 1, 0, b"data"), Bytes(4))
        assert store.sweep_unfinished(Seconds(-60.0), keep=[ASSET_KEY]) == 0
        store.join(ASSET_KEY, upload, [part], 4)
        assert b"".join(store.read(ASSET_KEY)) == b"data"

    @pytest.mark.parametrize("size", [0, 1, MEBIBYTE])
    def test_bytes_are_put_like_files(self, store: AssetStore, size: int) -> None:
        data = os.urandom(size)
        store.put_bytes(KEY, data)
        assert b"".join(store.read(KEY)) == data
        assert not self.leftovers(store)

    def test_a_missing_source_stores_nothing(self, store: AssetStore, tmp_path: Path) -> None:
        with pytest.raises(FileNotFoundError):
            store.put(KEY, tmp_path / "absent")
        assert not store.exists(KEY)
        assert not self.leftovers(store)


class TestMemoryStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> AssetStore:
        return MemoryStore()

    @contextmanager
    def full_at(self, store: AssetStore, size: int) -> Iterator[AssetStore]:
        yield MemoryStore(capacity=Bytes(size - 1))

    def leftovers(self, store: AssetStore) -> list[str]:
        return []


class TestS3Store(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path, s3_server: S3Server) -> AssetStore:
        self._server = s3_server
        return s3_server.store()

    @contextmanager
    def full_at(self, store: AssetStore, size: int) -> Iterator[AssetStore]:
        yield self._server.store(SMALL_BUCKET)

    def leftovers(self, store: AssetStore) -> list[str]:
        return []


class TestLocalStore(StoreSuite):
    @pytest.fixture
    def store(self, tmp_path: Path) -> AssetStore:
        return LocalStore(tmp_path / "assets")

    @contextmanager
    def full_at(self, store: AssetStore, size: int) -> Iterator[AssetStore]:
        """The kernel's limit on file sizes ends a write as a full disk does, without one."""
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size // 2, before[1]))
        try:
            yield store
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    def leftovers(self, store: AssetStore) -> list[str]:
        root = store.local_path(KEY).parents[2] if store.exists(KEY) else None  # type: ignore[union-attr]
        return [] if root is None else [path.name for path in (root / ".incoming").iterdir()]

    def test_the_file_itself_can_be_served(self, store: AssetStore, tmp_path: Path) -> None:
        store.put(KEY, write(tmp_path, b"data"))
        path = store.local_path(KEY)
        assert path == tmp_path / "assets" / KEY
        assert path.read_bytes() == b"data"

    def test_a_reader_keeps_what_it_opened(self, store: AssetStore, tmp_path: Path) -> None:
        data = os.urandom(3 * MEBIBYTE)
        store.put(KEY, write(tmp_path, data))
        reader = store.read(KEY)
        first = next(iter(reader))
        store.delete(KEY)
        assert first + b"".join(reader) == data

    def test_unfinished_files_are_swept_when_they_are_old(self, store: AssetStore, tmp_path: Path) -> None:
        died = write(tmp_path / "assets" / ".incoming", b"half", "0123")
        assert list(store.keys()) == []
        assert store.sweep_unfinished(Seconds(60.0)) == 0
        os.utime(died, (0, 0))
        assert store.sweep_unfinished(Seconds(60.0)) == 1
        assert not died.exists()

    def test_files_of_others_are_left_alone(self, store: AssetStore, tmp_path: Path) -> None:
        theirs = write(tmp_path / "assets", b"the Finder's", ".DS_Store")
        store.put(KEY, write(tmp_path, b"data"))
        assert list(store.keys()) == [KEY]
        assert theirs.exists()

    def test_a_folder_that_cannot_be_made(self, tmp_path: Path) -> None:
        file = write(tmp_path, b"in the way", "file")
        with pytest.raises(StorageError):
            LocalStore(file / "assets")

    def test_a_folder_in_the_way_of_a_key(self, store: AssetStore, tmp_path: Path) -> None:
        source = write(tmp_path, b"data")
        store.put("aa/bb", source)
        with pytest.raises(StorageError):
            store.put("aa/bb/cc", source)
        assert list((tmp_path / "assets" / ".incoming").iterdir()) == []
