"""How much memory a process takes more than before."""

from __future__ import annotations

import re
from pathlib import Path

from support.services import ps


class Memory:
    """Of the process, from now on."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._notes = Path(f"/proc/{pid}")
        if self._notes.exists():
            (self._notes / "clear_refs").write_text("5")  # proc(5): the peak begins anew
        self._before = self._look("VmRSS")

    def taken(self) -> int:
        """Bytes more, at most; where the system notes no peaks, now."""
        return self.peak() - self._before

    def peak(self) -> int:
        """Bytes that all of the process takes."""
        return self._look("VmHWM")

    def _look(self, name: str) -> int:
        if not self._notes.exists():
            return int(ps("-o", "rss=", "-p", str(self._pid))) * 1024
        found = re.search(rf"^{name}:\s+(\d+) kB$", (self._notes / "status").read_text(), re.MULTILINE)
        assert found is not None
        return int(found[1]) * 1024
