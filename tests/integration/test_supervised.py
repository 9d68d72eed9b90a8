"""The servers that tests start end with the tests, even with tests that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.command import session_members
from support.services import Supervised
from support.waiting import eventually

COMMAND = ["sleep", "1000"]
TESTS = """
import os, signal, sys
from pathlib import Path
from support.services import Supervised

server = Supervised(["sleep", "1000"], log=Path(sys.argv[1]))
child = os.fork()
if child == 0:
    signal.pause()
print(server.pid, child, flush=True)
signal.pause()
"""

SERVERS = """
import signal, subprocess
from support.server import warden

over, going_on = (subprocess.Popen(["sleep", "1000"], start_new_session=True) for _ in range(2))
warden().stdin.write(b"%d\\n%d\\n-%d\\n" % (over.pid, going_on.pid, over.pid))
print(over.pid, going_on.pid, flush=True)
signal.pause()
"""


def begin(tests: str, *arguments: str) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        [sys.executable, "-c", tests, *arguments], env=environment, stdout=subprocess.PIPE, text=True
    )


@contextmanager
def run_with_a_child(log: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Tests in a process of their own, and the pid of their server. They have a child that holds on to all that they
    had opened, and outlives them."""
    with begin(TESTS, str(log)) as tests:
        assert tests.stdout is not None
        server, child = map(int, tests.stdout.readline().split())
        try:
            yield tests, server
        finally:
            tests.kill()
            os.kill(child, signal.SIGKILL)


def test_a_server_ends_with_the_tests_that_were_killed(tmp_path: Path) -> None:
    with run_with_a_child(tmp_path / "log") as (tests, server):
        eventually(lambda: len(session_members(server)) == 2)
        tests.kill()
        eventually(lambda: not session_members(server))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a command whose watcher was killed")
@pytest.mark.parametrize("user", [None, "nobody"])
def test_a_server_ends_with_its_watcher(user: str | None, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        user = None  # others may not choose
    server = Supervised(COMMAND, log=tmp_path / "log", user=user)
    eventually(lambda: len(session_members(server.pid)) == 2)
    os.kill(server.pid, signal.SIGKILL)
    eventually(lambda: server.ended and not session_members(server.pid))
    server.stop()  # there is nothing left to stop but the pipe


def test_stopping_waits_until_it_has_ended(tmp_path: Path) -> None:
    server = Supervised(COMMAND, log=tmp_path / "log")
    eventually(lambda: len(session_members(server.pid)) == 2)
    server.stop()
    assert not session_members(server.pid)


def test_servers_of_tests_that_were_killed_are_ended_but_for_those_that_are_over() -> None:
    with begin(SERVERS) as tests:
        assert tests.stdout is not None
        over, going_on = map(int, tests.stdout.readline().split())
        try:
            tests.kill()
            eventually(lambda: not session_members(going_on))
            assert session_members(over) == [over]
        finally:
            os.kill(over, signal.SIGKILL)
