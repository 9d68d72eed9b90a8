"""A finished analysis as it is read: what was measured, what people corrected in it, what is seen of its recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pydantic import ValidationError

from pansori.domain.errors import Conflict, InvalidRequest, NotFound, Text
from pansori.domain.units import Cents
from pansori.engines.analyze.said import Corrections
from pansori.engines.analyze.schema import Analysis
from pansori.library import AnalysisView
from pansori.media import AssetInfo, Limits, decode
from pansori.workflows.services import Services

if TYPE_CHECKING:
    from pansori.reports import Sight

NOT_DONE = Text("The analysis is not done.", "분석이 아직 끝나지 않았어요.")
FOREIGN = Text(
    "Another program gave this result, in a form of its own.", "다른 프로그램이 준 결과라서 항목별로 읽을 수 없어요."
)
GONE = Text("The recording was deleted, so nothing can be drawn of it.", "녹음이 지워져서 그릴 수 없어요.")


@dataclass(frozen=True)
class Measured:
    """`original`: as the engine measured it. `now`: with what people said against it."""

    original: Analysis
    now: Analysis

    @property
    def is_corrected(self) -> bool:
        return self.now is not self.original


def measured(services: Services, view: AnalysisView) -> Measured:
    """Everything that was measured. Raises `Conflict` where it is not done, `NotFound` where the result is not of our
    form."""
    if not view.job.result:
        raise Conflict(NOT_DONE)
    if view.measures is None:
        raise NotFound(FOREIGN)
    with services.database.read() as session:
        info = services.assets.info(session, view.measures.asset_id)
    original = Analysis.model_validate_json(b"".join(services.assets.read(info)))
    return Measured(original, _with(original, view))


def try_corrections(services: Services, view: AnalysisView, said: Corrections) -> Measured:
    """What it would be with these. Raises what `measured` raises, and `InvalidRequest` for what cannot be corrected."""
    from pansori.engines.analyze.corrections import corrected  # brings much of the analyser along

    found = measured(services, view)
    return Measured(found.original, corrected(found.original, said))


def corrections_of(view: AnalysisView) -> Corrections:
    """What people said; nothing where what an older version kept is not understood any more."""
    try:
        return Corrections.model_validate(view.corrections or {})
    except ValidationError:
        return Corrections()


def _with(original: Analysis, view: AnalysisView) -> Analysis:
    said = corrections_of(view)
    if said.empty:
        return original
    from pansori.engines.analyze.corrections import corrected

    try:
        return corrected(original, said)
    except InvalidRequest:  # it was about what another version had measured
        return original


def look(services: Services, recording: AssetInfo, tuning: Cents) -> Sight:
    """What is seen of a recording. It is decoded for that, which takes seconds for minutes of sound. Raises
    `MediaError` where it cannot be decoded, `NotFound` where it is gone."""
    from pansori.reports import Sight  # what draws is needed by those alone who look

    with services.kernel.folder() as folder:
        path = services.assets.materialize(recording, folder)
        try:
            decoded = decode(path, Limits.of(services.settings), folder=folder)
        except FileNotFoundError as error:  # it is deleted just now
            raise NotFound(GONE) from error
        return Sight.of(decoded.samples, decoded.rate, tuning=tuning)
