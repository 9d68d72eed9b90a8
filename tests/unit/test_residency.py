"""Models in memory: loaded once, unloaded when idle or when there is no room."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.errors import EngineUnavailable, NotEnoughMemory
from pansori.domain.units import Bytes, Seconds
from pansori.engines.memory import Memory
from pansori.engines.residency import FOREVER, Residency
from support.residents import AT_ONCE, LONG, MEGABYTE, NOTHING, SOON, Machine, Model, keys, plenty
from support.waiting import PATIENCE, eventually


def test_a_model_is_loaded_once_and_stays() -> None:
    models = Residency(plenty)
    with models.hold("a", object, memory=MEGABYTE, ttl=LONG) as first:
        [resident] = models.loaded()
        assert (resident.key, resident.memory, resident.users, resident.idle) == ("a", MEGABYTE, 1, None)
    with models.hold("a", object, memory=MEGABYTE, ttl=LONG) as second:
        assert second is first
    [resident] = models.loaded()
    assert resident.users == 0
    assert resident.idle is not None
    assert models.tally().loads == 1


@pytest.mark.parametrize("ttl", [AT_ONCE, SOON])
def test_an_idle_model_is_unloaded(ttl: Seconds) -> None:
    models = Residency(plenty)
    unloaded: list[str] = []
    with models.hold("a", lambda: "model a", memory=MEGABYTE, ttl=ttl, unload=unloaded.append):
        assert keys(models) == ["a"]
    assert eventually(lambda: models.tally().unloads) == 1
    assert unloaded == ["model a"]
    assert models.loaded() == ()


def test_the_memory_of_an_unloaded_model_is_free() -> None:
    machine, models = Machine(100), Residency(plenty)

    def use() -> None:
        with models.hold("a", lambda: Model(machine, 60), memory=Bytes(60), ttl=SOON):
            assert machine.taken == 60

    use()
    eventually(lambda: machine.taken == 0)


@pytest.mark.parametrize("ttl", [AT_ONCE, LONG])
def test_what_is_dropped_is_left_even_by_one_who_looks_at_the_models(ttl: Seconds) -> None:
    """The garbage collector may drop one at any moment; here it is the one at which memory is measured."""
    lost: list[object] = []

    def measure() -> Memory:
        lost.clear()
        return plenty()

    def use() -> Iterator[None]:
        with models.hold("lost", object, memory=NOTHING, ttl=ttl):
            yield

    def load() -> None:
        with models.hold("other", object, memory=MEGABYTE, ttl=LONG):
            pass

    models = Residency(measure)
    used = use()
    next(used)
    lost.append(used)
    del used
    loading = threading.Thread(target=load, daemon=True)
    loading.start()
    loading.join(PATIENCE)
    assert not loading.is_alive()
    assert eventually(lambda: [one.users for one in models.loaded()] == [0] * (1 if ttl == AT_ONCE else 2))


def test_a_model_in_use_outlives_its_time() -> None:
    models = Residency(plenty)
    with ExitStack() as stack:
        stack.enter_context(models.hold("used", object, memory=MEGABYTE, ttl=SOON))
        with models.hold("used", object, memory=MEGABYTE, ttl=SOON):
            pass
        with models.hold("idle", object, memory=MEGABYTE, ttl=SOON):
            pass
        eventually(lambda: keys(models) == ["used"])
    eventually(lambda: keys(models) == [])


def test_below_nought_it_stays_for_ever() -> None:
    models = Residency(plenty)
    for key, ttl in (("for ever", FOREVER), ("soon", SOON)):
        with models.hold(key, object, memory=MEGABYTE, ttl=ttl):
            pass
    eventually(lambda: keys(models) == ["for ever"])
    models.clear()
    assert keys(models) == []


def test_room_is_made_by_the_longest_idle() -> None:
    machine = Machine(100)
    models = Residency(machine.measure)

    def use(key: str, size: int) -> None:
        with models.hold(key, lambda: Model(machine, size), memory=Bytes(size), ttl=LONG):
            pass

    use("first", 40)
    use("second", 40)
    use("first", 40)  # used again: the second is idle for longer now
    use("third", 50)
    assert keys(models) == ["first", "third"]


def test_what_is_in_use_is_not_unloaded_for_room() -> None:
    machine = Machine(100)
    models = Residency(machine.measure)
    with models.hold("used", lambda: Model(machine, 60), memory=Bytes(60), ttl=LONG):
        with (
            pytest.raises(NotEnoughMemory, match="not enough memory for other") as refused,
            models.hold("other", lambda: Model(machine, 60), memory=Bytes(60), ttl=LONG),
        ):
            pytest.fail("there is no room")
        assert refused.value.cure is not None
        assert "PANSORI_MODEL_IDLE_TTL" in refused.value.cure.en
        assert refused.value.retryable
        assert models.tally().refused == 1
    with models.hold("other", lambda: Model(machine, 60), memory=Bytes(60), ttl=LONG):
        assert keys(models) == ["other"]


def test_what_never_fits_unloads_nothing() -> None:
    machine = Machine(100)
    models = Residency(machine.measure)
    with models.hold("small", lambda: Model(machine, 60), memory=Bytes(60), ttl=LONG):
        pass
    with (
        pytest.raises(EngineUnavailable, match="huge needs"),
        models.hold("huge", lambda: Model(machine, 101), memory=Bytes(101), ttl=LONG),
    ):
        pytest.fail("there is no room")
    assert keys(models) == ["small"]


@pytest.mark.parametrize("error", [MemoryError(), NotEnoughMemory("the GPU is full")])
def test_a_load_that_finds_memory_short_is_tried_without_the_idle(error: Exception) -> None:
    models = Residency(plenty)
    with models.hold("idle", object, memory=NOTHING, ttl=LONG):
        pass

    def load() -> str:
        if keys(models):
            raise error
        return "loaded"

    with models.hold("wanted", load, memory=NOTHING, ttl=LONG) as model:
        assert model == "loaded"
    assert keys(models) == ["wanted"]

    def fail() -> str:
        raise error

    with pytest.raises(NotEnoughMemory), models.hold("other", fail, memory=NOTHING, ttl=LONG):
        pytest.fail("it cannot be loaded")
    assert keys(models) == []


def test_an_unload_that_fails_harms_nobody(caplog: pytest.LogCaptureFixture) -> None:
    models = Residency(plenty)

    def fail(_: object) -> None:
        raise RuntimeError("it clings")

    with models.hold("a", object, memory=MEGABYTE, ttl=AT_ONCE, unload=fail):
        pass
    assert keys(models) == []
    assert "it clings" in caplog.text


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 3)), max_size=30), st.integers(1, 12))
def test_memory_is_never_overdrawn(uses: list[tuple[str, int]], whole: int) -> None:
    """Whatever is used in whatever order, models that are there fit, and what fits alone can always be had."""
    machine = Machine(whole)
    models = Residency(machine.measure)
    sizes = {key: 1 + index * 2 for index, key in enumerate("abcdef")}
    for key, _ in uses:
        size = sizes[key]
        try:
            with models.hold(key, partial(Model, machine, size), memory=Bytes(size), ttl=LONG):
                assert machine.taken <= whole
        except EngineUnavailable:
            assert size > whole
        assert machine.taken == sum(resident.memory for resident in models.loaded())
