"""What a comparison tells beside its scores: words with their times, curves to draw, reasons, and refusals."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
import soxr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pansori.domain.errors import Cancelled
from pansori.engines.analyze.imitation import LONGEST, Imitation, compare
from pansori.engines.analyze.imitation.model import Mark
from pansori.engines.base import Recording
from pansori.espeak import SOURCE_RATE, speak
from support.recordings import Sound, hiss, recording, tone
from support.speech import TEXTS, Clip, Speech, spoken

PARTS = ("overall", "words", "timing", "pitch", "intensity")


@pytest.fixture(scope="module")
def speech() -> Speech:
    return Speech(Clip("ko"), Clip("ko", "f5"), Clip("en"), Clip("en", "m7"))


def assert_sound(told: Imitation) -> None:
    """It survives its own JSON, which has no number that JSON does not know, and every mark has a score or a reason."""
    text = told.model_dump_json()
    assert Imitation.model_validate_json(text) == told
    json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    for name in PARTS:
        mark: Mark = getattr(told, name)
        assert (mark.score is None) != (mark.refused is None)
        assert mark.explanation
        assert mark.explanation_ko not in ("", mark.explanation)


@pytest.mark.parametrize(("text", "voice"), [("ko", "f5"), ("en", "m7")])
def test_every_word_is_found_in_both_clips(text: str, voice: str, speech: Speech) -> None:
    """Where espeak itself says that they are: it tells each word's time in the reference's own voice."""
    language = {"ko": "ko", "en": "en-us"}[text]
    truth = speak(TEXTS[text], language=language, variant=voice)
    other = speak(TEXTS[text], language=language, variant="f2", rate=0.8)
    told = compare(spoken(truth.samples), spoken(other.samples), text=TEXTS[text], language=language)
    assert_sound(told)
    assert [word.text for word in told.each_word] == [word.text for word in truth.words]
    for clip, words in (("reference", truth.words), ("attempt", other.words)):
        spans = [getattr(word, clip) for word in told.each_word]
        off = [abs(found.start - word.start) for found, word in zip(spans, words, strict=True)]
        assert np.median(off) < 0.06
        assert max(off) < 0.2
        assert all(span.start < span.end for span in spans)
    assert min(word.words for word in told.each_word) > 50


def test_numbers_are_found_as_they_are_read_aloud() -> None:
    said = speak("세 시 스물다섯 살 다섯 명 이십 분", language="ko", variant="f5")
    clip = spoken(said.samples)
    told = compare(clip, clip, text="3시 25살 5명 20분", language="ko")
    assert [word.text for word in told.each_word] == ["3시", "25살", "5명", "20분"]
    starts = [word.reference.start for word in told.each_word]
    assert starts == pytest.approx([word.start for word in said.words[::2]], abs=0.05)


@pytest.mark.parametrize(
    ("text", "said", "word"),
    [
        ("en", "Please call me on Monday before you leave the house.", "tomorrow"),
        ("ko", "안녕하세요, 오늘은 기분이 정말 좋네요.", "날씨가"),
    ],
)
def test_the_word_that_is_said_otherwise_is_found(text: str, said: str, word: str, speech: Speech) -> None:
    language = {"ko": "ko", "en": "en-us"}[text]
    attempt = speak(said, language=language, variant="m7")
    told = compare(speech.clip(Clip(text)), spoken(attempt.samples), text=TEXTS[text])
    marks = {one.text: one.words for one in told.each_word}
    assert marks.pop(word) < 40
    assert min(marks.values()) > 70
    assert told.words.score is not None
    assert 60 < told.words.score < 95


def test_curves_lie_over_the_reference(speech: Speech) -> None:
    told = compare(speech.clip(Clip("ko")), speech.clip(Clip("ko", "f5")))
    assert told.contours is not None
    curves = [getattr(told.contours, name) for name in type(told.contours).model_fields]
    assert told.reference.speech is not None
    assert len({(curve.start, curve.step, len(curve.values)) for curve in curves}) == 1
    assert curves[0].start == pytest.approx(told.reference.speech.start)
    assert curves[0].start + len(curves[0].values) * curves[0].step == pytest.approx(told.reference.speech.end)
    moments = [value for value in told.contours.attempt_time.values if value is not None]
    assert moments == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= told.attempt.duration
    pairs = zip(told.contours.reference_pitch.values, told.contours.attempt_pitch.values, strict=True)
    voiced = [pair for pair in pairs if None not in pair]
    assert len(voiced) > 0.3 * len(moments)
    assert np.corrcoef(np.array(voiced, dtype=float).T)[0, 1] > 0.9


def test_words_in_a_language_nobody_speaks_have_no_marks(speech: Speech) -> None:
    told = compare(speech.clip(Clip("ko")), speech.clip(Clip("ko", "f5")), text="nuqneH", language="xx")
    assert told.each_word == ()
    assert told.overall.score is not None


def test_a_text_that_is_far_too_long_for_the_clip_has_no_marks(speech: Speech) -> None:
    for text in (TEXTS["en"] * 100, "1234567890 " * 6):
        told = compare(speech.clip(Clip("en")), speech.clip(Clip("en", "m7")), text=text)
        assert told.each_word == ()
        assert told.overall.score is not None


@pytest.mark.parametrize("rate", [8_000, 48_000])
def test_the_files_rate_does_not_matter(rate: int, speech: Speech) -> None:
    sound = soxr.resample(speech.sound(Clip("en", "m7")), SOURCE_RATE, rate)
    told = compare(speech.clip(Clip("en", "m7")), recording(np.stack([sound, sound]), rate))
    assert told.overall.score is not None
    assert told.overall.score > 95


REFUSED: dict[str, tuple[Sound, str]] = {
    "silence": (np.zeros(SOURCE_RATE), "silence"),
    "one sample": (np.array([0.5]), "silence"),
    "an offset alone": (np.full(SOURCE_RATE, 0.5), "silence"),
    "a blip": (np.pad(tone(300, -6, 0.1, SOURCE_RATE), 8000), "too_short"),
    "an endless one": (np.zeros(round((LONGEST + 1) * SOURCE_RATE)), "too_long"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("role", ["reference", "attempt"])
def test_what_makes_no_sense_is_refused(name: str, role: str, speech: Speech) -> None:
    sound, code = REFUSED[name]
    odd, good = spoken(sound), speech.clip(Clip("en"))
    told = compare(odd, good) if role == "reference" else compare(good, odd)
    assert_sound(told)
    assert {getattr(told, part).refused.code for part in PARTS} == {code}
    assert role in told.overall.explanation
    assert (told.contours, told.each_word) == (None, ())


def test_a_whisper_has_no_pitch_and_is_scored_without(speech: Speech) -> None:
    """Noise in place of the voice, with the same spectrum: each frame's phases are drawn anew."""
    sound = speech.sound(Clip("en"))
    told = compare(speech.clip(Clip("en")), spoken(whispered(sound)))
    assert_sound(told)
    assert told.pitch.refused is not None
    assert told.pitch.refused.code == "unvoiced"
    assert told.overall.score is not None
    assert "pitch" not in told.overall.explanation


