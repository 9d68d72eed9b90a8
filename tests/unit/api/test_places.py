"""Places are fair: whoever has many keeps nobody from getting one, and waits for its turn."""

from __future__ import annotations

import asyncio
import threading
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
        self._go = threading.Semaphore(0)

    def call(self, name: str) -> str:
        self.order.append(name)
        self._go.acquire()
        return name

    def let_go(self) -> None:
        self._go.release()


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 120))


async def settled(look: Any) -> None:
    while not look():
        await asyncio.sleep(0.005)


def test_a_thread_that_comes_free_is_for_who_has_the_fewest() -> None:
    worked = Worked()

    async def test() -> None:
        places = Places(2, 64, FULL)
        names = [(ONE, f"one {number}") for number in range(4)] + [(OTHER, "other 0"), (OTHER, "other 1")]
        with ExitStack() as held:
            calls = []
            for owner, name in names:
                place = held.enter_context(places.place(owner))
                calls.append(asyncio.create_task(place.work(worked.call, name)))
                await asyncio.sleep(0)
            await settled(lambda: len(worked.order) == 2)
            for count in range(3, 7):
                worked.let_go()
                await settled(lambda count=count: len(worked.order) == count)
            worked.let_go()
            worked.let_go()
            assert await asyncio.gather(*calls) == [name for _, name in names]

    run(test())
    assert set(worked.order[:2]) == {"one 0", "one 1"}
    assert worked.order[2:4] in (["other 0", "one 2"], ["other 0", "other 1"])
    assert sorted(worked.order) == sorted(["one 0", "one 1", "one 2", "one 3", "other 0", "other 1"])


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
        worked.let_go()
        worked.let_go()
        assert (await working, await last) == ("first", "third")
        worked.let_go()
        assert await first.work(worked.call, "more") == "more"  # no thread has been lost

    run(test())
    assert worked.order == ["first", "third", "more"]
