"""`pansori analyze`: recordings measured, many at once; one that is bad does not stop the rest."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from rich import box
from rich.table import Table

from pansori import settings
from pansori.cli import inputs, outputs
from pansori.cli.analyze_files import Outcome, analyze_all
from pansori.cli.analyze_saved import Format, save
from pansori.cli.analyze_scores import read_truths, score, score_table
from pansori.cli.consoles import plain_console
from pansori.cli.exits import CANCELLED, FAILED, exit_code_of, tell_kept
from pansori.cli.language import language, say
from pansori.cli.services import opened
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import AnalyzeTask, Kind
from pansori.reports import Scores, flat, table
from pansori.settings import Settings

SHOWN = ("loudness.integrated", "music.tempo", "music.key", "voice.f0_median")
"""Measures of the table, where there are any."""
DIGITS = 5  #: significant, in the table


@dataclass(frozen=True)
class AnalysisOrder:
    """What was typed."""

    files: Sequence[Path]
    include: str
    kind: Kind | None
    engine: str | None
    options: Sequence[str]
    output: Path | None
    csv: str | None
    json: bool
    workers: int | None
    report: Path | None = None
    formats: frozenset[Format] = frozenset()
    evaluate: Path | None = None


def analyze_files(order: AnalysisOrder) -> int:
    """Returns the exit code: that of the file where there is one; 1 where any of several has failed."""
    request = _request(order)
    for path in filter(None, (order.output and order.output / "analysis.json", _csv_path(order), order.report)):
        outputs.check(path)
    truths = read_truths(order.files, order.evaluate, request)
    with opened(_settings(order)) as services:
        outcomes = analyze_all(services, order.files, request, quiet=order.json)
    save(outcomes, order.output, order.formats, order.report)
    scores, wrong = score(outcomes, truths)
    if order.csv is not None:
        _write_csv(outcomes, scores, order.csv)
    if order.json:
        told = [_as_json(one, scored) for one, scored in zip(outcomes, scores, strict=True)]
        print(json.dumps({"files": told}, ensure_ascii=False, allow_nan=False))
    elif order.csv != "-":
        if any(one.analysis is not None for one in outcomes):
            plain_console().print(_table(outcomes))
        for line in _why_not(outcomes):
            print(line, file=sys.stderr)
        if order.evaluate is not None:
            plain_console().print(score_table(outcomes, scores))
    return max(_told(outcomes, quiet=order.json), *(tell_kept(error) for error in wrong), 0)


def _settings(order: AnalysisOrder) -> Settings:
    loaded = settings.load()
    wanted = order.workers or max(loaded.workers, 1)
    return loaded.model_copy(update={"workers": min(wanted, len(order.files))})


def _request(order: AnalysisOrder) -> JsonDict:
    include = [word.strip() for word in order.include.split(",") if word.strip()]
    request: JsonDict = {"include": include}
    if order.kind is not None:
        request["kind"] = order.kind.value
    try:
        AnalyzeTask.model_validate(request)
    except ValidationError as error:
        raise inputs.invalid(error) from error
    if order.engine is not None:
        request["engine"] = order.engine
    return {**request, "options": inputs.read_options(list(order.options))}


def _csv_path(order: AnalysisOrder) -> Path | None:
    return Path(order.csv) if order.csv not in (None, "-") else None


def _told(outcomes: Sequence[Outcome], *, quiet: bool) -> int:
    """Tell what went wrong with the only file, and give the exit code."""
    if any(one.cancelled for one in outcomes):
        return CANCELLED
    failed = [one for one in outcomes if one.error is not None]
    if len(outcomes) == 1 and failed:
        assert failed[0].error is not None
        return exit_code_of(failed[0].error) if quiet else tell_kept(failed[0].error)
    return FAILED if failed else 0


def _as_json(one: Outcome, scores: Scores | None) -> JsonDict:
    error = one.error.model_dump(exclude_none=True) if one.error is not None else None
    told = {"path": str(one.path), "job": one.job, "analysis": one.analysis, "error": error, "evaluation": scores}
    return {name: value for name, value in told.items() if value is not None}


# -- tables ------------


def _write_csv(outcomes: Sequence[Outcome], scores: Sequence[Scores | None], place: str) -> None:
    rows = [
        {
            "path": str(one.path),
            "error": one.error.message if one.error else "",
            **flat(one.analysis or EMPTY),
            **{f"evaluation.{name}": value for name, value in (scored or {}).items()},
        }
        for one, scored in zip(outcomes, scores, strict=True)
    ]
    text = table(rows)
    if place == "-":
        sys.stdout.write(text)
    else:
        outputs.write(iter((text.encode(),)), Path(place))


EMPTY: JsonDict = {"format": {}, "kind": {"value": ""}}  #: of a file that could not be analysed


def _table(outcomes: Sequence[Outcome]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("file", "파일"), overflow="fold")
    for heading in (say("length", "길이"), say("what", "종류"), "LUFS", "BPM", say("key", "조"), "F0 Hz"):
        table.add_column(heading, no_wrap=True)
    for one in outcomes:
        if one.analysis is None:
            continue
        known = flat(one.analysis)
        cells = [_cell(known.get(name, "")) for name in SHOWN]
        table.add_row(str(one.path), f"{known['format.duration']:.1f} s", str(known["kind"]), *cells)
    return table


def _why_not(outcomes: Sequence[Outcome]) -> Iterator[str]:
    """A line for each file that was not analysed; none for one that failed alone, whose error is told in full."""
    for one in outcomes:
        if one.analysis is None and (one.error is None or len(outcomes) > 1):
            wrong = one.error.told.in_language(language()) if one.error else say("cancelled", "취소했어요")
            yield f"{one.path}: {wrong}"


def _cell(value: Any) -> str:
    return f"{value:.{DIGITS}g}" if isinstance(value, float) else str(value)
