"""Hashes of files of which more may come."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any, Final
from uuid import UUID

REMEMBERED: Final = 200  #: uploads; who comes late is read back from the store


class Digests:
    """Of what this process has seen of uploads, each from its first byte on."""

    def __init__(self) -> None:
        self._known: OrderedDict[UUID, tuple[int, Any]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, upload_id: UUID, position: int, digest: Any) -> None:
        with self._lock:
            self._known[upload_id] = (position, digest)
            while len(self._known) > REMEMBERED:
                self._known.popitem(last=False)

    def take(self, upload_id: UUID, position: int) -> Any:
        """That of the bytes up to `position`; it is forgotten here. None: this process has not seen all of them."""
        with self._lock:
            known = self._known.pop(upload_id, None)
        return known[1] if known is not None and known[0] == position else None