def whispered(sound: Sound, size: int = 512) -> Sound:
    rng, window = np.random.default_rng(3), np.hanning(size)
    out = np.zeros(len(sound) + size)
    for at in range(0, len(sound) - size, size // 2):
        spectrum = np.abs(np.fft.rfft(sound[at : at + size] * window))
        smooth = np.convolve(spectrum, np.ones(9) / 9, mode="same")
        phases = np.exp(2j * np.pi * rng.random(len(smooth)))
        out[at : at + size] += np.fft.irfft(smooth * phases) * window
    return out


STRANGE: dict[str, Recording] = {
    "a tone": recording(tone(440, -6, 1.0, 16_000), 16_000),
    "noise": recording(hiss(1.0, 16_000), 16_000),
    "eight channels": recording(np.repeat(hiss(0.5, 16_000)[None], 8, axis=0), 16_000),
    "far over full scale": recording(16 * np.sign(tone(100, 0, 0.5, 8_000)), 8_000),
    "one click": recording(np.eye(1, 16_000, 8_000)[0], 16_000),
    "very soft": recording(tone(200, -75, 1.0, 16_000), 16_000),
}


@pytest.mark.parametrize("name", STRANGE)
def test_strange_sound_gives_a_score_or_a_reason(name: str, speech: Speech) -> None:
    for pair in ((STRANGE[name], STRANGE[name]), (speech.clip(Clip("en")), STRANGE[name])):
        assert_sound(compare(*pair))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.sampled_from([0.0, 90.0, 210.0, 3000.0]), st.floats(0.02, 0.4)), min_size=1, max_size=6),
    st.integers(0, 1000),
)
def test_whatever_is_compared_with_itself_has_all_or_is_refused(pieces: list[tuple[float, float]], seed: int) -> None:
    sound = np.concatenate([tone(hertz, -10, seconds, 8_000) for hertz, seconds in pieces])
    sound = sound + hiss(len(sound) / 8_000, 8_000, seed, 1e-3)[: len(sound)]
    told = compare(recording(sound, 8_000), recording(sound.copy(), 8_000))
    assert_sound(told)
    for name in PARTS:
        assert getattr(told, name).score in (None, 100.0)


def test_a_cancelled_comparison_ends(speech: Speech) -> None:
    def stop() -> Any:
        raise Cancelled("stop")

    with pytest.raises(Cancelled):
        compare(speech.clip(Clip("en")), speech.clip(Clip("en", "m7")), check_cancelled=stop)
