"""What every composing engine keeps to: one abstract suite, inherited for each."""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, InvalidRequest
from pansori.domain.media import Quality
from pansori.domain.tasks import ComposeTask, Family
from pansori.domain.units import Seconds
from pansori.engines.base import EngineOptions, describe
from pansori.engines.compose.base import Composer, Song
from pansori.engines.compose.debug import DebugComposer, DebugOptions
from pansori.engines.compose.house_band import HouseBand, HouseBandOptions
from pansori.settings import Settings
from support.context import MemoryContext

LYRICS = "여름이 왔네\n바다로 가자"
STEMS = ("stem.vocal", "stem.drums", "stem.bass", "stem.rest")


class ComposerSuite(ABC):
    """`task` is short; `refused` is one that the engine cannot do."""

    task: ClassVar[ComposeTask] = ComposeTask(genre="신나는 K-POP", lyrics=LYRICS, duration=Seconds(11.0), seed=5)
    refused: ClassVar[ComposeTask]
    stems: ClassVar[tuple[str, ...]]
    tolerance: ClassVar[Seconds] = Seconds(0.001)  #: of the duration that was asked for

    @classmethod
    @abstractmethod
    def make(cls, settings: Settings) -> Composer[Any]: ...

    @classmethod
    @abstractmethod
    def options(cls) -> EngineOptions: ...

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Composer[Any]:
        return self.make(Settings(data_dir=tmp_path))

    @pytest.fixture(scope="class")
    @classmethod
    def finished(cls, tmp_path_factory: pytest.TempPathFactory) -> tuple[Song, MemoryContext]:
        scratch = tmp_path_factory.mktemp("scratch")
        context = MemoryContext(seed=5, scratch=scratch)
        song = cls.make(Settings(data_dir=scratch)).run(cls.task, cls.options(), context)
        return song, context

    def test_it_describes_itself(self, engine: Composer[Any]) -> None:
        shown = describe(engine)
        assert shown["family"] == Family.COMPOSE.value
        assert shown["state"] == "ready"
        assert shown["card"]["summary"]
        assert shown["card"]["code_licence"]
        json.dumps(shown)

    def test_every_option_is_explained_and_has_a_default(self, engine: Composer[Any]) -> None:
        for field in engine.Options.model_fields.values():
            assert field.description
            assert not field.is_required()

    def test_it_saves_the_song(self, finished: tuple[Song, MemoryContext]) -> None:
        song, context = finished
        sound = context.sounds["song"]
        assert sound.duration == pytest.approx(song.duration, abs=0.001)
        assert np.all(np.isfinite(sound.samples))
        assert 0.05 < np.max(np.abs(sound.samples)) <= 1.0

    def test_stems_sum_to_the_song(self, finished: tuple[Song, MemoryContext]) -> None:
        _, context = finished
        together = sum(context.sounds[role].samples for role in self.stems)
        np.testing.assert_allclose(together, context.sounds["song"].samples, atol=1e-5)

    def test_it_saves_words_and_recipe(self, finished: tuple[Song, MemoryContext]) -> None:
        _, context = finished
        words = re.sub(r"<[^>]*>", "", context.files["lrc"].content.decode())
        assert "바다로 가자" in words
        recipe = json.loads(context.files["recipe"].content)
        assert recipe["seed"] == 5
        assert recipe["task"]["lyrics"] == LYRICS

    def test_an_instrumental_has_no_voice_and_no_words(self, engine: Composer[Any], tmp_path: Path) -> None:
        context = MemoryContext(seed=5, scratch=tmp_path)
        song = engine.run(self.task.model_copy(update={"lyrics": " \n"}), self.options(), context)
        assert song.lines == ()
        assert "lrc" not in context.files
        stems = {role: sound.samples for role, sound in context.sounds.items() if role.startswith("stem.")}
        assert stems
        assert not [role for role in stems if role.startswith("stem.vocal")]
        np.testing.assert_allclose(sum(stems.values()), context.sounds["song"].samples, atol=1e-5)

    def test_the_duration_asked_for_is_obeyed(self, finished: tuple[Song, MemoryContext]) -> None:
        song, _ = finished
        assert self.task.duration is not None
        assert song.duration == pytest.approx(self.task.duration, abs=self.tolerance)

    def test_lines_are_timed_in_order_and_whole(self, finished: tuple[Song, MemoryContext]) -> None:
        song, _ = finished
        sung = [line.text for line in song.lines]
        assert sung[:2] == LYRICS.splitlines()
        for line in song.lines:
            assert "".join(syllable.text for syllable in line.syllables).strip() == line.text
            assert 0 <= line.start < line.end <= song.duration
        for before, after in pairwise(syllable for line in song.lines for syllable in line.syllables):
            assert before.start < before.end <= after.start + 1e-6

    def test_progress_grows_from_nothing_to_all(self, finished: tuple[Song, MemoryContext]) -> None:
        _, context = finished
        fractions = [fraction for _, fraction in context.reports]
        assert fractions == sorted(fractions)
        assert fractions[0] == 0.0
        assert fractions[-1] == 1.0
        assert len({stage for stage, _ in context.reports}) >= 2

    def test_the_same_seed_gives_the_same_bytes(
        self, engine: Composer[Any], finished: tuple[Song, MemoryContext], tmp_path: Path
    ) -> None:
        again = MemoryContext(seed=5, scratch=tmp_path)
        song = engine.run(self.task, self.options(), again)
        assert song == finished[0]
        assert again.digest() == finished[1].digest()

    def test_the_preview_says_what_the_song_will_be(
        self, engine: Composer[Any], finished: tuple[Song, MemoryContext]
    ) -> None:
        song, _ = finished
        plan = engine.preview(self.task, self.options())
        assert plan is not None
        assert (plan.duration, plan.tempo, plan.key) == (song.duration, song.tempo, song.key)
        assert [(s.label, s.start, s.end) for s in plan.sections] == [(s.label, s.start, s.end) for s in song.sections]
        assert "바다로 가자" in [line for section in plan.sections for line in section.lines]
        with pytest.raises(InvalidRequest):
            engine.preview(self.refused, self.options())

    @pytest.mark.parametrize("quality", [Quality.DRAFT, Quality.HIGH])
    @pytest.mark.parametrize("duration", [1.0, 2.345])
    def test_every_quality_has_the_length_that_was_asked_for(
        self, engine: Composer[Any], quality: Quality, duration: float, tmp_path: Path
    ) -> None:
        context = MemoryContext(seed=1, scratch=tmp_path)
        task = ComposeTask(genre="pop", duration=Seconds(duration), quality=quality)
        assert engine.run(task, self.options(), context).duration == duration
        sound = context.sounds["song"]
        assert sound.samples.shape[1] == round(duration * sound.sample_rate)
        assert sound.sample_rate == {Quality.DRAFT: 22_050, Quality.HIGH: 48_000}[quality]
        assert np.max(np.abs(sound.samples)) > 0.05

    @pytest.mark.parametrize("fraction", [0.0, 0.02, 0.5])
    def test_a_cancelled_run_ends_soon(self, engine: Composer[Any], fraction: float, tmp_path: Path) -> None:
        context = MemoryContext(seed=5, scratch=tmp_path, cancel_at=fraction)
        with pytest.raises(Cancelled):
            engine.run(self.task, self.options(), context)
        assert context.reports_when_cancelled is not None
        assert len(context.reports) - context.reports_when_cancelled <= 1
        assert "song" not in context.sounds

    def test_what_cannot_be_done_is_refused_beforehand(self, engine: Composer[Any]) -> None:
        engine.check(self.task, self.options())
        with pytest.raises(InvalidRequest) as raised:
            engine.check(self.refused, self.options())
        assert raised.value.field in ("lyrics", "duration")
        assert raised.value.message.ko != raised.value.message.en


class TestDebug(ComposerSuite):
    refused = ComposeTask(genre="x", lyrics="가" * 1000, duration=Seconds(5.0))
    stems = ("stem.vocal", "stem.bass")

    @classmethod
    def make(cls, settings: Settings) -> DebugComposer:
        return DebugComposer(settings)

    @classmethod
    def options(cls) -> DebugOptions:
        return DebugOptions(tone="organ")


class TestHouseBand(ComposerSuite):
    refused = ComposeTask(
        genre="ballad", lyrics="\n".join(["노래할 수 없을 만큼 긴 가사"] * 60), duration=Seconds(10.0)
    )
    stems = STEMS

    @classmethod
    def make(cls, settings: Settings) -> HouseBand:
        return HouseBand(settings)

    @classmethod
    def options(cls) -> HouseBandOptions:
        return HouseBandOptions()
