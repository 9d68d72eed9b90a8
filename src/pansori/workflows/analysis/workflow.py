"""An analysis: a stored recording is looked at, then measured, here or by another server, and compared with the clip
that it imitates, where there is one. The measures are an artifact, their numbers the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from pydantic import Field, ValidationError
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pansori import __version__
from pansori.db import now, owned
from pansori.db.tables import AnalysisResult, Asset, Job, Step
from pansori.domain.errors import (
    InvalidRequest,
    NotFound,
    PansoriError,
    RemoteGarbled,
    StorageError,
    Text,
)
from pansori.domain.jobs import JobView, JsonDict, StepSpec
from pansori.domain.tasks import AnalyzeTask
from pansori.engines.analyze.base import Analyzer
from pansori.engines.analyze.schema import SCHEMA_VERSION, Analysis
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, Workflow, cache_key
from pansori.media import READY, AssetInfo
from pansori.settings import Settings
from pansori.workflows.analysis.handing_out import Handout
from pansori.workflows.analysis.imitating import (
    IMITATE,
    IMITATION,
    ReferenceClip,
    clip_of,
    imitate,
    imitate_step,
    is_gone,
)
from pansori.workflows.analysis.length import refuse_too_long
from pansori.workflows.analysis.measuring import (
    DECODED,
    analyzer,
    facts_of,
    keep_analysis,
    known_of,
    measure,
    read_recording,
    sha256_of,
)
from pansori.workflows.analysis.remote import REMOTE, TRIES, RemoteAnalyser
from pansori.workflows.analysis.transcribing import Scribe
from pansori.workflows.recording import options_of
from pansori.workflows.services import Services

STORE, ANALYZE = "store", "analyze"  #: the steps
LOOKED = 0.05  #: part of an analysis's time by whose end the recording is looked at


class AnalysisTask(AnalyzeTask):
    """Which stored recording to measure, by which engine."""

    asset_id: UUID = Field(description="The stored recording.")
    sha256: str = Field(
        default="", pattern="^([0-9a-f]{64})?$", description="Of its bytes, to make sure. Default: filled in."
    )
    engine: str | None = Field(default=None, description="Who analyses. Default: as the installation is set.")
    options: JsonDict = Field(default_factory=dict, description="Options of that engine; see GET /v1/engines.")
    token_id: str | None = Field(default=None, max_length=64, description="The token that the recording imitates.")
    reference: ReferenceClip | None = Field(default=None, description="Its clip. Filled in.")

    @property
    def analyzing(self) -> AnalyzeTask:
        return AnalyzeTask.model_validate(self.model_dump(include=set(AnalyzeTask.model_fields)))


class AnalysisWorkflow(Workflow):
    """Steps `store` → `analyze`, and beside that `imitate` where the recording's token has a clip. Artifacts:
    `analysis`, the whole `Analysis` as JSON, whose `summary_of` is the result; `imitation`.

    The engine `remote` is another server. What it answers in a form of its own is the result as it came."""

    kind = "analysis"
    Task = AnalysisTask

    def __init__(
        self, registry: Registry, settings: Settings, handout: Handout, services: Callable[[], Services]
    ) -> None:
        """`services`: the installation, once it is put together."""
        self._registry = registry
        self._settings = settings
        self._services = services
        self._remote = RemoteAnalyser(settings, handout)
        self._scribe = Scribe(registry, settings)

    def accept(self, task: AnalysisTask) -> AnalysisTask:
        task = task.model_copy(update={"engine": task.engine or self._settings.analyze_engine})
        if task.engine == REMOTE:
            self._remote.address  # noqa: B018 - raises where there is none
            return task
        engine = self._engine(task)
        engine.check(task.analyzing, options_of(engine, task.options))
        return task

    def look(self, task: AnalysisTask, owner: UUID) -> None:
        """Refuse what is too long. Raises `MediaTooLarge`."""
        services = self._services()
        try:
            with services.database.read() as session:
                recording = services.assets.info(session, task.asset_id, owner=owner)
        except NotFound:
            return  # as `complete` tells
        refuse_too_long(services, recording)

    def complete(self, session: Session, task: AnalysisTask, owner: UUID) -> AnalysisTask:
        """With the true SHA-256, for the same bytes are not measured twice; and with the clip of its token."""
        ready = select(Asset.sha256).where(Asset.id == task.asset_id, Asset.state == READY)
        sha256 = session.scalars(owned(ready, owner)).one_or_none()
        if sha256 is None:
            raise NotFound(Text("There is no such file.", "그런 파일은 없어요."), field="asset_id")
        if task.sha256 not in ("", sha256):
            raise InvalidRequest(Text("The file has another SHA-256.", "파일의 SHA-256이 달라요."), field="sha256")
        clip = None if task.token_id is None else clip_of(session, task.token_id, owner)
        return task.model_copy(update={"sha256": sha256, "reference": clip})

    def plan(self, task: AnalysisTask) -> Sequence[StepSpec]:
        asked = task.analyzing.model_dump(mode="json")
        known = (__version__, SCHEMA_VERSION, asked, task.options, task.sha256)
        if task.engine == REMOTE:
            key = cache_key(ANALYZE, REMOTE, str(self._remote.address), *known)
            analyze = StepSpec(name=ANALYZE, after=(STORE,), max_attempts=TRIES, cache_key=key)
        else:
            engine = self._engine(task)
            card = engine.card()
            key = cache_key(ANALYZE, engine.name, card.parts, self._scribe.key(), *known)
            analyze = StepSpec(name=ANALYZE, after=(STORE,), queue=card.queue, grace=card.cancel_grace, cache_key=key)
        bounds = (self._settings.max_upload, self._settings.max_recording)
        looked = cache_key(STORE, __version__, str(task.asset_id), task.sha256, *bounds)
        steps = (StepSpec(name=STORE, cache_key=looked), analyze)
        return steps if task.reference is None else (*steps, imitate_step(task.reference, task.sha256, (STORE,)))

    def run(self, step: StepRun, task: AnalysisTask) -> JsonDict:
        if step.name == STORE:
            return self._look(step, task)
        if step.name == IMITATE:
            return self._imitate(step, task)
        return self._ask(step, task) if task.engine == REMOTE else self._measure(step, task)

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        compared = outputs.get(IMITATE)
        return {**outputs[ANALYZE], IMITATION: compared} if compared else outputs[ANALYZE]

    def keep(self, session: Session, job_id: UUID, result: JsonDict) -> None:
        job = session.execute(select(Job.owner, Job.task, Job.created_at).where(Job.id == job_id)).one()
        task = AnalysisTask.model_validate(job.task)
        name = session.scalar(select(Asset.name).where(Asset.id == task.asset_id))
        row = AnalysisResult(
            job_id=job_id,
            owner=job.owner,
            token_id=task.token_id,
            name=name or str(task.asset_id),
            result=result,
            created_at=now(session),
        )
        session.add(row)
        session.flush()
        _note_duration(session, job_id, task.asset_id)

    def _look(self, step: StepRun, task: AnalysisTask) -> JsonDict:
        """Make sure that the stored file is the one that came, and that there is sound in it."""
        step.progress(STORE, 0.0)
        with step.asset(task.asset_id) as path:
            if sha256_of(path, step) != task.sha256:
                raise StorageError(
                    Text("The stored file is not the one that came.", "저장된 파일이 올린 파일과 달라요.")
                )
            found = facts_of(path, self._settings)
            step.progress(STORE, LOOKED)
            return found

    def _measure(self, step: StepRun, task: AnalysisTask) -> JsonDict:
        step.progress("decode", LOOKED)
        known = known_of(step.outputs[STORE])
        with step.asset(task.asset_id) as path:
            recording = read_recording(path, task.sha256, self._settings, step.scratch, known=known)
        return measure(step, self._engine(task), recording, task, task.options, self._scribe)

    def _imitate(self, step: StepRun, task: AnalysisTask) -> JsonDict:
        clip = task.reference
        assert clip is not None, "as it was planned"
        if is_gone(step, clip):
            return {}
        with step.asset(clip.asset_id) as path:
            reference = read_recording(path, clip.sha256, self._settings, step.scratch)
        with step.asset(task.asset_id) as path:
            known = known_of(step.outputs[STORE])
            attempt = read_recording(path, task.sha256, self._settings, step.scratch, known=known)
        return imitate(step, reference, attempt, clip)

    def _ask(self, step: StepRun, task: AnalysisTask) -> JsonDict:
        step.progress(REMOTE, DECODED)
        asked = {**task.analyzing.model_dump(mode="json"), "options": task.options, "token_id": task.token_id}
        results = self._remote.analyse(step, task.asset_id, asked)
        try:
            analysis = Analysis.model_validate(results)
        except ValidationError:
            return results  # it has a form of its own
        if analysis.format.sha256 != task.sha256:
            raise RemoteGarbled(
                Text("The analysis server measured another file.", "분석 서버가 다른 파일을 분석했어요.")
            )
        return keep_analysis(step, analysis)

    def _engine(self, task: AnalysisTask) -> Analyzer[Any]:
        return analyzer(self._registry, task.engine or self._settings.analyze_engine)


def _note_duration(session: Session, job_id: UUID, asset_id: UUID) -> None:
    """Let the recording's row say how long it is, which nobody knew before it was looked at."""
    looked = session.scalars(select(Step.output).where(Step.job_id == job_id, Step.name == STORE)).one_or_none()
    unknown = update(Asset).where(Asset.id == asset_id, Asset.duration.is_(None))
    session.execute(unknown.values(duration=(looked or {}).get("duration")))


