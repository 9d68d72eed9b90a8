"""Signals that come at a bad moment, always the same one."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import _GeneratorContextManager, contextmanager
from types import FrameType

LEAVE = _GeneratorContextManager.__exit__.__code__


@contextmanager
def coming(number: signal.Signals, when: Callable[[FrameType], bool]) -> Iterator[None]:
    """This process is sent the signal once while the block runs: when its main thread, which the block is run by, is
    about to do the first thing of a function for whose frame `when` is true."""

    def look(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and when(frame):
            sys.setprofile(None)
            signal.raise_signal(number)

    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(None)


def leaves(frame: FrameType, *, of: str) -> bool:
    """Whether a `with` block in the function of that name is about to be left, whose manager is a generator."""
    return frame.f_code is LEAVE and frame.f_back is not None and frame.f_back.f_code.co_name == of
