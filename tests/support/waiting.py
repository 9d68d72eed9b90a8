"""Waiting for what another process does, without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 120.0  #: seconds; so long a machine that does much else may take for what is done at once elsewhere


def eventually(look: Callable[[], T], *, timeout: float = PATIENCE, every: float = 0.02) -> T:
    """What `look` returns as soon as that is true; fails with its last answer when `timeout` has passed."""
    deadline = time.monotonic() + timeout
    pause = threading.Event()
    while not (seen := look()):
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {timeout} s; last seen: {seen!r}")
        pause.wait(every)
    return seen
