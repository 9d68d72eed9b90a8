"""Pansori: words, recordings and web pages become songs, analyses, spoken replies and films."""

from __future__ import annotations

__version__: str


def __getattr__(name: str) -> str:
    """The version is looked up when somebody asks for it: most processes speak, decode or work and never do."""
    if name != "__version__":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib.metadata import version

    found: str = globals().setdefault(name, version("pansori"))
    return found
