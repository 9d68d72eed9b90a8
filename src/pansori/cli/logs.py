"""What a command logs."""

from __future__ import annotations

from pansori import telemetry
from pansori.settings import Settings


def log_to_stderr(chosen: Settings, *, quiet: bool = False) -> None:
    """`quiet`: a command that answers by itself logs only what went wrong, unless more was asked for."""
    level = "error" if quiet and chosen.log_level == "info" else chosen.log_level
    telemetry.log_to_stderr(chosen.log_format, level)
