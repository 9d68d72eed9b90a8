"""Piper and Kokoro keep to what speaking engines do: the real packages, with voices of a few hundred bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pansori.domain.errors import EngineFailed, InvalidRequest
from pansori.domain.tasks import SpeakTask
from pansori.engines.base import EngineOptions
from pansori.engines.residency import HERE
from pansori.engines.speak.base import Speaker
from pansori.engines.speak.kokoro import KokoroSpeaker
from pansori.engines.speak.piper import PiperSpeaker, PiperSpeakerOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.speaker_suite import SpeakerSuite
from support.voices import kokoro_model, piper_voice

MARKS = 0.3  #: seconds that the full stop and the end hum, which are no word's


@pytest.fixture(autouse=True)
def _no_voice_stays() -> Iterator[None]:
    yield
    HERE.clear()


class TestPiper(SpeakerSuite):
    near: ClassVar[float] = MARKS

    @classmethod
    def make(cls, settings: Settings) -> PiperSpeaker:
        models = settings.data_dir / "models"
        piper_voice(models, "en_US-tiny", language="en_US", espeak="en-us", speakers=("first", "second"))
        piper_voice(models, "ko_KR-tiny", language="ko_KR", espeak="ko")
        return PiperSpeaker(settings)

    @classmethod
    def options(cls) -> PiperSpeakerOptions:
        return PiperSpeakerOptions()

    def test_a_voice_speaks_its_language_alone(self, engine: PiperSpeaker) -> None:
        with pytest.raises(InvalidRequest) as refused:
            engine.check(SpeakTask(text="안녕하세요", voice="en_US-tiny"), self.options())
        assert refused.value.cure is not None
        assert "en-US" in refused.value.cure.en


class TestKokoro(SpeakerSuite):
    near: ClassVar[float] = MARKS
    languages: ClassVar[tuple[str, ...]] = ("en",)

    @classmethod
    def make(cls, settings: Settings) -> KokoroSpeaker:
        kokoro_model(settings.data_dir / "models")
        return KokoroSpeaker(settings)

    @classmethod
    def options(cls) -> EngineOptions:
        return EngineOptions()

    def test_voices_that_cannot_be_read_for_are_not_offered(self, engine: KokoroSpeaker) -> None:
        assert [voice.name for voice in engine.voices()] == ["af_heart", "bf_emma", "am_tiny"]
        assert [voice.gender for voice in engine.voices()] == ["female", "female", "male"]


@pytest.mark.parametrize("made", [PiperSpeaker, KokoroSpeaker])
def test_without_a_voice_the_status_names_the_command(
    made: type[PiperSpeaker] | type[KokoroSpeaker], tmp_path: Path
) -> None:
    status = made(Settings(data_dir=tmp_path)).status()
    assert status.state == "missing"
    assert f"pansori models get {made.name}-" in status.cure
    assert status.reason_ko != status.reason


def test_phonemes_are_told_in_time_and_may_be_given(tmp_path: Path) -> None:
    """As long as each has frames: 4 of 256 samples, and as many for what Piper puts behind it."""
    piper_voice(tmp_path / "models", "en_US-tiny", language="en_US", espeak="en-us")
    context = MemoryContext(seed=1, scratch=tmp_path)
    ssml = '<speak>No <phoneme alphabet="ipa" ph="təmɑːtəʊ">tomato</phoneme> today</speak>'
    engine = PiperSpeaker(Settings(data_dir=tmp_path))
    speech = engine.run(SpeakTask(text=ssml, markup="ssml"), PiperSpeakerOptions(), context)
    assert not speech.notices
    told = {word.text: "".join(one.ipa for one in word.phonemes) for word in speech.words}
    assert told["tomato"] == "təmɑːtəʊ"
    [phoneme] = [one for word in speech.words for one in word.phonemes if one.ipa == "ɑ"]
    assert phoneme.end - phoneme.start == pytest.approx(2 * 4 * 256 / 16_000, abs=1e-3)


def test_a_phoneme_with_an_accent_is_one(tmp_path: Path) -> None:
    """Voices know the accents as sounds of their own."""
    piper_voice(tmp_path / "models", "en_US-tiny", language="en_US", espeak="en-us")
    context = MemoryContext(seed=1, scratch=tmp_path)
    ssml = '<speak><phoneme alphabet="ipa" ph="b\u00f5">bon</phoneme> day</speak>'
    speech = PiperSpeaker(Settings(data_dir=tmp_path)).run(
        SpeakTask(text=ssml, markup="ssml"), PiperSpeakerOptions(), context
    )
    assert [one.ipa for one in speech.words[0].phonemes] == ["b", "\u00f5"]
    first, second = (one.end - one.start for one in speech.words[0].phonemes)
    assert second == pytest.approx(2 * first, abs=1e-3)


def test_words_that_the_voice_joins_have_estimated_times_and_it_says_so(tmp_path: Path) -> None:
    piper_voice(tmp_path / "models", "ko_KR-tiny", language="ko_KR", espeak="ko")
    context = MemoryContext(seed=1, scratch=tmp_path)
    engine = PiperSpeaker(Settings(data_dir=tmp_path))
    speech = engine.run(SpeakTask(text="안녕하세요, 3시에 만나요."), PiperSpeakerOptions(), context)
    assert [word.text for word in speech.words] == ["안녕하세요,", "3시에", "만나요."]
    assert "estimated" in speech.notices[0].en
    assert not any(word.phonemes for word in speech.words)


def test_a_model_that_tells_no_durations_tells_no_words(tmp_path: Path) -> None:
    kokoro_model(tmp_path / "models", timed=False)
    context = MemoryContext(seed=1, scratch=tmp_path)
    engine = KokoroSpeaker(Settings(data_dir=tmp_path))
    speech = engine.run(SpeakTask(text="Good morning."), EngineOptions(), context)
    assert speech.words == ()
    assert speech.duration > 0.5


@pytest.mark.parametrize(
    "told",
    ['{"espeak": "en"}', '{"espeak": {}}', '{"espeak": {"voice": "en"}, "language": "en"}',
     '{"espeak": {"voice": "en"}, "speaker_id_map": ["first"]}', "[]", "{"],
)  # fmt: skip
def test_a_voice_that_describes_itself_badly_keeps_no_other_from_speaking(told: str, tmp_path: Path) -> None:
    engine = TestPiper.make(Settings(data_dir=tmp_path))
    bad = piper_voice(tmp_path / "models", "en_US-bad", language="en_US", espeak="en-us")
    (bad / "en_US-bad.onnx.json").write_text(told, encoding="utf-8")
    assert "en_US-tiny" in [voice.name for voice in engine.voices()]
    assert "en-US" in engine.card().languages


@pytest.mark.parametrize("name", ["piper-en_US-tiny/en_US-tiny.onnx", "kokoro-tiny/tiny.onnx"])
def test_a_damaged_model_is_an_error_with_its_cure(name: str, tmp_path: Path) -> None:
    piper_voice(tmp_path / "models", "en_US-tiny", language="en_US", espeak="en-us")
    kokoro_model(tmp_path / "models")
    (tmp_path / "models" / name).write_bytes(b"<html>")
    made = PiperSpeaker if name.startswith("piper") else KokoroSpeaker
    engine: Speaker[Any] = made(Settings(data_dir=tmp_path))
    with pytest.raises(EngineFailed) as failed:
        engine.run(SpeakTask(text="Hello"), engine.Options(), MemoryContext(seed=1, scratch=tmp_path))
    assert failed.value.cure is not None
    assert "models get" in failed.value.cure.en
