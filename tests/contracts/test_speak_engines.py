"""The speaking engines that are always there keep to what every one of them does."""

from __future__ import annotations

from typing import Any

import pytest

from pansori.domain.errors import InvalidRequest
from pansori.domain.units import Seconds
from pansori.engines.speak.base import SPEECH, Speaker
from pansori.engines.speak.debug import DebugSpeaker, DebugSpeakerOptions
from pansori.engines.speak.espeak import EspeakSpeaker, EspeakSpeakerOptions
from pansori.settings import Settings
from support.context import MemoryContext
from support.speaker_suite import PLAIN, SpeakerSuite


class TestEspeak(SpeakerSuite):
    @classmethod
    def make(cls, settings: Settings) -> EspeakSpeaker:
        return EspeakSpeaker(settings)

    @classmethod
    def options(cls) -> EspeakSpeakerOptions:
        return EspeakSpeakerOptions()

    @pytest.mark.parametrize(("field", "value"), [("pitch", -12.0), ("pitch", 11.0)])
    def test_what_is_out_of_its_reach_is_refused_by_name(self, field: str, value: float, engine: Speaker[Any]) -> None:
        with pytest.raises(InvalidRequest) as refused:
            engine.check(PLAIN.model_copy(update={field: value}), self.options())
        assert refused.value.field == field

    def test_padding_is_silence_that_moves_the_words(self, engine: Speaker[Any], context: MemoryContext) -> None:
        bare = self.said(engine, context)
        padded = engine.run(PLAIN, EspeakSpeakerOptions(padding=Seconds(0.5)), context)
        sound = context.sounds[SPEECH]
        assert not sound.samples[0, : round(0.5 * sound.sample_rate)].any()
        assert padded.duration == pytest.approx(bare.duration + 1.0)
        assert padded.words[0].start == pytest.approx(bare.words[0].start + 0.5)


class TestDebug(SpeakerSuite):
    @classmethod
    def make(cls, settings: Settings) -> DebugSpeaker:
        return DebugSpeaker(settings)

    @classmethod
    def options(cls) -> DebugSpeakerOptions:
        return DebugSpeakerOptions()
