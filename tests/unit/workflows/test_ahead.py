"""Work that is ahead of those who use it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from pansori.domain.errors import EngineFailed, Text
from pansori.workflows.voice.live.ahead import Ahead
from support.waiting import eventually


def test_it_gives_everything_in_order() -> None:
    ahead = Ahead(iter_of(range(20)), 3)
    assert list(ahead) == list(range(20))
    ahead.close()


def test_it_is_ahead_by_so_much_and_no_more() -> None:
    made: list[int] = []

    def items() -> Iterator[int]:
        for number in range(20):
            made.append(number)
            yield number

    ahead = Ahead(items(), 3)
    eventually(lambda: len(made) == 4, every=0.002)  # three wait, and one is to be put
    taken = iter(ahead)
    assert next(taken) == 0
    eventually(lambda: len(made) == 5, every=0.002)
    ahead.close()
    assert len(made) <= 6, "nothing is made for nobody"


def test_what_it_raises_is_raised_where_it_is_used() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise EngineFailed(Text("No more.", "더는 없어요."))

    ahead = Ahead(items())
    taken = iter(ahead)
    assert next(taken) == 1
    with pytest.raises(EngineFailed, match="No more"):
        next(taken)
    ahead.close()


def test_closing_it_ends_its_thread_and_what_it_works_with() -> None:
    ended = threading.Event()

    def items() -> Iterator[int]:
        try:
            while True:
                yield 1
        finally:
            ended.set()

    before = set(threading.enumerate())
    ahead = Ahead(items())
    assert next(iter(ahead)) == 1
    ahead.close()
    assert ended.is_set()
    assert not set(threading.enumerate()) - before


def iter_of(numbers: range) -> Iterator[int]:
    yield from numbers
