"""What is said in a recording that is analysed, where the installation's transcriber understands free speech."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from pansori.domain.errors import Cancelled, EngineError, InvalidRequest, NetworkError, PansoriError, Text
from pansori.domain.tasks import Family, TranscribeTask
from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Label, Measure, Refusal
from pansori.engines.analyze.schema import Analysis, VoiceMeasures, Word
from pansori.engines.base import RunContext
from pansori.engines.registry import Registry
from pansori.engines.transcribe.base import SPEECH, HeardSegment, Transcriber, Transcript
from pansori.settings import Settings

ABSENT = "no_transcriber"  #: code of the refusal that is filled
FAILED = "transcriber_failed"
NOT_TOLD_APART = Refusal.of(
    "speakers_not_told_apart",
    Text("The engine that wrote it down does not tell speakers apart.", "받아쓴 엔진은 말하는 사람을 구별하지 않아요."),
)


class Scribe:
    """The installation's transcriber, as analyses use it."""

    def __init__(self, registry: Registry, settings: Settings) -> None:
        self._registry = registry
        self._name = settings.transcribe_engine

    def key(self) -> list[Any]:
        """What the transcript depends on beside the recording."""
        engine = self._engine()
        return [engine.name, engine.card().parts] if engine else []

    def complete(self, analysis: Analysis, context: RunContext) -> Analysis:
        """With the words that are said in the context's recording, where there are none yet for want of a transcriber.
        One that fails is told as the reason: everything else was measured. Raises `Cancelled`."""
        voice = analysis.voice
        lacking = voice is not None and voice.transcript.refused is not None and voice.transcript.refused.code == ABSENT
        engine = self._engine() if lacking else None
        if voice is None or engine is None:
            return analysis
        try:
            transcript: Transcript = engine.run(TranscribeTask(), engine.Options(), context)
            found = _measures(voice, transcript)
        except Cancelled:
            raise
        except (EngineError, NetworkError, InvalidRequest) as error:
            found = _refused(voice, error)
        return analysis.model_copy(update={"voice": voice.model_copy(update=found)})

    def _engine(self) -> Transcriber[Any] | None:
        """None: there is none, or it only knows commands."""
        try:
            engine = self._registry.find(Family.TRANSCRIBE, self._name, Transcriber)  # type: ignore[type-abstract]  # nobody makes one of it
        except (EngineError, InvalidRequest):
            return None
        return engine if SPEECH in engine.card().abilities else None


def _measures(voice: VoiceMeasures, transcript: Transcript) -> dict[str, Any]:
    words = tuple(word for segment in transcript.segments for word in _words(segment))
    found: dict[str, Any] = {
        "transcript": Measure[tuple[Word, ...]](
            value=words, unit=voice.transcript.unit, confidence=transcript.confidence
        ),
        "speakers": _speakers(voice.speakers.unit, transcript),
    }
    spoken = Seconds(words[-1].end - words[0].start) if words else Seconds(0.0)
    if spoken > 0:
        rate = round(60.0 * sum(len(word.text.split()) for word in words) / spoken, 2)
        found["word_rate"] = Measure[float](value=rate, unit=voice.word_rate.unit)
    return found


def _speakers(unit: str, transcript: Transcript) -> Measure[tuple[Label, ...]]:
    turns = tuple(_turns(transcript))
    if transcript.segments and not turns:
        return Measure(unit=unit, refused=NOT_TOLD_APART)
    return Measure(unit=unit, value=turns)


def _turns(transcript: Transcript) -> Iterator[Label]:
    """What one speaker says until another does, or somebody unknown."""
    for speaker, run in groupby(transcript.segments, lambda segment: segment.speaker):
        said = list(run)
        if speaker:
            yield Label(start=said[0].start, end=said[-1].end, label=speaker)


def _words(segment: HeardSegment) -> tuple[Word, ...]:
    """Its words; all of it as one where their times are not known."""
    speaker = segment.speaker or None
    if not segment.words:
        return (Word(start=segment.start, end=segment.end, text=segment.text, speaker=speaker),)
    return tuple(
        Word(start=word.start, end=word.end, text=word.text, speaker=speaker, confidence=word.confidence)
        for word in segment.words
    )


def _refused(voice: VoiceMeasures, error: PansoriError) -> dict[str, Any]:
    why = Refusal.of(FAILED, error.message)
    return {
        "transcript": Measure[tuple[Word, ...]](unit=voice.transcript.unit, refused=why),
        "speakers": Measure[tuple[Label, ...]](unit=voice.speakers.unit, refused=why),
        "word_rate": Measure[float](unit=voice.word_rate.unit, refused=why),
    }
