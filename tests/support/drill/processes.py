"""Finds every process that a drill started, however deep, by a mark in its environment."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

from support.services import ps

MARK = "DRILL"


@dataclass(frozen=True)
class Process:
    pid: int
    parent: int
    group: int
    command: str


def marked(mark: str) -> list[Process]:
    """The living processes whose environment holds the mark; zombies are not among them."""
    found = []
    for line in listing().splitlines():
        pid, parent, group, state, command = line.split(maxsplit=4)
        if state.startswith("Z") or not has_mark(int(pid), command, mark):
            continue
        found.append(Process(int(pid), int(parent), int(group), command))
    return found


def listing() -> str:
    environments = [] if sys.platform == "linux" else ["-E"]  # macOS shows one's own processes' environment
    return ps("-A", "-ww", *environments, "-o", "pid=,ppid=,pgid=,state=,command=")


def has_mark(pid: int, command: str, mark: str) -> bool:
    entry = f"{MARK}={mark}"
    if sys.platform != "linux":
        return entry in command
    try:
        return entry.encode() in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:  # it ended meanwhile, or belongs to somebody else
        return False


def kill(pid: int, signal: int) -> None:
    assert pid > 1, "0 and -1 mean whole groups, 1 is not ours"
    try:
        os.kill(pid, signal)
    except ProcessLookupError:
        return  # it ended by itself
