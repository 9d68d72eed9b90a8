"""The analysing engine for trying things out: a level and a waveform, in microseconds."""

from __future__ import annotations

from typing import Final

import numpy as np

from pansori import __version__
from pansori.domain.tasks import AnalyzeTask, Kind, Part
from pansori.dsp.peaks import peaks
from pansori.engines.analyze.base import NOT_MEASURED, Analyzer, format_facts, recording_of
from pansori.engines.analyze.measure import Group, Measure
from pansori.engines.analyze.schema import (
    Analysis,
    FingerprintMeasures,
    LoudnessMeasures,
    MusicMeasures,
    SignalMeasures,
    StereoMeasures,
    VoiceMeasures,
    Waveform,
)
from pansori.engines.base import Card, EngineOptions, Recording, RunContext

GROUPS: Final[dict[Part, type[Group]]] = {
    Part.SIGNAL: SignalMeasures,
    Part.FINGERPRINT: FingerprintMeasures,
    Part.LOUDNESS: LoudnessMeasures,
    Part.STEREO: StereoMeasures,
    Part.VOICE: VoiceMeasures,
    Part.MUSIC: MusicMeasures,
}
POINTS = 100


class DebugAnalyzerOptions(EngineOptions):
    """There is nothing to choose."""


class DebugAnalyzer(Analyzer[DebugAnalyzerOptions]):
    """Measures peak and waveform and refuses everything else."""

    name = "debug"
    Options = DebugAnalyzerOptions

    def card(self) -> Card:
        return Card(
            summary="Measures the level alone, in microseconds: for tests and first steps.",
            summary_ko="소리 크기만 순식간에 재요. 시험해 보거나 처음 살펴볼 때 써요.",
            code_licence="GPL-3.0-or-later",
        )

    def run(self, task: AnalyzeTask, options: DebugAnalyzerOptions, context: RunContext) -> Analysis:
        context.progress("signal", 0.0)
        context.check_cancelled()
        recording = recording_of(context)
        loud = float(np.max(np.abs(recording.samples))) > 0.0
        kind = task.kind or (Kind.NOISE if loud else Kind.SILENCE)
        parts = {part.value: self._part(part, recording) for part in Part if task.wants(part)}
        context.progress("signal", 1.0)
        return Analysis(
            engine=self.name,
            versions={"pansori": __version__},
            settings={"task": task.model_dump(mode="json"), "options": {}},
            format=format_facts(recording),
            kind=Measure[Kind](value=kind, unit="", confidence=1.0 if task.kind else 0.0),
            **parts,  # type: ignore[arg-type]  # the groups of GROUPS, under the names of their parts
        )

    def _part(self, part: Part, recording: Recording) -> Group:
        group = GROUPS[part]
        if part is not Part.SIGNAL:
            return group.refuse(NOT_MEASURED)
        drawn = peaks(recording.samples, POINTS).max(axis=0)
        found: dict[str, object] = dict.fromkeys(SignalMeasures.model_fields, NOT_MEASURED)
        with np.errstate(divide="ignore"):
            found["peak"] = 20 * np.log10(np.float64(drawn.max()))
        step = recording.duration / len(drawn)
        found["waveform"] = Waveform.model_validate({"step": step, "values": tuple(drawn.tolist())})
        return group.of(found)
