"""Work that goes on while its first results are used."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """What `items` gives, computed by a thread of its own up to `size` items before they are asked for. Whatever it
    raises is raised here. Close it: then the thread ends as soon as `items` gives or raises something."""

    def __init__(self, items: Iterator[T], size: int = 4) -> None:
        self._items = items
        self._queue: queue.Queue[tuple[T] | BaseException | None] = queue.Queue(size)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._run, name="ahead", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[T]:
        while True:
            found = self._queue.get()
            if found is None:
                return
            if isinstance(found, BaseException):
                raise found
            yield found[0]

    def close(self) -> None:
        self._closed.set()
        while not self._queue.empty():  # there is room now for what the thread wants to put
            self._queue.get()
        self._thread.join()

    def _run(self) -> None:
        end: BaseException | None = None
        try:
            with closing(self._items) as items:  # type: ignore[type-var]  # generators, in fact
                for item in items:
                    if self._closed.is_set():
                        return
                    self._put((item,))
        except BaseException as error:  # noqa: BLE001 - raised again where the items are used
            end = error
        self._put(end)

    def _put(self, item: tuple[T] | BaseException | None) -> None:
        while not self._closed.is_set():
            try:
                self._queue.put(item, timeout=0.05)
            except queue.Full:
                continue
            return
