"""What a score of an imitation is to say, shown with spoken clips: two languages, two voices, two texts each.

The scales were set on the voices in `SET`; those in `HELD_OUT` were only looked at.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import scipy

from pansori.engines.analyze.imitation import Imitation, compare
from pansori.espeak import SOURCE_RATE
from support.recordings import Sound, tone
from support.speech import Clip, Speech, noisy, spoken

SET = [("ko", "f2"), ("en", "")]
HELD_OUT = [("ko", "m7"), ("en", "f5")]
EVERY = pytest.mark.parametrize(("text", "voice"), SET + HELD_OUT, ids=lambda value: value or "own")


@pytest.fixture(scope="module")
def speech() -> Speech:
    return Speech(*(Clip(text, voice) for text, voice in SET + HELD_OUT))


def score(imitation: Imitation) -> float:
    assert imitation.overall.score is not None
    return imitation.overall.score


def against(speech: Speech, reference: Clip | Sound, attempt: Clip | Sound) -> Imitation:
    pair = (speech.clip(one) if isinstance(one, Clip) else spoken(one) for one in (reference, attempt))
    return compare(*pair)


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * SOURCE_RATE))


@EVERY
def test_a_clip_against_itself_has_all(text: str, voice: str, speech: Speech) -> None:
    told = against(speech, Clip(text, voice), speech.sound(Clip(text, voice)).copy())
    marks = (told.overall, told.words, told.timing, told.pitch, told.intensity)
    assert [mark.score for mark in marks] == [100.0] * 5
    apart = (told.words.distance, told.timing.deviation, told.pitch.deviation, told.intensity.deviation)
    assert [float(one or 0.0) for one in apart] == [0.0] * 4


@EVERY
@pytest.mark.parametrize(("semitones", "pitch", "pitch_range"), [(3, 65, 59), (-3, 34, 42)])
def test_transposed_it_is_nearly_as_good(
    semitones: int, pitch: int, pitch_range: int, text: str, voice: str, speech: Speech
) -> None:
    told = against(speech, Clip(text, voice), Clip(text, voice, pitch=pitch, pitch_range=pitch_range))
    assert score(told) >= 90
    assert told.pitch.transposition == pytest.approx(semitones, abs=0.5)


@EVERY
def test_softer_it_is_as_good(text: str, voice: str, speech: Speech) -> None:
    told = against(speech, Clip(text, voice), speech.sound(Clip(text, voice)) * 10 ** (-12 / 20))
    assert score(told) >= 97
    assert told.intensity.level == pytest.approx(-12, abs=0.2)


@EVERY
def test_in_noise_it_is_still_good(text: str, voice: str, speech: Speech) -> None:
    assert score(against(speech, Clip(text, voice), noisy(speech.sound(Clip(text, voice)), 15))) >= 75


def telephone(sound: Sound) -> Sound:
    band = scipy.signal.butter(4, (300, 3400), "bandpass", fs=SOURCE_RATE, output="sos")
    return np.asarray(scipy.signal.sosfilt(band, sound))


def room(sound: Sound) -> Sound:
    """With half a second of reverberation, as loud as the sound itself."""
    count = SOURCE_RATE // 2
    tail = np.random.default_rng(2).standard_normal(count) * 10 ** (-3 * np.arange(count) / count)
    return np.asarray(0.5 * scipy.signal.fftconvolve(sound, np.insert(tail / np.sqrt(np.sum(tail**2)), 0, 1.0)))


def hum(sound: Sound) -> Sound:
    return np.asarray(sound + tone(60, -26, len(sound) / SOURCE_RATE, SOURCE_RATE))


@pytest.mark.parametrize("text", ["ko", "en"])
@pytest.mark.parametrize("way", [telephone, room, hum], ids=lambda way: way.__name__)
def test_it_is_heard_through_a_telephone_a_room_and_hum(
    way: Callable[[Sound], Sound], text: str, speech: Speech
) -> None:
    told = against(speech, Clip(text), way(speech.sound(Clip(text, "f5"))))
    assert score(told) >= 75
    assert told.pitch.correlation is not None
    assert told.pitch.correlation > 0.9


@EVERY
def test_another_voice_is_far_better_than_another_text(text: str, voice: str, speech: Speech) -> None:
    reference = Clip(text, voice)
    other = "m3" if voice.startswith("f") else "f2"  # a man where it was a woman, and the other way round
    same = score(against(speech, reference, Clip(text, other)))
    others = [score(against(speech, reference, Clip(f"{text} other", by))) for by in (voice, other)]
    assert max(others) <= 45
    assert same >= max(others) + 20
    assert same >= 75


@EVERY
def test_slower_is_said_of_the_timing(text: str, voice: str, speech: Speech) -> None:
    told = against(speech, Clip(text, voice), Clip(text, voice, rate=140))
    assert told.timing.rate == pytest.approx(0.8, abs=0.04)
    assert "slower" in told.timing.explanation
    assert "느리고" in told.timing.explanation_ko
    assert told.timing.score is not None
    assert told.timing.score <= 80
    assert told.timing.deviation is not None
    assert told.timing.deviation < 0.05


@EVERY
def test_a_flat_voice_loses_pitch_and_no_words(text: str, voice: str, speech: Speech) -> None:
    told = against(speech, Clip(text, voice), Clip(text, voice, pitch_range=0))
    assert told.pitch.score is not None
    assert told.words.score is not None
    assert told.pitch.score <= 40
    assert told.words.score >= 90
    assert told.pitch.movement is not None
    assert told.pitch.movement < 0.3


@EVERY
def test_silence_around_it_changes_nothing(text: str, voice: str, speech: Speech) -> None:
    reference, sound = Clip(text, voice), speech.sound(Clip(text, "m3"))
    bare = score(against(speech, reference, sound))
    around = score(against(speech, reference, np.concatenate((silence(0.7), sound, silence(1.3)))))
    assert around == pytest.approx(bare, abs=2)


def test_much_silence_changes_nothing_either(speech: Speech) -> None:
    """Though so long a clip, were it all speech, would be looked at in wider steps."""
    sound = speech.sound(Clip("ko", "m7"))
    bare = against(speech, Clip("ko", "f2"), sound)
    around = against(speech, Clip("ko", "f2"), np.concatenate((silence(20.0), sound, silence(25.0))))
    assert score(around) == pytest.approx(score(bare), abs=2)
    assert around.settings["step_seconds"] == 0.01


def test_a_long_clip_is_compared_as_well(speech: Speech) -> None:
    """Two thirds of a minute of speech: in steps of 20 ms."""
    own, other = (np.tile(speech.sound(Clip("en", voice)), 16) for voice in ("", "f2"))
    told = against(speech, own, other)
    assert told.settings["step_seconds"] == 0.02
    assert score(told) >= 75


@pytest.mark.parametrize("text", ["ko", "en"])
def test_half_of_it_is_half_the_words(text: str, speech: Speech) -> None:
    sound = speech.sound(Clip(text))
    told = against(speech, Clip(text), sound[: len(sound) // 2])
    assert told.words.score == pytest.approx(50, abs=15)


@pytest.mark.parametrize("text", ["ko", "en"])
def test_what_is_added_costs_words(text: str, speech: Speech) -> None:
    told = against(speech, Clip(text), np.concatenate((speech.sound(Clip(text)), speech.sound(Clip(f"{text} other")))))
    assert told.words.score is not None
    assert told.words.score < 75


@pytest.mark.parametrize("text", ["ko", "en"])
def test_a_pause_is_a_matter_of_timing_alone(text: str, speech: Speech) -> None:
    sound = speech.sound(Clip(text))
    middle = len(sound) // 2
    told = against(speech, Clip(text), np.concatenate((sound[:middle], silence(0.5), sound[middle:])))
    assert told.timing.rate == pytest.approx(1.0, abs=0.03)
    assert told.timing.score is not None
    assert told.timing.score < 80
    assert told.words.score is not None
    assert told.words.score > 90
