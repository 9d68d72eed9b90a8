"""What a benchmark reports, and how a report is shown."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One measured number. `peer` and `ratio` compare it with something measured in the same run."""

    what: str
    value: float
    unit: str
    goal: str = ""
    met: bool | None = None
    peer: str = ""
    ratio: float | None = None

    def row(self) -> str:
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} × {self.peer}"
        met = {True: "yes", False: "**no**", None: ""}[self.met]
        return f"| {self.what} | {show(self.value)} {self.unit} | {ratio} | {self.goal} | {met} |"


def at_most(what: str, value: float, unit: str, limit: float) -> Figure:
    return Figure(what, value, unit, goal=f"≤ {show(limit)} {unit}", met=value <= limit)


def against(what: str, value: float, unit: str, peer: str, peer_value: float) -> Figure:
    return Figure(what, value, unit, peer=peer, ratio=value / peer_value)


def beside(figure: Figure, peer: str, peer_value: float) -> Figure:
    """The figure, compared with a peer as well."""
    return replace(figure, peer=peer, ratio=figure.value / peer_value)


def show(value: float) -> str:
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def machine() -> str:
    """One line about where this was measured."""
    cpu = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line.partition(":")[2].strip() for line in info.read_text().splitlines() if "model name" in line]
        cpu = names[0] if names else cpu
    when = datetime.now(UTC).date().isoformat()
    python = platform.python_version()
    return f"{when}: {os.cpu_count()} cores, {cpu}, {platform.system()} {platform.release()}, Python {python}"


def table(figures: Iterable[Figure]) -> str:
    head = "| what | measured | against a peer of the same run | goal | met |\n| -- | -- | -- | -- | -- |"
    return "\n".join([head, *(figure.row() for figure in figures)])
