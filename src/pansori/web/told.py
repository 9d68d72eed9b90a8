"""Numbers and times as people read them. Each is a filter of the templates under its own name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pansori.domain.units import Seconds


def clock(seconds: float) -> str:
    """`83.2` → `1:23`, `3700` → `1:01:40`."""
    whole = max(0, int(seconds))
    hours, minutes, rest = whole // 3600, whole // 60 % 60, whole % 60
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def iso_duration(seconds: Seconds) -> str:
    """For `<time datetime>`: `PT83.2S`."""
    return f"PT{seconds:.1f}S"


FILTERS: dict[str, Callable[..., Any]] = {"clock": clock, "iso_duration": iso_duration}
