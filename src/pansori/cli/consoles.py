"""Where tables and bars are drawn."""

from __future__ import annotations

from rich.console import Console


def plain_console() -> Console:
    """What is printed stands there as it is: a genre called [ballad] is no markup, :rain: no emoji."""
    return Console(markup=False, emoji=False, highlight=False)
