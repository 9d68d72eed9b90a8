"""Assets in memory: the twin of the real stores, gone with its process."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pansori.domain.units import Bytes, Seconds
from pansori.media.stores.base import (
    CHUNK,
    AssetStore,
    Data,
    Part,
    StoredObject,
    check_key,
    missing,
    span,
    storage_full,
)


@dataclass(frozen=True)
class _Held:
    data: bytes
    modified: datetime


class MemoryStore(AssetStore):
    """Holds up to `capacity` bytes; None: as many as there is memory for."""

    def __init__(self, capacity: Bytes | None = None) -> None:
        self._capacity = capacity
        self._held: dict[str, _Held] = {}
        self._unfinished: dict[str, bytearray] = {}
        self._lock = threading.Lock()

    def put(self, key: str, path: Path) -> None:
        check_key(key)
        self._keep(key, path.read_bytes())

    def _keep(self, key: str, data: bytes) -> None:
        held = _Held(data, datetime.now(UTC))
        with self._lock:
            others = sum(len(other.data) for name, other in self._held.items() if name != key)
            if self._capacity is not None and others + len(held.data) > self._capacity:
                raise storage_full()
            self._held[key] = held

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        data = self._get(key).data
        first, last = span(start, end, len(data))
        return (data[at : min(at + CHUNK, last)] for at in range(first, last, CHUNK))

    def size(self, key: str) -> Bytes:
        return Bytes(len(self._get(key).data))

    def exists(self, key: str) -> bool:
        with self._lock:
            return check_key(key) in self._held

    def delete(self, key: str) -> None:
        with self._lock:
            self._held.pop(check_key(key), None)

    def objects(self, prefix: str = "") -> Iterator[StoredObject]:
        with self._lock:
            held = list(self._held.items())
        return (StoredObject(key, Bytes(len(one.data)), one.modified) for key, one in held if key.startswith(prefix))

    def local_path(self, key: str) -> None:
        self._get(key)

    def free_space(self) -> Bytes | None:
        if self._capacity is None:
            return None
        with self._lock:
            return Bytes(self._capacity - sum(len(held.data) for held in self._held.values()))

    def sweep_unfinished(self, older_than: Seconds, keep: Collection[str] = ()) -> int:
        """Nothing outlives its writer here."""
        return 0

    def begin(self, key: str) -> str:
        with self._lock:
            self._unfinished[check_key(key)] = bytearray()
        return "memory"

    def put_part(self, key: str, upload: str, number: int, at: int, data: Data) -> str:
        with self._lock:
            file = self._unfinished[key]
            file.extend(bytes(max(0, at - len(file))))
            file[at : at + len(data)] = data
        return ""

    def flush(self, key: str, upload: str) -> None:
        """Nothing here survives anything."""

    def join(self, key: str, upload: str, parts: Sequence[Part], size: int) -> None:
        with self._lock:
            data = bytes(self._unfinished[key][:size])
        self._keep(key, data)
        self.abandon(key, upload)

    def abandon(self, key: str, upload: str) -> None:
        with self._lock:
            self._unfinished.pop(key, None)

    def parts(self, key: str, upload: str) -> None:
        """They are one piece."""

    def _get(self, key: str) -> _Held:
        with self._lock:
            held = self._held.get(check_key(key))
        if held is None:
            raise missing(key)
        return held