def store_recording(
    services: Services, path: Path, *, name: str, owner: UUID, note: Callable[[UUID], None] = lambda _: None
) -> AssetInfo:
    """Keep a file that is to be analysed. `note` is told its id before it is kept for good. Raises what `Assets.write`
    does; nothing is kept then."""
    asset_id = services.assets.write(owner, name, path)
    note(asset_id)
    with services.database.write() as session:
        services.assets.commit(session, [asset_id])
        return services.assets.info(session, asset_id)


def submit_analysis(services: Services, source: AssetInfo, request: JsonDict, *, owner: UUID, origin: str) -> JobView:
    """Submit the analysis of a stored file. `request`: the fields of `AnalysisTask` beside the file. Raises pydantic's
    `ValidationError`, `MediaTooLarge` for what is longer than is analysed, and what `Services.submit` does."""
    task = AnalysisTask.model_validate({**request, "asset_id": source.id})
    return services.submit(AnalysisWorkflow.kind, task, owner=owner, origin=origin)


def submit_received(services: Services, source: AssetInfo, request: JsonDict, *, owner: UUID, origin: str) -> JobView:
    """The same for a file that came for it: it goes again where the analysis is refused."""
    try:
        return submit_analysis(services, source, request, owner=owner, origin=origin)
    except PansoriError:
        drop_recording(services, source.id)
        raise


def drop_recording(services: Services, recording: UUID) -> None:
    """Delete a file that was kept for an analysis alone."""
    with services.database.write() as session:
        services.assets.retire(session, [recording])
    services.assets.collect()
