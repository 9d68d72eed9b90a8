"""What an analysing engine is, and what every one of them tells."""

from __future__ import annotations

from typing import Generic

from pansori.domain.errors import EngineFailed, Text
from pansori.domain.tasks import AnalyzeTask, Family
from pansori.engines.analyze.measure import Refusal
from pansori.engines.analyze.schema import Analysis, FormatFacts
from pansori.engines.base import Engine, OptionsT, Recording, RunContext

RECORDING = "recording"  #: role of the input

NOT_MEASURED = Refusal.of("not_measured", Text("This engine does not measure it.", "이 엔진은 재지 않는 항목이에요."))


class Analyzer(Engine[AnalyzeTask, OptionsT, Analysis], Generic[OptionsT]):
    """Measures the input `recording`. MUST give every part that is asked for and no other, each measure with a value or
    the reason why there is none; MUST give the same for the same recording, task and options."""

    family = Family.ANALYZE


def recording_of(context: RunContext) -> Recording:
    """What is to be measured. Raises `EngineFailed` where the run was given nothing, or no sample of sound."""
    recording = context.inputs.get(RECORDING)
    if recording is None or not recording.samples.size:
        raise EngineFailed(Text("There is no recording to analyse.", "분석할 녹음이 없어요."))
    return recording


def format_facts(recording: Recording) -> FormatFacts:
    return FormatFacts(
        container=recording.container,
        codec=recording.codec,
        media_type=recording.media_type,
        sample_rate=recording.rate,
        channels=recording.samples.shape[0],
        duration=recording.duration,
        size=recording.size,
        bit_rate=round(8 * recording.size / recording.duration, 1),
        video=recording.video,
        damaged=recording.damaged,
        sha256=recording.sha256,
    )
