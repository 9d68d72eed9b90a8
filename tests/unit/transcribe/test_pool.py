"""Decoders are few, and who is through with speaking gets one in order of coming."""

from __future__ import annotations

import gc
import threading
from contextlib import ExitStack
from functools import partial

import numpy as np
import pytest

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.engines.transcribe.base import HEARD_RATE, HeardSegment
from pansori.engines.transcribe.pocketsphinx.decoding import Decoded, Search, commands
from pansori.engines.transcribe.pocketsphinx.ear import Ear
from pansori.engines.transcribe.pocketsphinx.network import network_of
from pansori.engines.transcribe.pocketsphinx.pool import Pool
from pansori.lexicon.commands import heard
from support.talking import spoken
from support.waiting import PATIENCE, eventually

LONG = Seconds(PATIENCE)


def pool_of(most: int, patience: Seconds = LONG) -> tuple[Pool, list[Search]]:
    """Whose searches are never fed, and all that it has made."""
    made: list[Search] = []

    def make() -> Search:
        made.append(Search(None))
        return made[-1]

    return Pool(make, most, patience), made


def test_no_more_are_made_than_are_wanted_at_once() -> None:
    pool, made = pool_of(2)
    held = [pool.take(wait=False) for _ in range(3)]
    assert [one is None for one in held] == [False, False, True]
    for one in held[:2]:
        assert one is not None
        pool.give(one)
    assert pool.take(wait=True) is not None
    assert len(made) == 2


def test_who_waits_is_served_in_order_and_before_all_others() -> None:
    pool, _ = pool_of(1)
    held, order = pool.take(wait=False), list[int]()

    def wait(number: int) -> None:
        found = pool.take(wait=True)
        assert found is not None
        order.append(number)
        pool.give(found)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(5)]
    for count, thread in enumerate(threads, start=1):
        thread.start()
        eventually(lambda count=count: pool.waiting == count)  # type: ignore[misc]  # as it is now
    assert held is not None
    assert pool.take(wait=False) is None
    pool.give(held)
    for thread in threads:
        thread.join()
    assert order == list(range(5))
    assert pool.take(wait=False) == held


def test_who_keeps_one_keeps_nobody_waiting_for_ever() -> None:
    pool, made = pool_of(1, Seconds(0.01))
    kept, other = pool.take(wait=False), pool.take(wait=True)
    assert None not in (kept, other)
    assert len(made) == 2
    for one in (kept, other):
        assert one is not None
        pool.give(one)
    assert pool.take(wait=False) is not None
    assert pool.take(wait=False) is None  # that it was more than enough is not remembered


def test_one_that_cannot_be_made_takes_no_place() -> None:
    working = [True]

    def make() -> Search:
        if not working[0]:
            raise MemoryError
        return Search(None)

    pool = Pool(make, 2)
    assert pool.take(wait=False) is not None
    working[0] = False
    for _ in range(2):
        with pytest.raises(MemoryError):
            pool.take(wait=False)
    working[0] = True
    assert pool.take(wait=True) is not None


def understand(found: Decoded) -> HeardSegment | None:
    words = found.words
    return HeardSegment(text=found.text, start=words[0].start, end=words[-1].end) if words else None


def test_while_one_listens_nobody_waits_for_a_decoder() -> None:
    """Not at the end of a stretch of speech either: those who have a decoder could not be listened to meanwhile."""
    pool = Pool(partial(commands, network_of(heard("en"))), most=1, patience=LONG)
    sound = spoken("What can you do?").astype(np.float32)

    def ear() -> Ear:
        return Ear(pool, understand, "en", missed=Text("", ""), lent=ExitStack())

    kept, waits = pool.take(wait=False), ear()
    assert kept is not None
    for _ in range(2):
        assert waits.feed(sound) == ""
    pool.give(kept)
    speaks = ear()
    speaks.feed(sound[: round(1.75 * HEARD_RATE)])
    assert pool.take(wait=False) is None  # it has more than a second of speech, and so the only one
    del speaks  # and nobody has closed it
    gc.collect()
    assert waits.finish().text == "what can you do what can you do"
