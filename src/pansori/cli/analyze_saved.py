"""What `pansori analyze` saves: each analysis in the formats that were asked for, and one page about all."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path

from pansori import reports, settings
from pansori.cli import outputs
from pansori.cli.analyze_files import Outcome
from pansori.cli.language import language, say
from pansori.domain.errors import NotFound, Text
from pansori.domain.jobs import JsonDict
from pansori.engines.analyze.schema import Analysis
from pansori.media import Limits, decode


class Format(StrEnum):
    """Whatever is saved beside the analysis itself."""

    SVG = "svg"
    PNG = "png"
    JAMS = "jams"
    TEXTGRID = "textgrid"
    AUDACITY = "audacity"
    SONIC = "sonic"


DRAWN = frozenset({Format.SVG, Format.PNG})  #: for which the sound is looked at again


def chosen(**formats: bool) -> frozenset[Format]:
    """Those of the names that are true."""
    return frozenset(Format(name) for name, wanted in formats.items() if wanted)


def save(outcomes: Sequence[Outcome], folder: Path | None, formats: frozenset[Format], report: Path | None) -> None:
    """Write all of it, one recording at a time. `folder`: also for the analyses as JSON; None: these are not saved, and
    the rest goes to the working folder. Raises `StorageError`, and `MediaError` where a recording has changed."""
    articles = []
    for name, outcome in _named(outcomes):
        if outcome.analysis is None:
            why = outcome.error.told if outcome.error is not None else Text("It was cancelled.", "취소했어요.")
            articles.append(reports.sorry(str(outcome.path), why, language()) if report else "")
            continue
        if folder is not None:
            outputs.write(_json(outcome.analysis), folder / f"{name}.json")
        if not formats and report is None:
            continue
        analysis = Analysis.model_validate(outcome.analysis)
        for ending, content in _texts(analysis, outcome.path.name, formats):
            _write((folder or Path()) / f"{name}.{ending}", content)
        if report is not None or formats & DRAWN:
            shown = _seen(outcome.path, analysis)
            _draw(shown, (folder or Path()) / name, formats)
            articles.append(reports.article(shown, language()) if report else "")
    if report is not None:
        title = outcomes[0].path.name if len(outcomes) == 1 else say("Analysis", "분석")
        _write(report, reports.page(articles, language(), title=title))


def _named(outcomes: Sequence[Outcome]) -> Iterator[tuple[str, Outcome]]:
    """Each with the name of its recording, numbered where several are called the same."""
    taken: set[str] = set()
    for one in outcomes:
        name, number = one.path.name, 2
        while name in taken:
            name, number = f"{one.path.name} {number}", number + 1
        if one.analysis is not None:
            taken.add(name)
        yield name, one


def _texts(analysis: Analysis, title: str, formats: frozenset[Format]) -> Iterator[tuple[str, str]]:
    """Endings of files with what they hold."""
    if Format.JAMS in formats:
        yield "jams", json.dumps(reports.jams(analysis, title=title), ensure_ascii=False, allow_nan=False)
    if Format.TEXTGRID in formats:
        yield "TextGrid", reports.textgrid(analysis)
    if Format.AUDACITY in formats:
        yield from ((f"{layer}.txt", text) for layer, text in reports.audacity(analysis).items())
    if Format.SONIC in formats:
        yield from ((f"{layer}.csv", text) for layer, text in reports.sonic_visualiser(analysis).items())


def _seen(path: Path, analysis: Analysis) -> reports.Shown:
    try:
        sound = decode(path, Limits.of(settings.load()))
    except FileNotFoundError as error:
        raise NotFound(
            Text(f"{path} is gone since it was measured.", f"재는 동안 {path} 파일이 없어졌어요.")
        ) from error
    sight = reports.Sight.of(sound.samples, sound.rate, tuning=reports.tuning_of(analysis))
    return reports.Shown(path.name, analysis, sight)


def _draw(shown: reports.Shown, place: Path, formats: frozenset[Format]) -> None:
    for plot in reports.plots(shown, language()) if formats & DRAWN else ():
        if Format.SVG in formats:
            _write(place.with_name(f"{place.name}.{plot.name}.svg"), plot.svg(language()))
        if Format.PNG in formats:
            picture = reports.png(plot, language())
            outputs.write(iter((picture,)), place.with_name(f"{place.name}.{plot.name}.png"))


def _json(analysis: JsonDict) -> Iterator[bytes]:
    """In pieces: an hour's curves have millions of numbers."""
    pieces = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=1).iterencode(analysis)
    while some := "".join(islice(pieces, 10_000)):
        yield some.encode()


def _write(path: Path, content: str) -> None:
    outputs.write(iter((content.encode(),)), path)
