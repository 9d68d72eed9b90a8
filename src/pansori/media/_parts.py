"""A file that comes in order is cut into parts, which are stored by threads while the next one comes."""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final

from pansori.domain.errors import PansoriError
from pansori.domain.units import Bytes
from pansori.media.stores.base import AssetStore, Data, Part

PART: Final = Bytes(8 * 1024 * 1024)  #: bytes; S3 takes no smaller parts than 5 MiB, and no more than 10,000
AT_ONCE: Final = 2  #: parts on their way to the store, beside the one that fills
LARGE: Final = Bytes(256 * 1024)  #: such pieces need not be put together, where the store takes any

Stored = Callable[[Sequence[Part], int], None]


def _nothing(_parts: Sequence[Part], _position: int) -> None:
    """Nobody wants to know."""


class PartWriter:
    """Writes the file `key` from byte `at` on, whose parts so far are `parts`. For one thread at a time.

    `at`: a border between parts, where the store wants parts of one size. `upload`: what the store calls the file;
    empty: it is begun with its first part, of which `begun` is told before any byte is stored. `stored` is told of all
    parts that are stored without a gap, and where they end, from the thread that writes. `digest`: SHA-256 of what is
    there; None: it cannot be told without reading that.
    """

    def __init__(
        self,
        store: AssetStore,
        key: str,
        *,
        upload: str = "",
        parts: Sequence[Part] = (),
        at: int = 0,
        digest: Any = None,
        begun: Callable[[str], None] = lambda _: None,
        stored: Stored = _nothing,
    ) -> None:
        self._store, self._key = store, key
        self._begun, self._stored = begun, stored
        self._filling = bytearray()
        self._going: deque[tuple[int, int, Future[str]]] = deque()  # number, size, tag
        self._threads: ThreadPoolExecutor | None = None
        self._sent = self._settled = at
        self.upload = upload
        self.parts = list(parts)
        self.digest = hashlib.sha256() if digest is None and at == 0 else digest

    @property
    def position(self) -> int:
        """Bytes that came, stored or not."""
        return self._sent + len(self._filling)

    @property
    def held(self) -> bytes:
        """What came since the last part was cut off."""
        return bytes(self._filling)

    def write(self, data: Data, *, counted: bool = True) -> None:
        """Raises what the store raises, for an earlier part perhaps. `counted` False: the digest knows these bytes.
        `data` is not to be changed afterwards."""
        try:
            left = memoryview(data)
            while left:
                room = PART - len(self._filling)
                if counted and self.digest is not None:
                    self.digest.update(left[:room])
                if self._store.takes_any_part and len(left) >= LARGE:
                    self.cut()
                    self._send(left[:room])
                else:
                    self._filling += left[:room]
                left = left[room:]
                if len(self._filling) == PART:
                    self.cut()
        except BaseException:
            self.digest = None  # of what is left of these bytes it knows nothing
            raise

    def cut(self) -> None:
        """Send what came since the last part was cut off as a part of its own."""
        if self._filling:
            filled, self._filling = self._filling, bytearray()
            self._send(filled)

    def _send(self, data: Data) -> None:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="store-parts")
        if not self.upload:
            self.upload = self._store.begin(self._key)
            self._begun(self.upload)
        number = len(self.parts) + len(self._going) + 1
        self._going.append((number, len(data), self._threads.submit(self._put, number, self._sent, data)))
        self._sent += len(data)
        while len(self._going) > AT_ONCE:
            self._settle()

    def _put(self, number: int, at: int, data: Data) -> str:
        return self._store.put_part(self._key, self.upload, number, at, data)

    def wait(self) -> None:
        """Return when all that was cut off is stored. Raises what the store raises."""
        while self._going:
            self._settle()

    def close(self) -> None:
        """End the threads. What is on its way is waited for; whether it arrived, nobody wants to know any more."""
        for _, _, sent in self._going:
            with suppress(PansoriError):
                sent.result()
        self._going.clear()
        if self._threads is not None:
            self._threads.shutdown()

    def _settle(self) -> None:
        number, size, sent = self._going[0]
        tag = sent.result()
        self._going.popleft()
        self._settled += size
        self.parts.append(Part(number, tag, Bytes(size)))
        self._stored(self.parts, self._settled)
