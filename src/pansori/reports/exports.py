"""An analysis as files for other programs, by the names of their formats."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pansori.domain.errors import InvalidRequest, Language, Text
from pansori.domain.exports import SEEN, Export
from pansori.engines.analyze.schema import Analysis
from pansori.reports.formats import audacity, sonic_visualiser, textgrid
from pansori.reports.jams import jams
from pansori.reports.model import Shown
from pansori.reports.page import article, page
from pansori.reports.plots import plots
from pansori.reports.rendering import png
from pansori.reports.tables import flat, table

__all__ = ["SEEN", "Export", "File", "export"]

EPOCH: Final = (1980, 1, 1, 0, 0, 0)  #: time of files in archives, so that the same analysis gives the same bytes
ZIP: Final = "application/zip"
ENDINGS: Final[dict[Export, tuple[str, str]]] = {
    Export.JSON: ("json", "application/json"),
    Export.CSV: ("csv", "text/csv"),
    Export.JAMS: ("jams", "application/json"),
    Export.TEXTGRID: ("TextGrid", "text/plain"),
    Export.AUDACITY: ("txt", "text/plain"),
    Export.SONIC: ("csv", "text/csv"),
    Export.SVG: ("svg", "image/svg+xml"),
    Export.PNG: ("png", "image/png"),
    Export.HTML: ("html", "text/html"),
}
"""Endings and types of single files."""


@dataclass(frozen=True)
class File:
    """`name`: with its ending."""

    name: str
    media_type: str
    content: bytes


def export(shown: Shown, wanted: Export, language: Language, *, part: str = "") -> File:
    """The analysis in that format; `shown` has to have a true sight for those of `SEEN`.

    `part`: which plot or layer, of formats that have a file for each. Empty: all of them, in an archive. Raises
    `InvalidRequest` naming `part` for one that there is not."""
    ending, media_type = ENDINGS[wanted]
    single = SINGLE.get(wanted)
    if single is not None:
        return File(f"{shown.name}.{ending}", media_type, single(shown, language))
    found = {f"{shown.name}.{name}.{ending}": content for name, content in SEVERAL[wanted](shown, language).items()}
    if not part:
        return File(f"{shown.name}.{wanted.value}.zip", ZIP, _zip(found))
    name = f"{shown.name}.{part}.{ending}"
    if name not in found:
        known = ", ".join(one.removeprefix(f"{shown.name}.").removesuffix(f".{ending}") for one in found) or "–"
        raise InvalidRequest(
            Text("There is no such part.", "그런 부분은 없어요."),
            field="part",
            cure=Text(f"There is: {known}.", f"있는 부분: {known}."),
        )
    return File(name, media_type, found[name])


def _json(shown: Shown, language: Language) -> bytes:
    told = shown.analysis.model_dump(mode="json")
    return json.dumps(told, ensure_ascii=False, allow_nan=False, indent=1).encode()


def _csv(shown: Shown, language: Language) -> bytes:
    return table([{"name": shown.name, **flat(shown.analysis.model_dump(mode="json"))}]).encode()


def _jams(shown: Shown, language: Language) -> bytes:
    return json.dumps(jams(shown.analysis, title=shown.name), ensure_ascii=False, allow_nan=False).encode()


def _textgrid(shown: Shown, language: Language) -> bytes:
    return textgrid(shown.analysis).encode()


def _html(shown: Shown, language: Language) -> bytes:
    return page([article(shown, language)], language, title=shown.name).encode()


def _svg(shown: Shown, language: Language) -> dict[str, bytes]:
    return {plot.name: plot.svg(language).encode() for plot in plots(shown, language)}


def _png(shown: Shown, language: Language) -> dict[str, bytes]:
    return {plot.name: png(plot, language) for plot in plots(shown, language)}


def _texts(layers: Callable[[Analysis], dict[str, str]]) -> Callable[[Shown, Language], dict[str, bytes]]:
    return lambda shown, language: {name: text.encode() for name, text in layers(shown.analysis).items()}


SINGLE: Final[Mapping[Export, Callable[[Shown, Language], bytes]]] = {
    Export.JSON: _json,
    Export.CSV: _csv,
    Export.JAMS: _jams,
    Export.TEXTGRID: _textgrid,
    Export.HTML: _html,
}
SEVERAL: Final[Mapping[Export, Callable[[Shown, Language], dict[str, bytes]]]] = {
    Export.AUDACITY: _texts(audacity),
    Export.SONIC: _texts(sonic_visualiser),
    Export.SVG: _svg,
    Export.PNG: _png,
}


def _zip(files: Mapping[str, bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name.replace("/", "_"), EPOCH), content, zipfile.ZIP_DEFLATED)
    return whole.getvalue()
