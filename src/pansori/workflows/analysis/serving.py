"""Being the analysis server that others ask: their recording is fetched and measured, and they are called back.

Whoever waits for a call is also called when there is nothing to tell but why.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from pydantic import Field

from pansori.domain.errors import Cancelled, EngineFailed, PansoriError, UnsafeAddress, error_types
from pansori.domain.jobs import ErrorInfo, JsonDict, StepSpec
from pansori.domain.tasks import AnalyzeTask
from pansori.domain.units import Seconds
from pansori.engines.analyze.base import Analyzer
from pansori.engines.registry import Registry
from pansori.jobs import StepRun, Workflow
from pansori.media import clean_name
from pansori.net import Bounds, Client, parse_url
from pansori.settings import Settings
from pansori.workflows.analysis.calling import (
    CALLS,
    ERROR,
    LARGEST_CALL,
    NOTIFY,
    call_back,
    failure_letter,
    results_letter,
    trusted_of,
)
from pansori.workflows.analysis.measuring import (
    ANALYSIS,
    analyzer,
    facts_of,
    known_of,
    measure,
    read_recording,
    sha256_of,
)
from pansori.workflows.analysis.remote import REMOTE
from pansori.workflows.analysis.transcribing import Scribe
from pansori.workflows.recording import options_of

FETCH, ANALYZE = "fetch", "analyze"  #: the steps before `NOTIFY`
RECORDING: Final = "recording"  #: role of the artifact
TRIES: Final = 4  #: at fetching and measuring, while that may help
FETCHING: Final = Seconds(900.0)
PACE: Final = 64 * 1024  #: bytes of a recording that come in a second at least: slower servers keep a worker idle
BUILT_IN: Final = "pansori"  #: the engine


class VoiceAnalysisTask(AnalyzeTask):
    """A recording somewhere, and whom to tell what it is like."""

    audio_url: str = Field(max_length=8_192, description="Where the recording is.")
    webhook_url: str | None = Field(default=None, max_length=8_192, description="Where the results are sent to.")
    file_name: str = Field(default="", max_length=200, description="What the recording is called.")
    options: JsonDict = Field(default_factory=dict, description="Options of the engine; see GET /v1/engines.")


class VoiceAnalysisWorkflow(Workflow):
    """Steps `fetch` → `analyze` → `notify`; the last where somebody is to be told. Artifacts: `recording`,
    `analysis`."""

    kind = "voice_analysis"
    Task = VoiceAnalysisTask

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._settings = settings
        self._trusted = trusted_of(settings)

    def accept(self, task: VoiceAnalysisTask) -> VoiceAnalysisTask:
        self._check("audio_url", task.audio_url)
        if task.webhook_url is not None:
            self._check("webhook_url", task.webhook_url)
        engine = self._engine()
        engine.check(task, options_of(engine, task.options))
        return task.model_copy(update={"file_name": clean_name(task.file_name or _name_in(task.audio_url))})

    def identity(self, request: JsonDict) -> JsonDict:
        """Who asks again may have signed the recording's address anew."""
        return {**request, "audio_url": request["audio_url"].partition("?")[0]}

    def plan(self, task: VoiceAnalysisTask) -> Sequence[StepSpec]:
        card = self._engine().card()
        fetch = StepSpec(name=FETCH, max_attempts=TRIES)
        analyze = StepSpec(name=ANALYZE, after=(FETCH,), queue=card.queue, grace=card.cancel_grace, max_attempts=TRIES)
        notify = StepSpec(name=NOTIFY, after=(ANALYZE,), max_attempts=CALLS)
        return (fetch, analyze) if task.webhook_url is None else (fetch, analyze, notify)

    def run(self, step: StepRun, task: VoiceAnalysisTask) -> JsonDict:
        failed = next((output[ERROR] for output in step.outputs.values() if ERROR in output), None)
        if step.name == NOTIFY:
            return self._notify(step, task, failed)
        if failed is not None:
            return {ERROR: failed}
        try:
            return self._fetch(step, task) if step.name == FETCH else self._analyze(step, task)
        except PansoriError as error:
            may_pass = error.retryable and step.attempt < TRIES
            if task.webhook_url is None or may_pass or isinstance(error, Cancelled):
                raise
            return {ERROR: ErrorInfo.of(error).model_dump(mode="json")}

    def result(self, outputs: Mapping[str, JsonDict]) -> JsonDict:
        return outputs[ANALYZE]

    def _fetch(self, step: StepRun, task: VoiceAnalysisTask) -> JsonDict:
        step.progress(FETCH, 0.0)
        path = step.scratch / "recording"
        bounds = Bounds(total=FETCHING, size=self._settings.max_upload, pace=PACE)
        client = Client.of(self._settings, trusted=self._trusted, bounds=bounds)
        client.download(task.audio_url, path, look=step.check_cancelled)
        found = facts_of(path, self._settings)
        asset = step.add_file(RECORDING, path, name=task.file_name, duration=Seconds(found["duration"]))
        return {"asset_id": str(asset), "sha256": sha256_of(path, step), "facts": found}

    def _analyze(self, step: StepRun, task: VoiceAnalysisTask) -> JsonDict:
        fetched = step.outputs[FETCH]
        engine = self._engine()
        with step.artifact(RECORDING) as path:
            known = known_of(fetched["facts"])
            recording = read_recording(path, fetched["sha256"], self._settings, step.scratch, known=known)
        return measure(step, engine, recording, task, task.options, Scribe(self._registry, self._settings))

    def _notify(self, step: StepRun, task: VoiceAnalysisTask, failed: JsonDict | None) -> JsonDict:
        assert task.webhook_url is not None, "as it was planned"
        letter = self._results(step) if failed is None else failure_letter(step.job_id, failed)
        status = call_back(step, self._settings, task.webhook_url, step.job_id, letter)
        if failed is not None:
            raise _again(failed)
        return {"status": status}

    def _results(self, step: StepRun) -> bytes:
        """What the one who waits is sent: everything that was measured, or its summary where that is too much."""
        with step.artifact(ANALYSIS) as path:
            results = path.read_bytes()
        if len(results) > LARGEST_CALL - 1024:
            results = json.dumps(step.outputs[ANALYZE], ensure_ascii=False).encode()
        return results_letter(step.job_id, results)

    def _engine(self) -> Analyzer[Any]:
        """Whoever is asked here asks nobody else."""
        chosen = self._settings.analyze_engine
        return analyzer(self._registry, BUILT_IN if chosen == REMOTE else chosen)

    @staticmethod
    def _check(field: str, address: str) -> None:
        try:
            parse_url(address)
        except UnsafeAddress as error:
            raise UnsafeAddress(error.message, field=field, cure=error.cure) from error


def _name_in(address: str) -> str:
    """What the last part of an address calls the file."""
    return unquote(PurePosixPath(urlsplit(address).path).name)


def _again(told: JsonDict) -> PansoriError:
    """The error that an earlier step has told of, as one that ends the job."""
    info = ErrorInfo.model_validate(told)
    kind = next((one for one in error_types() if one.code == info.code and not one.retryable), EngineFailed)
    return kind(info.told, field=info.field, cure=info.cured)
