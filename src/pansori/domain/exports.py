"""The formats that an analysis is taken to other programs in."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Export(StrEnum):
    JSON = "json"
    CSV = "csv"
    JAMS = "jams"
    TEXTGRID = "textgrid"
    AUDACITY = "audacity"
    SONIC = "sonic"
    SVG = "svg"
    PNG = "png"
    HTML = "html"


SEEN: Final = frozenset({Export.SVG, Export.PNG, Export.HTML})  #: for which the sound is looked at again
