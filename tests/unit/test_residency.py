"""Models in memory: loaded once, shared, unloaded when idle or when there is no room."""

from __future__ import annotations

import platform
import random
import subprocess
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.errors import Cancelled, EngineUnavailable, NotEnoughMemory, Text
from pansori.domain.units import Bytes, Seconds
from pansori.engines import residency
from pansori.engines.memory import Memory, limits, memory
from pansori.engines.residency import FOREVER, Residency
from support.waiting import PATIENCE, eventually

NOTHING, MEGABYTE = Bytes(0), Bytes(2**20)
AT_ONCE, LONG, SOON = Seconds(0.0), Seconds(3600.0), Seconds(0.05)


#: Loads 64 MB in small pieces with something kept between and behind them, as libraries do, and waits until they are
#: given back.
LARGE = """
import time
import psutil
from pansori.engines.residency import HERE, hold

def rss():
    return psutil.Process().memory_info().rss

kept = []
def load():
    pieces = []
    for count in range(64_000):
        pieces.append(bytes(1000))
        if count % 1000 == 999:
            kept.append(bytes(1000))
    return pieces

before = rss()
with hold("large", load, memory=64_000_000, ttl=0.0) as model:
    assert rss() - before > 50e6
    del model
until = time.monotonic() + 60
while rss() - before > 10e6:
    assert time.monotonic() < until, rss() - before
    time.sleep(0.05)
"""


FORKED = """
import os
from pansori.engines.residency import HERE, hold

with hold("parent's", object, memory=0, ttl=60.0):
    pid = os.fork()
    if not pid:
        assert HERE.loaded() == ()
        with hold("child's", object, memory=0, ttl=-1.0):
            os._exit([one.key for one in HERE.loaded()] != ["child's"])
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert [one.key for one in HERE.loaded()] == ["parent's"]
with hold("last", object, memory=0, ttl=-1.0, unload=lambda _: print("unloaded")):
    pass
"""


class Model:
    """What is loaded; it takes `size` of a machine's memory for as long as it is there."""

    def __init__(self, machine: Machine, size: int) -> None:
        self.size = size
        machine.take(size)
        weakref.finalize(self, machine.take, -size)


class Machine:
    """So much memory, and what models take of it."""

    def __init__(self, whole: int) -> None:
        self.whole, self.taken = whole, 0
        self._lock = threading.RLock()  # a model may go while another comes

    def take(self, size: int) -> None:
        with self._lock:
            self.taken += size

    def measure(self) -> Memory:
        return Memory(Bytes(self.whole - self.taken), Bytes(self.whole))


def plenty() -> Memory:
    return Memory(Bytes(2**40), Bytes(2**40))


def keys(models: Residency) -> list[str]:
    return [resident.key for resident in models.loaded()]


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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems return freed memory unasked")
def test_the_system_has_the_memory_back() -> None:
    """In a process of its own: what other tests do with memory would be seen too."""
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr


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


def test_a_process_has_one_of_its_own() -> None:
    with residency.hold("a model of this test", object, memory=NOTHING, ttl=AT_ONCE):
        assert "a model of this test" in keys(residency.HERE)
    assert "a model of this test" not in keys(residency.HERE)


def test_a_process_unloads_its_own_at_its_end_and_a_forked_one_begins_with_none() -> None:
    """In a process of its own, for this one has threads."""
    done = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "unloaded\n"


# -- memory ------------


def test_this_machine_has_memory() -> None:
    found = memory()
    assert 0 < found.free <= found.whole


def test_limits_of_containers_and_services_are_kept(tmp_path: Path) -> None:
    def group(path: str, limit: str, taken: int, cached: int) -> None:
        folder = tmp_path / path
        folder.mkdir(parents=True)
        (folder / "memory.max").write_text(f"{limit}\n")
        (folder / "memory.current").write_text(f"{taken}\n")
        (folder / "memory.stat").write_text(f"anon 1\ninactive_file {cached}\n")

    group("system.slice/pansori.service", "1000", 700, 200)
    group("system.slice/pansori.service/worker", "max", 500, 0)
    (tmp_path / "memory.max").write_text("3000\n")
    (tmp_path / "memory.current").write_text("100\n")
    (tmp_path / "memory.stat").write_text("anon 1\n")
    found = limits("0::/system.slice/pansori.service/worker\n", tmp_path)
    assert found == [Memory(Bytes(500), Bytes(1000)), Memory(Bytes(2900), Bytes(3000))]
    assert limits("0::/../elsewhere\n", tmp_path) == [Memory(Bytes(2900), Bytes(3000))]


def test_limits_of_the_older_control_groups_too(tmp_path: Path) -> None:
    folder = tmp_path / "memory" / "docker" / "1234"
    folder.mkdir(parents=True)
    (folder / "memory.limit_in_bytes").write_text("2048\n")
    (folder / "memory.usage_in_bytes").write_text("1024\n")
    (folder / "memory.stat").write_text("cache 3\ntotal_inactive_file 24\n")
    own = "5:cpu,cpuacct:/docker/1234\n4:memory:/docker/1234\n0::/\n"
    assert limits(own, tmp_path) == [Memory(Bytes(1048), Bytes(2048))]
