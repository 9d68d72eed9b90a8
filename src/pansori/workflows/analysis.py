"""An analysis: a stored recording is decoded and measured. The measures are an artifact, their numbers the result."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori import __version__
from pansori.db import owned
from pansori.db.tables import Asset
from pansori.domain.errors import InvalidRequest, NotFound, Text
from pansori.domain.jobs import JobView, JsonDict, StepSpec
from pansori.domain.tasks import AnalyzeTask, Family, Part
from pansori.engines.analyze.base import RECORDING, Analyzer
from pansori.engines.analyze.schema import SCHEMA_VERSION, Analysis
from pansori.engines.base import Recording
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, Workflow, cache_key
from pansori.media import READY, AssetInfo, Limits, decode, media_type, probe
from pansori.settings import Settings
from pansori.workflows.context import StepContext
from pansori.workflows.recording import options_of
from pansori.workflows.services import Services

ANALYSIS = "analysis"  #: role of the artifact
BRIEF = 100  #: characters of what a summary still holds
DECODED = 0.1  #: part of an analysis's time that decoding takes


class AnalysisTask(AnalyzeTask):
    """Which stored recording to measure, by which engine."""

    asset_id: UUID = Field(description="The stored recording.")
    sha256: str = Field(
        default="", pattern="^([0-9a-f]{64})?$", description="Of its bytes, to make sure. Default: filled in."
    )
    engine: str | None = Field(default=None, description="Who analyses. Default: as the installation is set.")
    options: JsonDict = Field(default_factory=dict, description="Options of that engine; see GET /v1/engines.")

    @property
    def analyzing(self) -> AnalyzeTask:
        return AnalyzeTask.model_validate(self.model_dump(include=set(AnalyzeTask.model_fields)))


class AnalysisWorkflow(Workflow):
    """One step, `analyze`. Artifact: `analysis`, the whole `Analysis` as JSON; the result is its `summary_of`."""

    kind = "analysis"
    Task = AnalysisTask

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings

    def accept(self, task: AnalysisTask) -> AnalysisTask:
        task = task.model_copy(update={"engine": task.engine or self._settings.analyze_engine})
        engine = self._engine(task)
        engine.check(task.analyzing, options_of(engine, task.options))
        return task

    def complete(self, session: Session, task: AnalysisTask, owner: UUID) -> AnalysisTask:
        """With the true SHA-256: the same bytes are not measured twice."""
        ready = select(Asset.sha256).where(Asset.id == task.asset_id, Asset.state == READY)
        sha256 = session.scalars(owned(ready, owner)).one_or_none()
        if sha256 is None:
            raise NotFound(Text("There is no such file.", "그런 파일은 없어요."), field="asset_id")
        if task.sha256 not in ("", sha256):
            raise InvalidRequest(Text("The file has another SHA-256.", "파일의 SHA-256이 달라요."), field="sha256")
        return task.model_copy(update={"sha256": sha256})

    def plan(self, task: AnalysisTask) -> Sequence[StepSpec]:
        engine = self._engine(task)
        card = engine.card()
        asked = task.analyzing.model_dump(mode="json")
        known = (__version__, SCHEMA_VERSION, engine.name, card.parts, asked, task.options, task.sha256)
        key = cache_key("analyze", *known)
        return (StepSpec(name="analyze", queue=card.queue, grace=card.cancel_grace, cache_key=key),)

    def run(self, step: StepRun, task: AnalysisTask) -> JsonDict:
        engine = self._engine(task)
        step.progress("decode", 0.0)
        with step.asset(task.asset_id) as path:
            recording = read_recording(path, task.sha256, self._settings, step.scratch)
        context = StepContext(step, 0, share=(DECODED, 1.0), inputs={RECORDING: recording})
        analysis: Analysis = engine.run(task.analyzing, options_of(engine, task.options), context)
        context.save_file(ANALYSIS, "analysis.json", analysis.model_dump_json().encode(), "application/json")
        return summary_of(analysis)

    def _engine(self, task: AnalysisTask) -> Analyzer[Any]:
        engine = self._registry.get(Family.ANALYZE, task.engine or self._settings.analyze_engine)
        assert isinstance(engine, Analyzer), "what the family's entry points name"
        return engine


def read_recording(path: Path, sha256: str, settings: Settings, folder: Path) -> Recording:
    """A file as engines take it; its samples lie in `folder`, and are gone with the last view of them. Raises as
    `probe` does."""
    limits = Limits(size=settings.max_upload)
    found = probe(path, limits)
    decoded = decode(path, limits, folder=folder)
    return Recording(
        samples=decoded.samples,
        rate=decoded.rate,
        container=found.container,
        codec=found.codec,
        media_type=media_type(path),
        size=found.size,
        sha256=sha256,
        video=found.video,
        damaged=found.damaged or decoded.damaged,
    )


def store_recording(services: Services, path: Path, *, name: str, owner: UUID) -> AssetInfo:
    """Keep a file that is to be analysed. Raises what `Assets.write` does; nothing is kept then."""
    asset_id = services.assets.write(owner, name, path)
    with services.database.write() as session:
        services.assets.commit(session, [asset_id])
        return services.assets.info(session, asset_id)


def submit_analysis(services: Services, source: AssetInfo, request: JsonDict, *, owner: UUID, origin: str) -> JobView:
    """Submit the analysis of a stored file. `request`: the fields of `AnalysisTask` beside the file. Raises pydantic's
    `ValidationError`, and what `Services.submit` does."""
    task = AnalysisTask.model_validate({**request, "asset_id": source.id})
    return services.submit(AnalysisWorkflow.kind, task, owner=owner, origin=origin)


def summary_of(analysis: Analysis) -> JsonDict:
    """The analysis without what is long: curves, lists, fingerprints' words."""
    told: JsonDict = analysis.model_dump(mode="json", exclude={"settings"})
    for group in (part.value for part in Part):
        if told[group] is not None:
            told[group] = {name: one for name, one in told[group].items() if _is_short(one["value"])}
    return told


def _is_short(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < BRIEF)
