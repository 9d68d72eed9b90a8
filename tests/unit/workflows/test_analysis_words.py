"""What is said, and by whom, as it is found in an analysis and in all that is made of one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pansori import jobs, reports
from pansori.accounts import local_account
from pansori.bootstrap import build
from pansori.cli.services import content
from pansori.domain.tasks import AnalyzeTask, Kind, Part
from pansori.domain.units import Seconds
from pansori.engines.analyze.base import RECORDING
from pansori.engines.analyze.pansori import PansoriAnalyzer, PansoriAnalyzerOptions
from pansori.engines.analyze.pansori.voice.measure import NO_TRANSCRIBER
from pansori.engines.analyze.schema import Analysis, VoiceMeasures
from pansori.engines.registry import Registry
from pansori.engines.transcribe.base import HEARD_RATE, HeardSegment
from pansori.engines.transcribe.told import joined
from pansori.media import write_flac
from pansori.settings import Settings, load
from pansori.workflows import ANALYSIS, Services, store_recording, submit_analysis
from pansori.workflows.analysis.transcribing import NOT_TOLD_APART, Scribe
from support import tunes
from support.analyses import known
from support.context import MemoryContext
from support.origin import Origin, serving
from support.recordings import recording
from support.transcriber_suite import command

TALK: Sequence[tuple[str, str, float, float]] = (
    ("A", "what time", 0.5, 0.9),
    ("A", "is it", 0.9, 1.1),
    ("B", "noon", 1.1, 1.3),
    ("", "hm", 1.3, 1.4),
    ("A", "thanks", 1.4, 1.6),
)


@pytest.fixture
def talking() -> Iterator[Origin]:
    """A server that tells speakers apart."""
    keys = ("speaker", "text", "start", "end")
    told = {"text": "", "segments": [dict(zip(keys, one, strict=True)) for one in TALK]}
    answer = json.dumps(told).encode()
    with serving({"/v1/audio/transcriptions": lambda one: one.answer(200, answer, "application/json")}) as origin:
        yield origin


@pytest.fixture
def context(tmp_path: Path) -> MemoryContext:
    made = MemoryContext(seed=1, scratch=tmp_path)
    made.inputs = {RECORDING: recording(command(), HEARD_RATE)}
    return made


def completed(context: MemoryContext, tmp_path: Path, **settings: Any) -> tuple[Analysis, VoiceMeasures]:
    """An analysis that lacks the words, with them."""
    chosen = Settings.model_validate({"data_dir": tmp_path, **settings})
    voice = VoiceMeasures.refuse(NO_TRANSCRIBER)
    lacking = known().analysis.model_copy(update={"voice": voice})
    found = Scribe(Registry(chosen), chosen).complete(lacking, context)
    assert found.voice is not None
    return found, found.voice


def test_turns_are_told_where_the_engine_tells_speakers_apart(
    talking: Origin, context: MemoryContext, tmp_path: Path
) -> None:
    analysis, voice = completed(context, tmp_path, transcribe_engine="openai", openai_url=f"{talking.url}/v1")
    turns = [(one.label, one.start, one.end) for one in voice.speakers.value or ()]
    assert turns == [("A", 0.5, 1.1), ("B", 1.1, 1.3), ("A", 1.4, 1.6)]
    assert [word.speaker for word in voice.transcript.value or ()] == ["A", "A", "B", None, "A"]
    assert voice.word_rate.value == pytest.approx(60 * 7 / 1.1, rel=0.01)
    grid = reports.textgrid(analysis)
    assert grid.index('name = "words"') < grid.index('text = "noon"')
    assert grid.index('name = "speakers"') < grid.index('text = "B"')
    assert reports.audacity(analysis)["speakers"].splitlines()[1].split("\t")[2] == "B"
    [lyrics] = [one for one in reports.jams(analysis, title="a")["annotations"] if one["namespace"] == "lyrics"]
    assert [one["value"] for one in lyrics["data"]] == [text for _, text, _, _ in TALK]
    told = [fact.lines for one in reports.answers(analysis, "en") for fact in one.facts]
    assert ("what time is it noon hm thanks",) in told, "a page says the words, and not how many there are"


def test_names_that_each_piece_has_for_itself_name_nobody() -> None:
    """The second piece's `A` may be anybody."""
    one = HeardSegment(text="noon", start=Seconds(0.0), end=Seconds(1.0), speaker="A")
    other = HeardSegment(text="late", start=Seconds(601.0), end=Seconds(602.0), speaker="A")
    assert [segment.speaker for segment in joined([(one, other)])] == ["A", "A"]
    assert [segment.speaker for segment in joined([(one,), (other,)])] == ["", ""]


def test_where_the_engine_does_not_that_is_the_reason(context: MemoryContext, tmp_path: Path) -> None:
    context.inputs = {RECORDING: recording(tunes.tone(0.5, 45.0, 0.3), tunes.RATE)}
    _, voice = completed(context, tmp_path, transcribe_engine="debug")
    assert voice.transcript.value
    assert voice.speakers.refused == NOT_TOLD_APART


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    made = build(load(data_dir=tmp_path / "data", workers=0, transcribe_engine="debug"))
    yield made
    made.close()


def test_an_analysis_that_is_asked_for_has_them(services: Services, tmp_path: Path) -> None:
    path = tmp_path / "talk.flac"
    said = recording(tunes.tone(0.6, 45.0, 0.3), tunes.RATE)
    write_flac(path, said.samples, said.rate)
    with services.database.write() as session:
        owner = local_account(session)
    source = store_recording(services, path, name=path.name, owner=owner)
    job = submit_analysis(services, source, {"kind": "speech", "include": ["voice"]}, owner=owner, origin="v1")
    done = jobs.run_inline(services.kernel, job.id)
    [artifact] = [one for one in done.artifacts if one.role == ANALYSIS]
    voice = Analysis.model_validate_json(b"".join(content(services, artifact))).voice
    assert voice is not None
    assert [word.text for word in voice.transcript.value or ()] == ["twelve"]
    assert voice.word_rate.value
    assert done.result is not None
    assert done.result["voice"]["word_rate"]["value"] == voice.word_rate.value


def test_every_section_of_the_music_has_its_loudness(tmp_path: Path) -> None:
    context = MemoryContext(seed=0, scratch=tmp_path)
    soft = tunes.progression([(0, "maj"), (7, "maj"), (9, "min"), (5, "maj")] * 2, 2.0, level=0.04)
    soft = soft + tunes.struck([0.5 * beat for beat in range(32)], 16.0, 4_000.0, [0.05] * 32, 60.0)
    loud = tunes.progression([(5, "maj"), (0, "maj"), (2, "min"), (7, "maj")] * 2, 2.0)
    loud = loud + tunes.beat(16.0, 120.0, first=0.0)
    context.inputs = {RECORDING: recording(np.concatenate([soft, loud, soft]), tunes.RATE)}
    asked = AnalyzeTask(kind=Kind.MUSIC, include=(Part.MUSIC, Part.LOUDNESS))
    found = PansoriAnalyzer(Settings(data_dir=tmp_path)).run(asked, PansoriAnalyzerOptions(), context)
    assert found.music is not None
    assert found.loudness is not None
    sections, levels = found.music.sections.value or (), found.loudness.sections.value or ()
    assert [(one.start, one.end, one.label) for one in levels] == [(one.start, one.end, one.label) for one in sections]
    first, second, third = (one.integrated or 0.0 for one in levels)
    assert first == pytest.approx(third, abs=1.0)
    assert second > first + 6.0
