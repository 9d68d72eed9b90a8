"""What every transcribing engine keeps to, and what each of those that hear by themselves does beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from pansori.domain.errors import EngineUnavailable, InvalidRequest
from pansori.domain.tasks import SpeakTask, TranscribeTask
from pansori.domain.units import Seconds
from pansori.engines import residency
from pansori.engines.speak.base import SPEECH
from pansori.engines.speak.debug import DebugSpeaker, DebugSpeakerOptions
from pansori.engines.transcribe.base import HEARD_RATE, RECORDING, Transcriber
from pansori.engines.transcribe.debug import DebugTranscriber
from pansori.engines.transcribe.faster_whisper import FasterWhisper, FasterWhisperOptions
from pansori.engines.transcribe.free_speech import take_a_whisper
from pansori.engines.transcribe.pocketsphinx import PocketsphinxTranscriber
from pansori.engines.transcribe.pocketsphinx.ear import Ear as PocketsphinxEar
from pansori.engines.transcribe.pocketsphinx.engine import NO_COMMAND, PocketsphinxOptions
from pansori.espeak import SOURCE_RATE, Line, say
from pansori.lexicon.pronunciation import respell
from pansori.settings import Settings
from support.context import MemoryContext
from support.recordings import recording
from support.transcriber_suite import COMMAND, TranscriberSuite, command
from support.whisper import write_whisper

KOREAN = "슬픈 노래 만들어 줘"


class TestDebug(TranscriberSuite):
    @classmethod
    def make(cls, settings: Settings) -> DebugTranscriber:
        return DebugTranscriber(settings)

    @classmethod
    def spoken(cls) -> tuple[np.ndarray, str]:
        return _tones("Good day, everybody!"), "four four eight"

    def test_it_counts_letters_in_the_language_that_it_is_told(
        self, engine: Transcriber[Any], context: MemoryContext
    ) -> None:
        told = self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE), language="ko-KR")
        assert (told.text, told.language) == ("사 사 팔", "ko")

    def test_a_pause_ends_a_segment(self, engine: Transcriber[Any], context: MemoryContext) -> None:
        sound = np.concatenate((_tones("Hi"), np.zeros(HEARD_RATE, np.float32), _tones("there")))
        told = self.heard(engine, context, recording(sound, HEARD_RATE))
        assert [segment.text for segment in told.segments] == ["two", "five"]
        assert told.segments[1].start == pytest.approx(1.15, abs=0.02)


class TestPocketsphinx(TranscriberSuite):
    task = TranscribeTask(expect="commands")

    @classmethod
    def make(cls, settings: Settings) -> PocketsphinxTranscriber:
        return PocketsphinxTranscriber(settings)

    @classmethod
    def options(cls) -> PocketsphinxOptions:
        return PocketsphinxOptions()

    @classmethod
    def spoken(cls) -> tuple[np.ndarray, str]:
        return command(), COMMAND

    def test_korean_and_english_are_told_apart(self, engine: PocketsphinxTranscriber, context: MemoryContext) -> None:
        sound = np.concatenate((_korean(), command()))
        told = self.heard(engine, context, recording(sound, HEARD_RATE))
        assert [segment.text for segment in told.segments] == [KOREAN, COMMAND]
        assert told.segments[1].start > len(_korean()) / HEARD_RATE
        assert told.language == "ko"
        assert all(segment.confidence is not None and segment.confidence > 0.5 for segment in told.segments)

    def test_what_is_understood_so_far_is_told(self, engine: PocketsphinxTranscriber, context: MemoryContext) -> None:
        listening = engine.listen(self.task, self.options(), context)
        sound = _korean()
        told = [listening.feed(sound[at : at + 1_600]) for at in range(0, len(sound), 1_600)]
        assert KOREAN in told
        assert listening.finish().text == KOREAN

    def test_only_what_fits_well_enough_is_understood(
        self, engine: PocketsphinxTranscriber, context: MemoryContext
    ) -> None:
        context.inputs = {RECORDING: recording(command(), HEARD_RATE)}
        told = engine.run(self.task, PocketsphinxOptions(strictness=1.0), context)
        assert (told.text, told.segments, told.confidence) == ("", (), None)
        advised = f"{NO_COMMAND.en} {take_a_whisper(engine.settings).en}"
        assert [notice.en for notice in told.notices] == [advised]

    def test_who_is_not_heard_to_its_end_holds_nothing(
        self, engine: PocketsphinxTranscriber, context: MemoryContext
    ) -> None:
        def users() -> list[int]:
            return [one.users for one in residency.HERE.loaded() if one.key == "pocketsphinx commands auto"]

        for end in (PocketsphinxEar.close, PocketsphinxEar.finish, None):
            listening = engine.listen(self.task, self.options(), context)
            assert isinstance(listening, PocketsphinxEar)
            listening.feed(command()[: 3 * HEARD_RATE // 2])
            assert users() == [1]
            if end is not None:
                end(listening)
            else:
                del listening
            assert users() == [0]

    def test_who_listens_for_one_language_hears_no_other(
        self, engine: PocketsphinxTranscriber, context: MemoryContext
    ) -> None:
        told = self.heard(engine, context, recording(command(), HEARD_RATE), language="ko")
        assert told.language == "ko"
        assert not any("a" <= mark <= "z" for mark in told.text)

    def test_dictation_is_english_and_says_that_it_is_rough(
        self, engine: PocketsphinxTranscriber, context: MemoryContext
    ) -> None:
        told = self.heard(engine, context, recording(command(), HEARD_RATE), expect="anything", words=False)
        assert told.text
        assert (told.language, told.segments[0].words) == ("en", ())
        assert "whisper" in told.notices[0].en
        with pytest.raises(InvalidRequest) as refused:
            engine.check(TranscribeTask(language="ko-KR"), self.options())
        assert refused.value.cure is not None
        assert "whisper" in refused.value.cure.en

    def test_many_listen_at_once(self, engine: PocketsphinxTranscriber, context: MemoryContext) -> None:
        both = [engine.listen(self.task, self.options(), context) for _ in range(2)]
        for at in range(0, len(command()), 1_600):
            both[0].feed(command()[at : at + 1_600])
            both[1].feed(_korean()[at : at + 1_600])
        both[1].feed(_korean()[len(command()) :])
        assert [one.finish().text for one in both] == [COMMAND, KOREAN]


@pytest.fixture(scope="module")
def whisper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield write_whisper(tmp_path_factory.mktemp("models") / "whisper")
    residency.HERE.clear()


class TestFasterWhisper(TranscriberSuite):
    """With a Whisper that says the same of whatever it hears, in the real format: everything but hearing is tested."""

    @classmethod
    def make(cls, settings: Settings) -> FasterWhisper:
        return FasterWhisper(settings)

    @classmethod
    def options(cls) -> FasterWhisperOptions:
        return FasterWhisperOptions(device="cpu")

    @classmethod
    def spoken(cls) -> tuple[np.ndarray, str]:
        return command(), "hello there."

    @pytest.fixture
    def engine(self, tmp_path: Path, whisper: Path) -> FasterWhisper:
        return self.make(Settings(data_dir=tmp_path, whisper_model=str(whisper)))

    def test_it_tells_language_and_words(self, engine: FasterWhisper, context: MemoryContext) -> None:
        told = self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE))
        assert told.language == "en"
        [segment] = told.segments
        assert [word.text for word in segment.words] == ["hello", "there."]
        assert segment.words[-1].confidence == pytest.approx(1.0, abs=0.01)
        assert self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE), language="ko-KR").language == "ko"

    def test_it_translates(self, engine: FasterWhisper, context: MemoryContext) -> None:
        told = self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE), translate=True, words=False)
        assert told.text == "good day"
        assert not told.segments[0].words

    def test_a_processor_calculates_in_eight_bits(self, engine: FasterWhisper, context: MemoryContext) -> None:
        residency.HERE.clear()
        self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE))
        [held] = residency.HERE.loaded()

        def load() -> Any:
            pytest.fail("it is there")

        with residency.hold(held.key, load, memory=held.memory, ttl=Seconds(60.0)) as model:
            assert "int8" in model.model.compute_type

    def test_it_goes_on_beyond_the_first_window(self, engine: FasterWhisper, context: MemoryContext) -> None:
        spoken = self.spoken()[0]
        told = self.heard(engine, context, recording(np.tile(spoken, 20), HEARD_RATE), words=False)
        assert len(told.segments) > 1
        assert told.segments[-1].start > 15

    def test_without_its_model_it_says_what_fetches_one(self, tmp_path: Path) -> None:
        status = FasterWhisper(Settings(data_dir=tmp_path)).status()
        assert status.state == "missing"
        assert status.cure == "Fetch it: `pansori models get whisper-small`"

    def test_a_broken_model_is_an_error_with_a_cure(self, context: MemoryContext, tmp_path: Path) -> None:
        (tmp_path / "model.bin").write_bytes(b"nothing")
        engine = FasterWhisper(Settings(data_dir=tmp_path, whisper_model=str(tmp_path)))
        with pytest.raises(EngineUnavailable) as refused:
            self.heard(engine, context, recording(self.spoken()[0], HEARD_RATE))
        assert refused.value.cure is not None


@cache
def _korean() -> np.ndarray:
    [said] = say([Line("ko", respell(KOREAN), 165)])
    sound = np.concatenate((np.zeros(8_000), said.samples, np.zeros(20_000)))
    return np.asarray(soxr.resample(sound, SOURCE_RATE, HEARD_RATE), dtype=np.float32)


def _tones(text: str) -> np.ndarray:
    context = MemoryContext(seed=1, scratch=Path())
    DebugSpeaker(Settings()).run(SpeakTask(text=text), DebugSpeakerOptions(), context)
    sound = context.sounds[SPEECH]
    assert sound.sample_rate == HEARD_RATE
    return np.asarray(sound.samples[0])
