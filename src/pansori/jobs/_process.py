"""Processes of this machine: who they are, whether they live, and the end of a whole group of them."""

from __future__ import annotations

import contextlib
import ctypes
import functools
import os
import signal
import socket
import subprocess
import sys
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1  #: <sys/prctl.h>


@dataclass(frozen=True)
class Worker:
    """A process that runs steps. The start time tells a pid that was given out again apart."""

    host: str
    pid: int
    started: float | None

    @classmethod
    def here(cls, host: str) -> Worker:
        return cls(host, os.getpid(), start_time(os.getpid()))


@functools.cache
def host_identity() -> str:
    """Names the place where our pids mean something: this machine, since it was booted, and its pid namespace."""
    return f"{socket.gethostname()[:64]}/{_boot()}"


def _boot() -> str:
    if LINUX:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}/{Path('/proc/self/ns/pid').readlink()}"
    command = ["sysctl", "-n", "kern.bootsessionuuid"]  # kern.boottime moves when the clock is set
    session = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    return f"{uuid.getnode():x}/{session.stdout.strip()}"


def start_time(pid: int) -> float | None:
    """When `pid` was started, in seconds on a clock of this machine. None: it is gone, or dead and not yet buried."""
    return start_times((pid,)).get(pid)


def start_times(pids: Iterable[int]) -> dict[int, float]:
    """Start times of those of `pids` that live."""
    wanted = tuple(pids)
    found = map(_proc_stat, wanted) if LINUX else _ps(wanted)
    return {pid: started for pid, started in zip(wanted, found, strict=True) if started is not None}


def _proc_stat(pid: int) -> float | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    state, *fields = stat.rpartition(")")[2].split()  # the name before it may hold anything, even ")"
    return None if state in "ZXx" else int(fields[18]) / os.sysconf("SC_CLK_TCK")  # field 22 of proc(5)


def _ps(pids: tuple[int, ...]) -> list[float | None]:
    if not pids:
        return []
    command = ["ps", "-o", "pid=,stat=,lstart=", "-p", ",".join(map(str, pids))]
    listed = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})  # noqa: S603
    alive: dict[int, float] = {}
    for line in listed.stdout.splitlines():
        pid, state, *started = line.split()
        if not state.startswith("Z"):
            alive[int(pid)] = datetime.strptime(" ".join(started), "%a %b %d %H:%M:%S %Y").astimezone().timestamp()
    return [alive.get(pid) for pid in pids]


def is_alive(worker: Worker) -> bool:
    started = start_time(worker.pid)
    return started is not None and (worker.started is None or started == worker.started)


def own_group() -> None:
    """Make this process the leader of a new process group, so that it can be ended with all it started."""
    with contextlib.suppress(PermissionError):  # it leads a session, and so a group, already
        os.setpgid(0, 0)


def kill_group(pid: int) -> None:
    """SIGKILL to the process group that `pid` leads or led. Never to our own."""
    if pid > 1 and pid != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):  # macOS: PermissionError for a group of zombies
            os.killpg(pid, signal.SIGKILL)


def end_abandoned(worker: Worker) -> None:
    """End the group of a worker that nobody watches any more, whether it lives or not."""
    if is_alive(worker):
        kill_group(worker.pid)
    else:
        bury(worker)


def bury(worker: Worker) -> None:
    """End what a dead worker left running in its group, unless its pid is somebody else's by now.

    A pid is not given out again while a group of that number has members, so a group without its leader is ours.
    """
    if start_time(worker.pid) is None:
        kill_group(worker.pid)


def signal_at_parents_death(number: signal.Signals | None) -> None:
    """Linux: be sent `number` (None: nothing) when the thread that started this process ends. Elsewhere nothing."""
    if LINUX:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, 0 if number is None else int(number), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG)")


def kill_group_of_own() -> None:
    """End this process with all it started, if it leads its group."""
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
