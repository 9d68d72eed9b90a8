"""Disks that can be full: a real small one where this process may mount one, a quota elsewhere."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pansori.domain.errors import StorageFull
from pansori.domain.units import Bytes
from pansori.media import LocalStore

QUOTA = "quota"  #: file beside the assets that holds how many bytes they may have
TINY, AMPLE = Bytes(256 * 1024), Bytes(64 * 1024 * 1024)


class QuotaStore(LocalStore):
    """A local store that holds as many bytes as its quota says, if there is one."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self._quota = root.parent / QUOTA

    def put(self, key: str, path: Path) -> None:
        if self._quota.exists():
            held = sum(stored.size for stored in self.objects())
            if held + path.stat().st_size > int(self._quota.read_text()):
                raise StorageFull(os.strerror(errno.ENOSPC))
        super().put(key, path)


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], None]]:
    """Make the store in `folder` one that is full after `TINY` bytes, until what is yielded gives it room."""
    folder.mkdir(parents=True, exist_ok=True)
    if _mount(folder, TINY):
        try:
            yield lambda: _grow(folder)
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
    else:
        quota = folder.parent / QUOTA
        quota.write_text(str(TINY))
        yield quota.unlink


def _mount(folder: Path, size: Bytes) -> bool:
    """A disk in memory. Only Linux's root may, and not in every container."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _grow(folder: Path) -> None:
    subprocess.run(["mount", "-o", f"remount,size={AMPLE}", str(folder)], check=True)
