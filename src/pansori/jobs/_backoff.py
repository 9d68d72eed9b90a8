"""How long to wait before something that failed is tried again."""

from __future__ import annotations

from pansori.domain.units import Seconds

DOUBLINGS = 30  #: more make no difference to any pause, but in the end a number too large for a float


def backoff(first: Seconds, failures: int, longest: Seconds) -> Seconds:
    """`first` after one failure in a row, doubled with each further one, up to `longest`; nothing after none."""
    return Seconds(min(longest, first * 2 ** min(failures - 1, DOUBLINGS))) if failures else Seconds(0.0)
