"""Waiting for what another process does, without guessing how long it takes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
PATIENCE = 120.0  #: seconds; so long a machine that does much else may take for what is done at once elsewhere
SHORTEST = 0.02  #: seconds between two looks at first
LONGEST = 0.2  #: seconds between two looks in the end


def eventually(look: Callable[[], T], *, timeout: float = PATIENCE, every: float | None = None) -> T:
    """What `look` returns as soon as that is true; fails with its last answer when `timeout` has passed.

    `every`: seconds between two looks, for what may be over soon. None: the longer it takes the seldomer one looks,
    for looking takes time from those that are waited for.
    """
    begun = time.monotonic()
    pause = threading.Event()
    while not (seen := look()):
        waited = time.monotonic() - begun
        if waited > timeout:
            raise AssertionError(f"not within {timeout} s; last seen: {seen!r}")
        pause.wait(min(LONGEST, max(SHORTEST, waited / 4)) if every is None else every)
    return seen
