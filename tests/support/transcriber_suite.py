"""What every transcribing engine keeps to: one abstract suite, inherited for each."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from pansori.domain.errors import Cancelled, InvalidRequest
from pansori.domain.tasks import Family, TranscribeTask
from pansori.engines.base import EngineOptions, Recording, describe
from pansori.engines.transcribe.base import HEARD_RATE, RECORDING, HeardSegment, HeardWord, Transcriber, Transcript
from pansori.espeak import SOURCE_RATE, Line, say
from pansori.settings import Settings
from support.context import MemoryContext
from support.recordings import hiss, recording

COMMAND = "what time is it"
PLAIN = TranscribeTask()
PIECE = HEARD_RATE // 10  #: samples that come at once while somebody speaks


class TranscriberSuite(ABC):
    #: A task that the recording is understood in.
    task = PLAIN

    @classmethod
    @abstractmethod
    def make(cls, settings: Settings) -> Transcriber[Any]: ...

    @classmethod
    def options(cls) -> EngineOptions:
        return EngineOptions()

    @classmethod
    @abstractmethod
    def spoken(cls) -> tuple[np.ndarray, str]:
        """Somebody who says something, at `HEARD_RATE`, shape [n], and what it is."""

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Transcriber[Any]:
        return self.make(Settings(data_dir=tmp_path))

    @pytest.fixture
    def context(self, tmp_path: Path) -> MemoryContext:
        return MemoryContext(seed=1, scratch=tmp_path)

    def heard(self, engine: Transcriber[Any], context: MemoryContext, sound: Recording, **task: Any) -> Transcript:
        context.inputs = {RECORDING: sound}
        told = engine.run(self.task.model_copy(update=task), self.options(), context)
        assert isinstance(told, Transcript)
        assert told.duration == pytest.approx(sound.duration)
        _in_order(told.segments, told.duration)
        for segment in told.segments:
            _in_order(segment.words, segment.end + 1e-6)
        assert Transcript.model_validate_json(told.model_dump_json()) == told
        return told

    def test_it_describes_itself(self, engine: Transcriber[Any]) -> None:
        shown = describe(engine)
        assert shown["family"] == Family.TRANSCRIBE.value
        assert shown["state"] == "ready"
        assert shown["card"]["summary"]
        assert engine.card().summary_ko != engine.card().summary
        json.dumps(shown)

    def test_every_option_is_explained_and_has_a_default(self, engine: Transcriber[Any]) -> None:
        for field in engine.Options.model_fields.values():
            assert field.description
            assert not field.is_required()

    def test_it_hears_what_is_said(self, engine: Transcriber[Any], context: MemoryContext) -> None:
        sound, said = self.spoken()
        told = self.heard(engine, context, recording(sound, HEARD_RATE))
        assert told.text == said
        assert " ".join(segment.text for segment in told.segments) == said
        fractions = [fraction for _, fraction in context.reports]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)

    @pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (44_100, 2), (192_000, 1)])
    def test_any_rate_and_any_channels_will_do(
        self, rate: int, channels: int, engine: Transcriber[Any], context: MemoryContext
    ) -> None:
        sound, said = self.spoken()
        other = soxr.resample(sound, HEARD_RATE, rate)
        assert self.heard(engine, context, recording(np.stack([other] * channels), rate)).text == said

    @pytest.mark.parametrize("seconds", [0.0, 0.001, 2.0])
    def test_silence_says_nothing(self, seconds: float, engine: Transcriber[Any], context: MemoryContext) -> None:
        told = self.heard(engine, context, recording(np.zeros(round(seconds * 48_000))))
        assert (told.text, told.segments) == ("", ())

    @pytest.mark.parametrize("level", [0.003, 0.1])
    def test_noise_says_nothing(self, level: float, engine: Transcriber[Any], context: MemoryContext) -> None:
        told = self.heard(engine, context, recording(hiss(2.0, HEARD_RATE, level=level), HEARD_RATE))
        assert (told.text, told.segments) == ("", ())

    def test_it_hears_the_same_while_it_is_spoken(self, engine: Transcriber[Any], context: MemoryContext) -> None:
        sound, said = self.spoken()
        listening = engine.listen(self.task, self.options(), context)
        for at in range(0, len(sound), PIECE):
            assert isinstance(listening.feed(sound[at : at + PIECE]), str)
        told = listening.finish()
        assert told.text == said
        assert told == self.heard(engine, context, recording(sound, HEARD_RATE))

    def test_nobody_who_speaks_says_nothing(self, engine: Transcriber[Any], context: MemoryContext) -> None:
        told = engine.listen(self.task, self.options(), context).finish()
        assert (told.text, told.segments, told.duration) == ("", (), 0.0)

    def test_a_language_that_it_does_not_have_is_refused_with_those_that_it_has(self, engine: Transcriber[Any]) -> None:
        if not engine.card().languages:
            return  # any, or another server's affair
        asked = self.task.model_copy(update={"language": "xx-nobody"})
        for ask in (self._check, self._listen):
            with pytest.raises(InvalidRequest) as refused:
                ask(engine, asked)
            assert refused.value.field == "language"
            assert refused.value.message.ko != refused.value.message.en
            assert refused.value.cure is not None
            assert engine.card().languages[0] in refused.value.cure.en

    def _check(self, engine: Transcriber[Any], task: TranscribeTask) -> None:
        engine.check(task, self.options())

    def _listen(self, engine: Transcriber[Any], task: TranscribeTask) -> None:
        engine.listen(task, self.options(), MemoryContext(seed=1, scratch=Path()))

    def test_a_region_that_it_does_not_have_is_its_language(self, engine: Transcriber[Any]) -> None:
        language = f"{next(iter(engine.card().languages), 'ko')}-KR"
        engine.check(self.task.model_copy(update={"language": language}), self.options())

    def test_a_cancelled_run_tells_nothing(self, engine: Transcriber[Any], tmp_path: Path) -> None:
        context = MemoryContext(seed=1, scratch=tmp_path, cancel_at=0.0)
        with pytest.raises(Cancelled):
            self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE))


def _in_order(told: tuple[HeardSegment | HeardWord, ...], end: float) -> None:
    for one in told:
        assert one.text.strip() == one.text != ""
        assert 0.0 <= one.start <= one.end <= end
    for before, after in pairwise(told):
        assert before.end <= after.start + 1e-6


@cache
def command() -> np.ndarray:
    """`COMMAND`, said by espeak between silences, at `HEARD_RATE`, shape [n]."""
    [said] = say([Line("en-us", COMMAND, 165)])
    sound = np.concatenate((np.zeros(8_000), said.samples, np.zeros(16_000)))
    return np.asarray(soxr.resample(sound, SOURCE_RATE, HEARD_RATE), dtype=np.float32)
