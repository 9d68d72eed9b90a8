"""Pansori: words, recordings and web pages become songs, analyses, spoken replies and films."""

from importlib.metadata import version

__version__ = version("pansori")
