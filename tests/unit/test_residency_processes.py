"""Models and memory of whole processes, and what a machine says that it has."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from pansori.domain.units import Bytes
from pansori.engines import residency
from pansori.engines.memory import Memory, limits, memory
from support.residents import AT_ONCE, NOTHING, keys
from support.waiting import PATIENCE

#: Loads 64 MB in small pieces with something kept between and behind them, as libraries do, and waits until they are
#: given back.
LARGE = """
import psutil
from pansori.engines.residency import hold
from support.waiting import eventually

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
eventually(lambda: rss() - before < 10e6)
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


def run(script: str) -> str:
    """What a process says that does it, which ends well."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=2 * PATIENCE
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other systems return freed memory unasked")
def test_the_system_has_the_memory_back() -> None:
    """In a process of its own: what other tests do with memory would be seen too."""
    run(LARGE)


def test_a_process_has_one_of_its_own() -> None:
    with residency.hold("a model of this test", object, memory=NOTHING, ttl=AT_ONCE):
        assert "a model of this test" in keys(residency.HERE)
    assert "a model of this test" not in keys(residency.HERE)


def test_a_process_unloads_its_own_at_its_end_and_a_forked_one_begins_with_none() -> None:
    """In a process of its own, for this one has threads."""
    assert run(FORKED) == "unloaded\n"


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
