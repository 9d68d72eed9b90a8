"""What every analysing engine keeps to: one abstract suite, inherited for each."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, EngineFailed
from pansori.domain.tasks import AnalyzeTask, Family, Kind, Part
from pansori.engines.analyze.base import RECORDING, Analyzer
from pansori.engines.analyze.debug import DebugAnalyzer, DebugAnalyzerOptions
from pansori.engines.analyze.pansori import PansoriAnalyzer, PansoriAnalyzerOptions
from pansori.engines.analyze.schema import Analysis
from pansori.engines.base import EngineOptions, Recording, describe
from pansori.settings import Settings
from support.context import MemoryContext
from support.recordings import Sound, hiss, recording, tone, vowel

STRANGE: dict[str, tuple[Sound, int]] = {
    "one sample": (np.array([0.5]), 44_100),
    "two samples": (np.array([0.5, -0.5]), 8_000),
    "silence": (np.zeros((2, 44_100)), 44_100),
    "an offset alone": (np.full(44_100, 0.5), 44_100),
    "eight channels": (np.repeat(hiss(1.0)[None], 8, axis=0), 48_000),
    "192 kHz": (tone(1000, -6, 1.0, 192_000), 192_000),
    "8 kHz": (tone(1000, -6, 1.0, 8_000), 8_000),
    "far over full scale": (16 * np.sign(tone(100, 0, 1.0)), 48_000),
    "one channel silent": (np.stack([tone(440, -6, 1.0), np.zeros(48_000)]), 48_000),
    "one click": (np.eye(1, 48_000, 24_000)[0], 48_000),
    "very soft": (tone(440, -68, 1.0), 48_000),
}


class AnalyzerSuite(ABC):
    @classmethod
    @abstractmethod
    def make(cls, settings: Settings) -> Analyzer[Any]: ...

    @classmethod
    @abstractmethod
    def options(cls) -> EngineOptions: ...

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Analyzer[Any]:
        return self.make(Settings(data_dir=tmp_path))

    @pytest.fixture
    def context(self, tmp_path: Path) -> MemoryContext:
        return given(recording(np.stack([vowel(np.full(48_000, 150.0))] * 2)), tmp_path)

    def test_it_describes_itself(self, engine: Analyzer[Any]) -> None:
        shown = describe(engine)
        assert shown["family"] == Family.ANALYZE.value
        assert shown["state"] == "ready"
        assert shown["card"]["summary"]
        json.dumps(shown)

    def test_every_option_is_explained_and_has_a_default(self, engine: Analyzer[Any]) -> None:
        for field in engine.Options.model_fields.values():
            assert field.description
            assert not field.is_required()

    def test_everything_is_told_where_nothing_is_chosen(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        analysis = engine.run(AnalyzeTask(), self.options(), context)
        assert all(getattr(analysis, part.value) is not None for part in Part)
        assert analysis.engine == engine.name
        assert analysis.versions["pansori"]
        assert analysis.format.channels == 2
        assert analysis.format.duration == pytest.approx(1.0)
        assert_sound(analysis)

    @pytest.mark.parametrize("part", Part)
    def test_what_is_not_asked_for_is_not_told(self, part: Part, engine: Analyzer[Any], context: MemoryContext) -> None:
        analysis = engine.run(AnalyzeTask(include=(part,)), self.options(), context)
        assert [one for one in Part if getattr(analysis, one.value) is not None] == [part]
        assert analysis.kind.value is not None
        assert analysis.settings["task"]["include"] == [part.value]

    def test_the_kind_is_believed_where_it_is_given(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        analysis = engine.run(AnalyzeTask(kind=Kind.MUSIC, include=(Part.VOICE,)), self.options(), context)
        assert analysis.kind.value is Kind.MUSIC
        assert analysis.voice is not None
        assert analysis.voice.jitter_local.refused is not None

    @pytest.mark.parametrize("name", STRANGE)
    def test_strange_sound_gives_a_value_or_a_reason(self, name: str, engine: Analyzer[Any], tmp_path: Path) -> None:
        sound, rate = STRANGE[name]
        assert_sound(engine.run(AnalyzeTask(), self.options(), given(recording(sound, rate), tmp_path)))

    def test_the_same_recording_measures_the_same(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        task = AnalyzeTask(include=(Part.SIGNAL, Part.LOUDNESS, Part.VOICE))
        first = engine.run(task, self.options(), context)
        assert engine.run(task, self.options(), context) == first

    def test_nothing_to_analyse_is_an_error_with_a_name(self, engine: Analyzer[Any], tmp_path: Path) -> None:
        with pytest.raises(EngineFailed):
            engine.run(AnalyzeTask(), self.options(), MemoryContext(seed=0, scratch=tmp_path))

    def test_a_cancelled_run_ends(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        context.cancel_at = 0.0
        with pytest.raises(Cancelled):
            engine.run(AnalyzeTask(), self.options(), context)

    def test_progress_grows_from_nothing_to_all(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        engine.run(AnalyzeTask(), self.options(), context)
        fractions = [fraction for _, fraction in context.reports]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)


def given(sound: Recording, scratch: Path) -> MemoryContext:
    context = MemoryContext(seed=0, scratch=scratch)
    context.inputs = {RECORDING: sound}
    return context


def assert_sound(analysis: Analysis) -> None:
    """It survives its own JSON, has no number that JSON does not know, and every measure has a value or a reason."""
    text = analysis.model_dump_json()
    assert Analysis.model_validate_json(text) == analysis
    plain = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    found = list(measures(plain))
    assert found
    for measure in found:
        assert (measure["value"] is None) != (measure["refused"] is None)
        if measure["refused"] is not None:
            assert measure["refused"]["code"]
            assert measure["refused"]["reason"] != measure["refused"]["reason_ko"]


def measures(plain: Any) -> Iterator[dict[str, Any]]:
    if isinstance(plain, dict):
        if {"value", "unit", "refused"} <= plain.keys():
            yield plain
        else:
            for part in plain.values():
                yield from measures(part)


class TestPansori(AnalyzerSuite):
    @classmethod
    def make(cls, settings: Settings) -> PansoriAnalyzer:
        return PansoriAnalyzer(settings)

    @classmethod
    def options(cls) -> PansoriAnalyzerOptions:
        return PansoriAnalyzerOptions()

    def test_a_vowel_has_a_voice_and_no_band(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        analysis = engine.run(AnalyzeTask(), self.options(), context)
        assert analysis.kind.value is Kind.SINGING
        assert analysis.voice is not None
        assert analysis.voice.f0_median.value == pytest.approx(150, rel=0.01)
        assert analysis.voice.jitter_local.value == pytest.approx(0, abs=0.001)

    def test_noise_is_neither_music_nor_voice(self, engine: Analyzer[Any], tmp_path: Path) -> None:
        analysis = engine.run(AnalyzeTask(), self.options(), given(recording(hiss(3.0)), tmp_path))
        assert analysis.voice is not None
        assert analysis.music is not None
        for measure in (analysis.voice.jitter_local, analysis.voice.hnr, analysis.music.tempo, analysis.music.key):
            assert measure.refused is not None
            assert measure.refused.code == "noise"

    def test_without_an_engine_that_transcribes_there_are_no_words_and_that_is_told(
        self, engine: Analyzer[Any], context: MemoryContext
    ) -> None:
        analysis = engine.run(AnalyzeTask(kind=Kind.SPEECH, include=(Part.VOICE,)), self.options(), context)
        assert analysis.voice is not None
        for measure in (analysis.voice.transcript, analysis.voice.speakers, analysis.voice.word_rate):
            assert measure.refused is not None
            assert measure.refused.code == "no_transcriber"

    def test_every_number_says_what_it_was_made_with(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        analysis = engine.run(AnalyzeTask(include=(Part.SIGNAL,)), self.options(), context)
        assert {"pansori", "praat", "ffmpeg", "numpy", "scipy"} <= analysis.versions.keys()
        assert analysis.settings["options"] == PansoriAnalyzerOptions().model_dump(mode="json")
        assert analysis.settings["praat"]

    def test_options_reach_praat(self, engine: Analyzer[Any], context: MemoryContext) -> None:
        chosen = PansoriAnalyzerOptions(pitch_floor=200.0)
        analysis = engine.run(AnalyzeTask(include=(Part.VOICE,)), chosen, context)
        assert analysis.voice is not None
        assert analysis.voice.f0_median.value is None or analysis.voice.f0_median.value >= 200
        assert analysis.settings["options"]["pitch_floor"] == 200


class TestDebug(AnalyzerSuite):
    @classmethod
    def make(cls, settings: Settings) -> DebugAnalyzer:
        return DebugAnalyzer(settings)

    @classmethod
    def options(cls) -> DebugAnalyzerOptions:
        return DebugAnalyzerOptions()
