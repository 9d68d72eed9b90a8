"""What every speaking engine keeps to: one abstract suite, inherited for each."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from itertools import pairwise
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest

from pansori.domain.errors import Cancelled, InvalidRequest
from pansori.domain.tasks import Family, SpeakTask
from pansori.domain.units import Seconds
from pansori.engines.base import EngineOptions, describe
from pansori.engines.speak.base import NOTHING_SAID, SPEECH, Speaker, Speech
from pansori.settings import Settings
from support.context import MemoryContext

TEXTS = {
    "ko": "안녕하세요, 오늘은 2026년 11월이에요 — 반가워요!",
    "en": 'Out of the box, I have 25 "fine" apples.\nDon\'t you?',
}
PLAIN = SpeakTask(text="Hello there, good morning.")


class SpeakerSuite(ABC):
    languages: ClassVar[tuple[str, ...]] = ("ko", "en")
    #: Seconds between when a word is told and heard to begin or end.
    near: ClassVar[float] = 0.03

    @classmethod
    @abstractmethod
    def make(cls, settings: Settings) -> Speaker[Any]: ...

    @classmethod
    @abstractmethod
    def options(cls) -> EngineOptions: ...

    @pytest.fixture
    def engine(self, tmp_path: Path) -> Speaker[Any]:
        return self.make(Settings(data_dir=tmp_path, model_idle_ttl=Seconds(-1.0)))

    @pytest.fixture
    def context(self, tmp_path: Path) -> MemoryContext:
        return MemoryContext(seed=1, scratch=tmp_path)

    def said(self, engine: Speaker[Any], context: MemoryContext, **task: Any) -> Speech:
        asked = SpeakTask.model_validate({**PLAIN.model_dump(), **task})
        speech = engine.run(asked, self.options(), context)
        assert isinstance(speech, Speech)
        return speech

    def test_it_describes_itself(self, engine: Speaker[Any]) -> None:
        shown = describe(engine)
        assert shown["family"] == Family.SPEAK.value
        assert shown["state"] == "ready"
        assert shown["card"]["summary"]
        assert set(self.languages) <= {tag.partition("-")[0].lower() for tag in shown["card"]["languages"]}
        json.dumps(shown)

    def test_every_option_is_explained_and_has_a_default(self, engine: Speaker[Any]) -> None:
        for field in engine.Options.model_fields.values():
            assert field.description
            assert not field.is_required()

    @pytest.mark.parametrize("language", TEXTS)
    def test_words_are_where_they_are_heard(self, language: str, engine: Speaker[Any], context: MemoryContext) -> None:
        if language not in self.languages:
            with pytest.raises(InvalidRequest, match="language"):
                self.said(engine, context, text=TEXTS[language])
            return
        speech = self.said(engine, context, text=TEXTS[language])
        sound = context.sounds[SPEECH]
        assert speech.language.partition("-")[0] == language
        assert sound.samples.shape[0] == 1
        assert sound.sample_rate == speech.sample_rate
        assert sound.duration == pytest.approx(speech.duration)
        written = [token for token in TEXTS[language].split() if any(map(str.isalnum, token))]
        assert [word.text for word in speech.words] == written
        for word in speech.words:
            assert speech.text[word.first :].startswith(word.text)
            first, last = round(word.start * sound.sample_rate), round(word.end * sound.sample_rate)
            assert np.abs(sound.samples[0, first:last]).max() > 0.01
            sounds = [(one.start, one.end) for one in word.phonemes]
            assert sounds == sorted(sounds)
        for before, after in pairwise(speech.words):
            assert before.start < before.end <= after.start
        assert speech.words[-1].end <= speech.duration
        assert Speech.model_validate_json(speech.model_dump_json()) == speech

    def test_the_same_task_gives_the_same_sound(self, engine: Speaker[Any], tmp_path: Path) -> None:
        contexts = [MemoryContext(seed=seed, scratch=tmp_path) for seed in (1, 2)]
        first, second = (self.said(engine, context) for context in contexts)
        assert first == second
        assert contexts[0].digest() == contexts[1].digest()

    def test_twice_the_rate_takes_about_half_the_time(self, engine: Speaker[Any], context: MemoryContext) -> None:
        usual = self.said(engine, context).duration
        for rate in (0.25, 2.0, 4.0):
            speech = self.said(engine, context, rate=rate)
            sound = context.sounds[SPEECH]
            assert 0.8 < speech.duration * rate / usual < 1.3
            for word in speech.words:
                first, last = round(word.start * sound.sample_rate), round(word.end * sound.sample_rate)
                assert np.abs(sound.samples[0, first:last]).max() > 0.01

    def test_volume_is_in_decibels(self, engine: Speaker[Any], context: MemoryContext) -> None:
        peaks = []
        for volume in (0.0, -20.0):
            self.said(engine, context, volume=volume)
            peaks.append(float(np.abs(context.sounds[SPEECH].samples).max()))
        assert peaks[1] == pytest.approx(peaks[0] / 10, rel=1e-3)

    def test_every_voice_that_is_listed_is_accepted(self, engine: Speaker[Any]) -> None:
        voices = engine.voices()
        assert voices
        assert len({voice.name for voice in voices}) == len(voices)
        for voice in voices:
            language = next(iter(voice.languages), PLAIN.language)
            engine.check(PLAIN.model_copy(update={"voice": voice.name, "language": language}), self.options())

    @pytest.mark.parametrize("field", ["voice", "language"])
    def test_what_it_does_not_have_is_refused_with_what_it_has(self, field: str, engine: Speaker[Any]) -> None:
        with pytest.raises(InvalidRequest) as refused:
            engine.check(PLAIN.model_copy(update={field: "xx-nobody"}), self.options())
        assert refused.value.field == field
        assert refused.value.message.ko != refused.value.message.en
        assert refused.value.cure is not None
        known = [voice.name for voice in engine.voices()] if field == "voice" else engine.card().languages
        assert known[0] in refused.value.cure.en

    def test_a_region_that_it_does_not_have_is_its_language(self, engine: Speaker[Any]) -> None:
        engine.check(PLAIN.model_copy(update={"language": f"{self.languages[0]}-ZZ"}), self.options())

    @pytest.mark.parametrize("text", ["…", "?!", "\x01\x00[[", "<speak>", "a" * 300])
    def test_nothing_in_a_text_is_a_command(self, text: str, engine: Speaker[Any], context: MemoryContext) -> None:
        speech = self.said(engine, context, text=text)
        assert context.sounds[SPEECH].samples.size
        assert all(word.text in speech.text for word in speech.words)

    @pytest.mark.parametrize("text", ["***", "^^ ~ …"])
    def test_what_is_only_to_be_seen_is_silence(self, text: str, engine: Speaker[Any], context: MemoryContext) -> None:
        speech = self.said(engine, context, text=text)
        assert (speech.text, speech.words, speech.notices) == (text, (), (NOTHING_SAID,))
        assert context.sounds[SPEECH].samples.size
        assert not context.sounds[SPEECH].samples.any()

    def test_what_is_streamed_is_what_is_saved_sentence_by_sentence(
        self, engine: Speaker[Any], context: MemoryContext
    ) -> None:
        task = SpeakTask(text="Good morning. It is 3:30 p.m., and I have 5 apples! Do you?")
        parts = list(engine.stream(task, self.options(), context))
        speech = engine.run(task, self.options(), context)
        assert [part.text for part in parts] == ["Good morning. ", "It is 3:30 p.m., and I have 5 apples! ", "Do you?"]
        assert [part.first for part in parts] == [0, 14, 52]
        assert {part.rate for part in parts} == {speech.sample_rate}
        samples = np.concatenate([part.samples for part in parts])
        assert samples.tolist() == context.sounds[SPEECH].samples[0].tolist()
        assert [word.text for part in parts for word in part.words] == [word.text for word in speech.words]
        assert [word.first for part in parts for word in part.words] == [word.first for word in speech.words]
        for part in parts:
            assert all(word.end <= part.duration for word in part.words)

    def test_markup_is_heeded_and_its_text_is_what_words_are_of(
        self, engine: Speaker[Any], context: MemoryContext
    ) -> None:
        ssml = (
            '<speak xml:lang="en-US"><p>Hello <emphasis>dear</emphasis> world.</p>'
            '<break time="750ms"/>'
            'Call <say-as interpret-as="telephone">555-0123</say-as> &amp; ask '
            '<sub alias="doctor">Dr</sub> Kim.</speak>'
        )
        speech = self.said(engine, context, text=ssml, markup="ssml")
        assert speech.text == "Hello dear world.\nCall 555-0123 & ask Dr Kim."
        spoken = "Hello dear world. Call 555-0123 ask Dr Kim."
        assert " ".join(word.text for word in speech.words) == spoken
        for word in speech.words:
            assert speech.text[word.first :].startswith(word.text)
        before, behind = speech.words[2].end, speech.words[3].start
        assert behind - before > 0.74
        sound = np.abs(context.sounds[SPEECH].samples[0])
        loud = np.flatnonzero(sound > 0.01 * sound.max()) / speech.sample_rate
        middle = (before + behind) / 2
        assert loud[loud < middle].max() == pytest.approx(before, abs=self.near)
        assert loud[loud > middle].min() == pytest.approx(behind, abs=self.near)
        plain = self.said(engine, context, text=ssml.replace('<break time="750ms"/>', ""), markup="ssml")
        assert speech.duration - plain.duration == pytest.approx(0.75, abs=0.1)

    @pytest.mark.parametrize("text", ["<speak>", "Hello", "<!DOCTYPE a [<!ENTITY b 'c'>]><speak>&b;</speak>"])
    def test_markup_that_is_none_is_refused_before_anything_is_said(self, text: str, engine: Speaker[Any]) -> None:
        with pytest.raises(InvalidRequest, match="SSML, line 1") as refused:
            engine.check(SpeakTask(text=text, markup="ssml"), self.options())
        assert refused.value.field == "text"

    def test_a_cancelled_run_says_nothing(self, engine: Speaker[Any], tmp_path: Path) -> None:
        context = MemoryContext(seed=1, scratch=tmp_path, cancel_at=0.0)
        with pytest.raises(Cancelled):
            self.said(engine, context)
        assert not context.sounds

    def test_progress_grows_from_nothing_to_all(self, engine: Speaker[Any], context: MemoryContext) -> None:
        self.said(engine, context)
        fractions = [fraction for _, fraction in context.reports]
        assert fractions == sorted(fractions)
        assert (fractions[0], fractions[-1]) == (0.0, 1.0)
