"""The command `pansori`."""

from __future__ import annotations

from pansori.cli.start import main

__all__ = ["main"]
