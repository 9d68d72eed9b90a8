"""`pansori analyze --evaluate`: how right the analyses are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.table import Table

from pansori import reports
from pansori.cli.analyze_files import Outcome
from pansori.cli.language import say
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import ErrorInfo, JsonDict
from pansori.domain.tasks import Part
from pansori.engines.analyze.schema import Analysis
from pansori.reports import Scores, Truth


def read_truths(files: Sequence[Path], annotations: Path | None, request: JsonDict) -> list[Truth | None]:
    """What is known of each file. To be asked before long work: raises as `find_truth` and `need_judge` do, and
    `InvalidRequest` where one file of annotations is to judge several recordings, or no music is measured."""
    if annotations is None:
        return [None] * len(files)
    if request["include"] and Part.MUSIC not in request["include"]:
        raise InvalidRequest(
            Text("Annotations are about music.", "주석은 음악에 관한 것이에요."),
            field="include",
            cure=Text("Add music to --include.", "--include에 music을 넣으세요."),
        )
    if len(files) > 1 and not annotations.is_dir():
        raise InvalidRequest(
            Text("One file of annotations belongs to one recording.", "주석 파일 하나는 녹음 하나에만 쓸 수 있어요."),
            field="evaluate",
            cure=Text("Name a folder with a file for each.", "녹음마다 파일이 있는 폴더를 지정하세요."),
        )
    reports.need_judge()
    return [reports.find_truth(annotations, path) for path in files]


def score(outcomes: Sequence[Outcome], truths: Sequence[Truth | None]) -> tuple[list[Scores | None], list[ErrorInfo]]:
    """Of every outcome, None where there is no analysis or nothing to compare it with; and what cannot be compared,
    which does not stop the rest."""
    scores: list[Scores | None] = []
    wrong = []
    for one, truth in zip(outcomes, truths, strict=True):
        scores.append(None)
        if one.analysis is not None and truth is not None:
            try:
                scores[-1] = reports.evaluate(Analysis.model_validate(one.analysis), truth)
            except InvalidRequest as error:
                wrong.append(ErrorInfo.of(error))
    return scores, wrong


def score_table(outcomes: Sequence[Outcome], scores: Sequence[Scores | None]) -> Table:
    """A row a score, a column a file, and their mean where there are several."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column(say("score", "점수"))
    known = [(one.path.name, found) for one, found in zip(outcomes, scores, strict=True) if found is not None]
    for name, _ in known:
        table.add_column(name, justify="right", overflow="fold")
    if len(known) > 1:
        table.add_column(say("mean", "평균"), justify="right")
    for measure in {name: None for _, found in known for name in found}:
        row = [found.get(measure) for _, found in known]
        values = [value for value in row if value is not None]
        means = [sum(values) / len(values)] if len(known) > 1 else []
        table.add_row(measure, *("" if value is None else f"{value:.3f}" for value in (*row, *means)))
    if not known:
        table.add_row(say("Nothing to compare with was found.", "비교할 주석을 찾지 못했어요."))
    return table
