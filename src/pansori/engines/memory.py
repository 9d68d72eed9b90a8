"""How much memory there is to load models into."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pansori.domain.units import Bytes

GROUPS = Path("/sys/fs/cgroup")
OWN = Path("/proc/self/cgroup")


@dataclass(frozen=True)
class Memory:
    """`free`: what can be taken without swapping, caches that the system would give up included. `whole`: all there
    is."""

    free: Bytes
    whole: Bytes


@dataclass(frozen=True)
class _Controller:
    """Where a version of Linux's control groups tells what a group may take, and what it has taken."""

    folder: str
    limit: str
    taken: str
    reclaimable: str
    """In `memory.stat`: the part of what is taken that the kernel gives up when asked for more."""


V1 = _Controller("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
V2 = _Controller("", "memory.max", "memory.current", "inactive_file")


def memory() -> Memory:
    """Of this machine, or of the container or service that this process is kept in, where that has less."""
    import psutil  # late: it takes a while

    machine = psutil.virtual_memory()
    found = Memory(Bytes(machine.available), Bytes(machine.total))
    own = OWN.read_text(encoding="utf-8") if OWN.exists() else ""
    for limit in limits(own, GROUPS):
        found = Memory(min(found.free, limit.free), min(found.whole, limit.whole))
    return found


def give_back() -> None:
    """Return to the system what was freed. glibc keeps most of what a model took, piece by piece, for itself; others
    do it unasked."""
    trim = _trimmer()
    if trim is not None:
        trim(0)


@cache
def _trimmer() -> ctypes._NamedFuncPointer | None:
    return getattr(ctypes.CDLL(None), "malloc_trim", None)


def limits(own: str, groups: Path) -> list[Memory]:
    """What each control group allows that holds this process, from its own to the outermost.

    `own`: as `/proc/self/cgroup` has it (cgroups(7)). Groups without a limit, and those that a container hides from its
    processes, are left out.
    """
    found = []
    for line in own.splitlines():
        _, kinds, path = line.split(":", 2)
        if kinds and "memory" not in kinds.split(","):
            continue
        controller = V1 if kinds else V2
        root = groups / controller.folder
        inner = root / path.strip("/")
        places = (inner, *inner.parents) if ".." not in inner.parts else (root,)
        found += [limit for place in places if place.is_relative_to(root) and (limit := _limit(place, controller))]
    return found


def _limit(group: Path, controller: _Controller) -> Memory | None:
    try:
        whole = int((group / controller.limit).read_text())
        taken = int((group / controller.taken).read_text())
        stat = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    except (OSError, ValueError):  # no such group here, or its limit is `max`
        return None
    kept = max(0, taken - int(stat.get(controller.reclaimable, 0)))
    return Memory(Bytes(max(0, whole - kept)), Bytes(whole))
