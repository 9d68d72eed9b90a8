"""Places are fair: whoever has many keeps nobody from getting one, and waits for its turn."""

from __future__ import annotations

import asyncio
import threading
from collections import defaultdict
from collections.abc import Coroutine
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest

from pansori.api.places import Place, Places
from pansori.domain.errors import Busy, Cancelled, Text

FULL = Text("Full.", "자리가 없어요.")
ONE, OTHER, THIRD = uuid4(), uuid4(), uuid4()


def taken(places: Places, owner: UUID, held: ExitStack) -> int:
    """As many as the account gets."""
    count = 0
    try:
        while True:
            held.enter_context(places.place(owner))
            count += 1
    except Busy:
        return count


def test_an_account_gets_half_of_what_is_left() -> None:
    places = Places(1, 16, FULL)
    with ExitStack() as held:
        assert [taken(places, owner, held) for owner in (ONE, OTHER, THIRD, ONE)] == [8, 4, 2, 0]
        assert places.taken == 14
    assert places.taken == 0
    with ExitStack() as held:
        assert taken(places, OTHER, held) == 8


class Worked:
    """Calls that wait to be let go, and in which order they began."""

    def __init__(self) -> None:
        self.order: list[str] = []
        self._go: defaultdict[str, threading.Event] = defaultdict(threading.Event)

    def call(self, name: str) -> str:
        self.order.append(name)
        self._go[name].wait()
        return name

    def let_go(self, *names: str) -> None:
        for name in names:
            self._go[name].set()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 120))


async def settled(look: Any) -> None:
    while not look():
        await asyncio.sleep(0.005)


async def begun(worked: Worked, places: Places, *wanted: tuple[UUID, str]) -> list[asyncio.Task[str]]:
    """Calls by name, one after the other."""
    calls = []
    for owner, name in wanted:
        calls.append(asyncio.create_task(Place(places, owner).work(worked.call, name)))
        await asyncio.sleep(0)
    return calls


def test_a_thread_that_comes_free_is_for_who_has_the_fewest() -> None:
    worked = Worked()
    names = [(ONE, f"one {number}") for number in range(3)] + [(OTHER, "other 0"), (OTHER, "other 1")]

    async def test() -> None:
        places = Places(2, 64, FULL)
        calls = await begun(worked, places, *names)
        await settled(lambda: len(worked.order) == 2)  # one each
        worked.let_go("other 0")
        await settled(lambda: len(worked.order) == 3)
        worked.let_go(*(name for _, name in names))
        assert await asyncio.gather(*calls) == [name for _, name in names]

    run(test())
    assert set(worked.order[:2]) == {"one 0", "other 0"}
    assert worked.order[2] == "other 1"
    assert sorted(worked.order) == sorted(name for _, name in names)


def test_who_hangs_does_not_hold_every_thread() -> None:
    worked = Worked()
    hanging = [f"hangs {number}" for number in range(16)]

    async def test() -> None:
        places = Places(16, 432, FULL)
        calls = await begun(worked, places, *((ONE, name) for name in hanging))
        await settled(lambda: len(worked.order) == 8)
        for owner, name in ((OTHER, "other"), (THIRD, "third")):
            worked.let_go(name)
            assert await Place(places, owner).work(worked.call, name) == name
        assert worked.order[8:] == ["other", "third"]
        worked.let_go(*hanging)
        assert await asyncio.gather(*calls) == hanging

    run(test())


@pytest.mark.parametrize("way", ["leaving", "cancelled"])
def test_who_leaves_the_line_takes_no_turn(way: str) -> None:
    worked = Worked()

    async def test() -> None:
        places = Places(1, 64, FULL)
        first, second, third = (Place(places, owner) for owner in (ONE, OTHER, THIRD))
        working = asyncio.create_task(first.work(worked.call, "first"))
        await settled(lambda: worked.order)
        waiting = asyncio.create_task(second.work(worked.call, "second"))
        last = asyncio.create_task(third.work(worked.call, "third"))
        await asyncio.sleep(0)
        if way == "leaving":
            second.leave()
            with pytest.raises(Cancelled):
                await waiting
            with pytest.raises(Cancelled):
                await second.work(worked.call, "again")
        else:
            waiting.cancel()
            with pytest.raises(asyncio.CancelledError):
                await waiting
        worked.let_go("first", "third", "more")
        assert (await working, await last) == ("first", "third")
        assert await first.work(worked.call, "more") == "more"  # no thread has been lost

    run(test())
    assert worked.order == ["first", "third", "more"]
