"""Plots as pixels."""

from __future__ import annotations

from pansori.domain.errors import Language
from pansori.reports.plots import Plot

ZOOM = 2.0  #: pixels of one of the drawing's units, for fine screens and for print


def png(plot: Plot, language: Language) -> bytes:
    """As a PNG, on light paper. Its letters are of the system's fonts; without any it has none."""
    import resvg_py

    return bytes(resvg_py.svg_to_bytes(svg_string=plot.svg(language, dark=False), zoom=ZOOM))
