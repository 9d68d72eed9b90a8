"""What is said in recordings that are analysed."""

from __future__ import annotations

from pathlib import Path

import pytest

from pansori.domain.errors import Cancelled
from pansori.domain.tasks import SpeakTask
from pansori.engines.analyze.base import RECORDING
from pansori.engines.analyze.pansori.voice.measure import NO_TRANSCRIBER
from pansori.engines.analyze.schema import Analysis, VoiceMeasures
from pansori.engines.registry import Registry
from pansori.engines.speak.base import SPEECH
from pansori.engines.speak.debug import DebugSpeaker, DebugSpeakerOptions
from pansori.settings import Settings
from pansori.workflows.analysis.transcribing import FAILED, NOT_TOLD_APART, Scribe
from support.analyses import known
from support.context import MemoryContext
from support.recordings import recording
from support.services import free_port
from support.transcriber_suite import command

LACKING = ("transcript", "speakers", "word_rate")


@pytest.fixture
def analysis() -> Analysis:
    """Of which nobody has heard the words."""
    measured = known().analysis
    voice = VoiceMeasures.refuse(NO_TRANSCRIBER)
    assert measured.voice is not None
    lacking = {name: getattr(voice, name) for name in LACKING}
    return measured.model_copy(update={"voice": measured.voice.model_copy(update=lacking)})


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    said = MemoryContext(seed=1, scratch=tmp_path)
    DebugSpeaker(Settings()).run(SpeakTask(text="Good day, everybody!"), DebugSpeakerOptions(), said)
    sound = said.sounds[SPEECH]
    heard = MemoryContext(seed=1, scratch=tmp_path)
    heard.inputs = {RECORDING: recording(sound.samples, sound.sample_rate)}
    return heard


def _scribe(engine: str, tmp_path: Path, **settings: str) -> Scribe:
    chosen = Settings.model_validate({"data_dir": tmp_path, "transcribe_engine": engine, **settings})
    return Scribe(Registry(chosen), chosen)


def _voice(analysis: Analysis) -> VoiceMeasures:
    assert analysis.voice is not None
    return analysis.voice


def test_words_and_their_rate_are_filled_in(analysis: Analysis, context: MemoryContext, tmp_path: Path) -> None:
    found = _scribe("debug", tmp_path).complete(analysis, context)
    voice = _voice(found)
    assert [word.text for word in voice.transcript.value or ()] == ["four", "four", "eight"]
    seconds = 0.05 * (4 + 4 + 8 + 2)
    assert voice.word_rate.value == pytest.approx(60 * 3 / seconds, rel=0.05)
    assert voice.speakers.refused == NOT_TOLD_APART
    assert Analysis.model_validate_json(found.model_dump_json()) == found


def test_what_is_known_already_stays(context: MemoryContext, tmp_path: Path) -> None:
    measured = known().analysis
    assert _scribe("debug", tmp_path).complete(measured, context) is measured


@pytest.mark.parametrize("engine", ["pocketsphinx", "openai", "nobody"])
def test_who_hears_no_free_speech_is_not_asked(
    engine: str, analysis: Analysis, context: MemoryContext, tmp_path: Path
) -> None:
    scribe = _scribe(engine, tmp_path)
    assert scribe.complete(analysis, context) is analysis
    assert scribe.key() == []


def test_one_that_fails_is_the_reason(analysis: Analysis, context: MemoryContext, tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}/v1"
    context.inputs = {RECORDING: recording(command(), 16_000)}
    voice = _voice(_scribe("openai", tmp_path, openai_url=nobody).complete(analysis, context))
    assert voice.transcript.refused is not None
    assert (voice.transcript.refused.code, voice.word_rate.refused) == (FAILED, voice.transcript.refused)
    assert voice.speakers.refused == voice.transcript.refused
    assert "127.0.0.1" in voice.transcript.refused.reason


def test_cancelling_is_no_failure(analysis: Analysis, context: MemoryContext, tmp_path: Path) -> None:
    context.cancel_at = 0.0
    with pytest.raises(Cancelled):
        _scribe("debug", tmp_path).complete(analysis, context)
