"""Of those who wait for a thread the lowest rank comes first."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pansori.api.ranked import Ranked


def test_the_lowest_rank_comes_first_and_then_who_came_first() -> None:
    async def order() -> list[str]:
        line, began, go = Ranked(1), list[str](), threading.Event()

        def call(name: str) -> None:
            began.append(name)
            assert go.wait(120)

        asked = [("first", 9.0), ("late", 3.0), ("early", 1.0), ("early too", 1.0), ("nobody speaks", 0.0)]
        tasks = [asyncio.ensure_future(line.work(rank, call, name)) for name, rank in asked]
        gives_up = asyncio.ensure_future(line.work(0.0, call, "gives up"))
        await asyncio.sleep(0)  # all of them have asked
        gives_up.cancel()
        go.set()
        await asyncio.gather(*tasks)
        assert await line.work(5.0, lambda: "free again") == "free again"
        return began

    assert asyncio.run(order()) == ["first", "nobody speaks", "early", "early too", "late"]


def test_what_a_call_raises_is_raised_and_its_thread_is_free() -> None:
    async def twice() -> None:
        line = Ranked(1)
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                await line.work(0.0, lambda: 1 // 0)

    asyncio.run(asyncio.wait_for(twice(), 120))
