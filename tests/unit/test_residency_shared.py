"""Models that several threads use: loaded by one of them, and waited for by the others."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest

from pansori.domain.errors import Cancelled, NotEnoughMemory, Text
from pansori.domain.units import Bytes, Seconds
from pansori.engines.residency import FOREVER, Residency
from support.residents import AT_ONCE, LONG, MEGABYTE, Machine, Model, keys, plenty
from support.waiting import PATIENCE, eventually


def test_many_threads_share_one_load() -> None:
    models = Residency(plenty)
    entered, go = threading.Event(), threading.Event()
    loads = []

    def load() -> object:
        loads.append(threading.get_ident())
        entered.set()
        assert go.wait(PATIENCE)
        return object()

    def use() -> int:
        with models.hold("a", load, memory=MEGABYTE, ttl=LONG) as model:
            return id(model)

    with ThreadPoolExecutor(8) as pool:
        uses = [pool.submit(use) for _ in range(8)]
        assert entered.wait(PATIENCE)
        assert models.loaded() == ()  # what is being loaded is not there yet
        go.set()
        assert len({one.result(PATIENCE) for one in uses}) == 1
    assert len(loads) == 1


def test_two_loads_at_once_do_not_take_the_same_memory() -> None:
    machine = Machine(100)
    models = Residency(machine.measure)
    loading, go = threading.Event(), threading.Event()

    def slowly() -> Model:
        loading.set()
        assert go.wait(PATIENCE)
        return Model(machine, 60)

    def use() -> None:
        with models.hold("a", slowly, memory=Bytes(60), ttl=LONG):
            pass

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(use)
        assert loading.wait(PATIENCE)
        with pytest.raises(NotEnoughMemory), models.hold("b", object, memory=Bytes(60), ttl=LONG):
            pytest.fail("its memory is promised to another")
        go.set()
        first.result(PATIENCE)
    assert keys(models) == ["a"]


def test_who_waited_is_told_why_there_is_no_model_and_the_next_tries_again() -> None:
    models = Residency(plenty)
    entered, go = threading.Event(), threading.Event()
    tries = []

    def fail() -> object:
        tries.append(1)
        entered.set()
        assert go.wait(PATIENCE)
        raise ValueError("damaged")

    def use() -> None:
        with models.hold("a", fail, memory=MEGABYTE, ttl=LONG):
            pytest.fail("it cannot be loaded")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(use)
        assert entered.wait(PATIENCE)
        waiting = threading.Event()
        second = pool.submit(lambda: _hold_looking(models, fail, waiting))
        assert waiting.wait(PATIENCE)
        go.set()
        for one in (first, second):
            assert isinstance(one.exception(PATIENCE), ValueError)
    assert len(tries) == 1
    with models.hold("a", object, memory=MEGABYTE, ttl=LONG):
        assert keys(models) == ["a"]


def _hold_looking(models: Residency, load: object, waiting: threading.Event) -> None:
    assert callable(load)
    with models.hold("a", load, memory=MEGABYTE, ttl=LONG, look=waiting.set):
        pass


def test_another_loads_where_the_first_was_called_off() -> None:
    models = Residency(plenty)
    entered, go, waiting = threading.Event(), threading.Event(), threading.Event()

    def cancelled() -> object:
        entered.set()
        assert go.wait(PATIENCE)
        raise Cancelled(Text("cancelled", "취소"))

    def use() -> None:
        with models.hold("a", cancelled, memory=MEGABYTE, ttl=LONG):
            pytest.fail("it was called off")

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(use)
        assert entered.wait(PATIENCE)
        second = pool.submit(_hold_looking, models, object, waiting)
        assert waiting.wait(PATIENCE)
        go.set()
        assert isinstance(first.exception(PATIENCE), Cancelled)
        second.result(PATIENCE)
    assert models.tally().loads == 1


def test_who_waits_can_be_called_off_and_the_load_goes_on() -> None:
    models = Residency(plenty)
    entered, go = threading.Event(), threading.Event()

    def slowly() -> object:
        entered.set()
        assert go.wait(PATIENCE)
        return object()

    def give_up() -> None:
        raise Cancelled(Text("cancelled", "취소"))

    def use() -> None:
        with models.hold("a", slowly, memory=MEGABYTE, ttl=AT_ONCE):
            pass

    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(use)
        assert entered.wait(PATIENCE)
        with pytest.raises(Cancelled), models.hold("a", object, memory=MEGABYTE, ttl=AT_ONCE, look=give_up):
            pytest.fail("it was called off")
        go.set()
        first.result(PATIENCE)
    assert (models.tally().loads, models.tally().unloads) == (1, 1)


def test_many_threads_use_many_models_in_little_memory() -> None:
    machine = Machine(5)
    models = Residency(machine.measure)
    ttls = (AT_ONCE, Seconds(0.001), LONG, FOREVER)

    def use(thread: int) -> int:
        chance, refused = random.Random(thread), 0
        for _ in range(40):
            size = chance.randint(1, 3)
            try:
                with models.hold(
                    f"{size}", partial(Model, machine, size), memory=Bytes(size), ttl=chance.choice(ttls)
                ) as model:
                    assert machine.taken <= machine.whole
                    assert model.size == size
                    del model
            except NotEnoughMemory:
                refused += 1
        return refused

    with ThreadPoolExecutor(6) as pool:
        refused = sum(pool.map(use, range(6), timeout=PATIENCE))
    models.clear()
    eventually(lambda: models.tally().loads == models.tally().unloads)
    assert machine.taken == 0
    assert models.tally().refused <= refused  # who waits for a load that is refused is refused with it
    assert all(resident.users == 0 for resident in models.loaded())
