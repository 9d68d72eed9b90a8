"""What a file goes through before it is stored: power may be cut at any moment."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from pansori.media import LocalStore

fcntl: Any = pytest.importorskip("fcntl")

KEY = "ab/cd/abcdef.flac"
DATA = os.urandom(1024 * 1024 + 5)  # the last bytes stay in a buffer until they are flushed


@dataclass
class Disk:
    """What was asked of the disk, in order: `(what, inode, bytes that the file had then)`."""

    asked: list[tuple[str, int, int]] = field(default_factory=list)

    def note(self, what: str, of: int | str | Path) -> None:
        seen = os.fstat(of) if isinstance(of, int) else Path(of).stat()
        self.asked.append((what, seen.st_ino, seen.st_size))

    def place(self, what: str, path: Path) -> int:
        """When that was asked for `path` first."""
        inode = path.stat().st_ino
        return next(index for index, (asked, number, _) in enumerate(self.asked) if (asked, number) == (what, inode))


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    """The system's own calls, which are noted and then made."""
    disk = Disk()
    fsync, replace, control = os.fsync, os.replace, fcntl.fcntl

    def noted_fsync(descriptor: int) -> None:
        disk.note("flush", descriptor)
        fsync(descriptor)

    def noted_replace(source: str | Path, target: str | Path, **options: Any) -> None:
        disk.note("rename", source)
        replace(source, target, **options)

    def noted_control(descriptor: int, command: int, *arguments: Any) -> Any:
        if command == getattr(fcntl, "F_FULLFSYNC", None):
            disk.note("flush", descriptor)
        return control(descriptor, command, *arguments)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(os, "replace", noted_replace)
    monkeypatch.setattr(fcntl, "fcntl", noted_control)
    return disk


def stored(folder: Path) -> Path:
    """The file under its key, in a new store."""
    source = folder / "source"
    source.write_bytes(DATA)
    LocalStore(folder / "assets").put(KEY, source)
    return folder / "assets" / KEY


def test_a_file_is_on_the_disk_before_it_gets_its_name(disk: Disk, tmp_path: Path) -> None:
    file = stored(tmp_path)
    flushed, renamed = disk.place("flush", file), disk.place("rename", file)
    assert flushed < renamed
    assert disk.asked[flushed][2] == len(DATA), "all bytes have left the program by then"


def test_its_name_is_on_the_disk_before_it_counts_as_stored(disk: Disk, tmp_path: Path) -> None:
    file = stored(tmp_path)
    assert disk.asked[-1][:2] == ("flush", file.parent.stat().st_ino)
    assert disk.place("rename", file) == len(disk.asked) - 2


def test_new_folders_are_on_the_disk_before_anything_is_in_them(disk: Disk, tmp_path: Path) -> None:
    file = stored(tmp_path)
    root, first = file.parents[2], file.parents[1]
    assert disk.place("flush", root) < disk.place("flush", first) < disk.place("rename", file)
