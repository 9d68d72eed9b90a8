"""What every writing engine keeps to: one abstract suite, inherited for each."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pansori.domain.errors import Cancelled, InvalidRequest
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, LYRICS_MAX_CHARACTERS, Family, WriteTask
from pansori.domain.units import Seconds
from pansori.engines.base import EngineOptions, describe
from pansori.engines.write.base import Writer
from pansori.engines.write.debug import DebugWriter, DebugWriterOptions
from pansori.engines.write.openai import OpenaiWriter, OpenaiWriterOptions
from pansori.engines.write.songsmith import Songsmith, SongsmithOptions
from pansori.settings import Settings
from support.chat import Asked, Said, model
from support.context import MemoryContext

SUNG = WriteTask(purpose="lyrics", prompt="바다에 대한 신나는 노래", duration=Seconds(30.0), seed=5)


class WriterSuite(ABC):
    @classmethod
    @abstractmethod
    def make(cls, settings: Settings) -> Writer[Any]: ...

    @classmethod
    @abstractmethod
    def options(cls) -> EngineOptions: ...

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Writer[Any]:
        return self.make(Settings(data_dir=tmp_path))

    @pytest.fixture
    def context(self, tmp_path: Path) -> MemoryContext:
        return MemoryContext(seed=5, scratch=tmp_path)

    def test_it_describes_itself(self, engine: Writer[Any]) -> None:
        shown = describe(engine)
        assert shown["family"] == Family.WRITE.value
        assert shown["state"] == "ready"
        assert shown["card"]["summary"]
        json.dumps(shown)

    def test_every_option_is_explained_and_has_a_default(self, engine: Writer[Any]) -> None:
        for field in engine.Options.model_fields.values():
            assert field.description
            assert not field.is_required()

    def test_lyrics_are_written_where_they_are_asked_for(self, engine: Writer[Any], context: MemoryContext) -> None:
        writing = engine.run(SUNG, self.options(), context)
        assert writing.wants_singing
        assert writing.voice is not None
        assert writing.lyrics.startswith("[")
        assert len(writing.lyrics.splitlines()) > 2
        assert writing.language == "ko"
        assert writing.title

    def test_an_expansion_writes_none(self, engine: Writer[Any], context: MemoryContext) -> None:
        writing = engine.run(SUNG.model_copy(update={"purpose": "expand"}), self.options(), context)
        assert writing.lyrics == ""
        assert writing.expanded_prompt

    def test_lyrics_that_were_given_stay(self, engine: Writer[Any], context: MemoryContext) -> None:
        task = SUNG.model_copy(update={"lyrics": "여름이 왔네\n바다로 가자"})
        assert engine.run(task, self.options(), context).lyrics == task.lyrics

    def test_the_same_seed_writes_the_same(self, engine: Writer[Any], context: MemoryContext) -> None:
        first = engine.run(SUNG, self.options(), context)
        assert engine.run(SUNG, self.options(), context) == first
        assert engine.preview(SUNG, self.options()) in (None, first)

    def test_the_seed_is_the_runs_where_the_task_has_none(self, engine: Writer[Any], context: MemoryContext) -> None:
        unseeded = SUNG.model_copy(update={"seed": None})
        assert engine.run(unseeded, self.options(), context) == engine.run(SUNG, self.options(), context)

    def test_a_voice_that_is_named_sings(self, engine: Writer[Any], context: MemoryContext) -> None:
        task = WriteTask(prompt="techno", voice="male")
        writing = engine.run(task, self.options(), context)
        assert (writing.wants_singing, writing.voice) == (True, "male")

    @settings(
        deadline=None,
        max_examples=60,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
            HealthCheck.too_slow,
        ],
    )
    @given(st.text(min_size=1, max_size=300), st.integers(0, 3))
    def test_any_prompt_is_written_to_or_refused(
        self, engine: Writer[Any], context: MemoryContext, prompt: str, seed: int
    ) -> None:
        task = WriteTask(purpose="lyrics", prompt=prompt, seed=seed)
        try:
            engine.check(task, self.options())
            writing = engine.preview(task, self.options()) or engine.run(task, self.options(), context)
        except InvalidRequest:
            return
        assert 0 < len(writing.expanded_prompt) <= GENRE_MAX_CHARACTERS
        assert 0 < len(writing.lyrics) <= LYRICS_MAX_CHARACTERS
        assert len(writing.title) <= 200

    def test_nothing_is_refused_by_name(self, engine: Writer[Any]) -> None:
        for task in (WriteTask(prompt=""), WriteTask(prompt="  \n")):
            with pytest.raises(InvalidRequest) as refused:
                engine.check(task, self.options())
            assert refused.value.field == "prompt"
            assert refused.value.message.ko != refused.value.message.en

    def test_a_cancelled_run_writes_nothing(self, engine: Writer[Any], tmp_path: Path) -> None:
        with pytest.raises(Cancelled):
            engine.run(SUNG, self.options(), MemoryContext(seed=1, scratch=tmp_path, cancel_at=0.0))

    def test_progress_grows_from_nothing_to_all(self, engine: Writer[Any], context: MemoryContext) -> None:
        engine.run(SUNG, self.options(), context)
        fractions = [fraction for _, fraction in context.reports]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)


class TestSongsmith(WriterSuite):
    @classmethod
    def make(cls, settings: Settings) -> Songsmith:
        return Songsmith(settings)

    @classmethod
    def options(cls) -> SongsmithOptions:
        return SongsmithOptions()

    def test_a_tempo_nobody_can_play_is_refused_by_name(self, engine: Writer[Any]) -> None:
        with pytest.raises(InvalidRequest, match="bpm") as refused:
            engine.check(WriteTask(prompt="rock, 900 bpm"), self.options())
        assert refused.value.field == "prompt"


class TestDebug(WriterSuite):
    @classmethod
    def make(cls, settings: Settings) -> DebugWriter:
        return DebugWriter(settings)

    @classmethod
    def options(cls) -> DebugWriterOptions:
        return DebugWriterOptions(lines=8)


def _song(asked: Asked) -> Said:
    """A model that plans the same song whatever it is asked for, in the language that it is told."""
    korean = "Korean" in asked.body["messages"][0]["content"]
    words = (
        "파도가 밀려와\n바다가 부르네\n[chorus]\n바다로 가자" if korean else "The waves roll in\n[chorus]\nOh, the sea"
    )
    told = {"title": "파도" if korean else "Waves", "genre": "pop", "mood": "bright", "tempo": "98 BPM", "key": "G"}
    return Said((json.dumps({**told, "lyrics": f"[verse]\n{words}", "instruments": ["piano"], "voice": "female"}),))


class TestOpenai(WriterSuite):
    @pytest.fixture
    def engine(self, tmp_path: Path) -> Iterator[Writer[Any]]:
        with model(_song) as server:
            yield self.make(Settings(data_dir=tmp_path, openai_url=server.url))

    @classmethod
    def make(cls, settings: Settings) -> OpenaiWriter:
        return OpenaiWriter(settings)

    @classmethod
    def options(cls) -> OpenaiWriterOptions:
        return OpenaiWriterOptions()
