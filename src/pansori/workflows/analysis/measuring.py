"""A recording as engines take it, and what they make of it, for every workflow that measures."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import AnalyzeTask, Family, Part
from pansori.engines.analyze.base import RECORDING, Analyzer
from pansori.engines.analyze.schema import Analysis
from pansori.engines.base import Recording
from pansori.engines.registry import Registry
from pansori.jobs import StepRun
from pansori.media import CHUNK, Decoded, Limits, Probe, decode, media_type, probe
from pansori.settings import Settings
from pansori.workflows.analysis.transcribing import Scribe
from pansori.workflows.context import StepContext
from pansori.workflows.recording import options_of

ANALYSIS: Final = "analysis"  #: role of the artifact
BRIEF: Final = 100  #: characters of what a summary still holds
DECODED: Final = 0.1  #: part of an analysis's time by whose end the recording is decoded


def analyzer(registry: Registry, name: str) -> Analyzer[Any]:
    """Raises `UnknownEngine`, `EngineUnavailable`."""
    engine = registry.get(Family.ANALYZE, name)
    assert isinstance(engine, Analyzer), "what the family's entry points name"
    return engine


def measure(
    step: StepRun, engine: Analyzer[Any], recording: Recording, task: AnalyzeTask, options: JsonDict, scribe: Scribe
) -> JsonDict:
    """Let the engine measure the recording, and `scribe` write down what is said. Artifact: `analysis`. Returns its
    summary."""
    asked = AnalyzeTask.model_validate(task.model_dump(include=set(AnalyzeTask.model_fields)))
    context = StepContext(step, 0, share=(DECODED, 1.0), inputs={RECORDING: recording})
    analysis: Analysis = engine.run(asked, options_of(engine, options), context)
    return keep_analysis(step, scribe.complete(analysis, StepContext(step, 0, share=(1.0, 1.0), inputs=context.inputs)))


def keep_analysis(step: StepRun, analysis: Analysis) -> JsonDict:
    """Artifact: `analysis`. Returns its summary."""
    path = step.scratch / "analysis.json"
    path.write_bytes(analysis.model_dump_json().encode())
    step.add_file(ANALYSIS, path, name=path.name, media_type="application/json")
    return summary_of(analysis)


def known_of(told: JsonDict) -> tuple[str, Probe]:
    """What `facts_of` told."""
    facts = dict(told)
    return facts.pop("media_type"), Probe(**facts)


def facts_of(path: Path, settings: Settings) -> JsonDict:
    """What a file is, as a step tells it to the next. Raises as `probe` does."""
    return {"media_type": media_type(path), **asdict(probe(path, Limits.of(settings)))}


def sha256_of(path: Path, step: StepRun) -> str:
    """Of a file, unless the step is cancelled meanwhile."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            step.check_cancelled()
            digest.update(chunk)
    return digest.hexdigest()


def read_recording(
    path: Path, sha256: str, settings: Settings, folder: Path, *, known: tuple[str, Probe] | None = None
) -> Recording:
    """A file as engines take it; its samples lie in `folder`, and are gone with the last view of them. `known`: its
    media type and what `probe` found, where somebody has looked. Raises as `probe` does."""
    limits = Limits.of(settings)
    decoded = decode(path, limits, folder=folder)
    kind, found = known or (media_type(path), decoded.probe)
    return as_recording(decoded, found, kind, sha256)


def as_recording(decoded: Decoded, found: Probe, kind: str, sha256: str) -> Recording:
    """Decoded sound as engines take it."""
    return Recording(
        samples=decoded.samples,
        rate=decoded.rate,
        container=found.container,
        codec=found.codec,
        media_type=kind,
        size=found.size,
        sha256=sha256,
        video=found.video,
        damaged=found.damaged or decoded.damaged,
    )


def summary_of(analysis: Analysis) -> JsonDict:
    """The analysis without what is long: curves, lists, fingerprints' words."""
    left_out: dict[str, Any] = {"settings": True}
    for part in Part:
        group = getattr(analysis, part.value)
        if group is not None:
            left_out[part.value] = {name for name, one in group if not _is_short(one.value)}
    told: JsonDict = analysis.model_dump(mode="json", exclude=left_out)
    return told


def _is_short(value: object) -> bool:
    return value is None or isinstance(value, bool | int | float) or (isinstance(value, str) and len(value) < BRIEF)
