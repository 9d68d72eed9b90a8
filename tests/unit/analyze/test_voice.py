"""Voices against Praat itself, called as its scripts call it, and against sounds whose pitch is known."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import parselmouth
import pytest
from parselmouth.praat import call

from pansori.engines.analyze.measure import Measure
from pansori.engines.analyze.pansori.voice.measure import cuts, measure_voice
from pansori.engines.analyze.pansori.voice.praat import smoothed_prominence
from pansori.engines.analyze.pansori.voice.settings import PIECE, WHOLE, VoiceSettings
from pansori.engines.analyze.schema import VoiceMeasures
from support.praat import PERTURBATIONS, RATE, WITHIN, rough
from support.recordings import Sound, hiss, recording, vowel


def unwatched(_: float) -> None:
    """Nobody waits."""


def measured(sound: Sound, **chosen: float) -> VoiceMeasures:
    return measure_voice(recording(sound, RATE), VoiceSettings.model_validate(chosen), unwatched, sung=False)


def value(measure: Measure[Any]) -> Any:
    assert measure.value is not None, measure.refused
    return measure.value


@pytest.fixture(scope="module")
def sound() -> Sound:
    return np.concatenate((rough(2.0), np.zeros(RATE // 2), rough(2.0, 190.0)))


@pytest.fixture(scope="module")
def heard(sound: Sound) -> VoiceMeasures:
    return measured(sound)


@pytest.fixture(scope="module")
def praat(sound: Sound) -> parselmouth.Sound:
    return parselmouth.Sound(sound.astype(np.float32).astype(np.float64), RATE)


def test_pitch_is_praats(heard: VoiceMeasures, praat: parselmouth.Sound) -> None:
    pitch = call(praat, "To Pitch", 0.0, 75.0, 600.0)
    assert value(heard.f0_mean) == pytest.approx(call(pitch, "Get mean", 0, 0, "Hertz"), rel=WITHIN)
    assert value(heard.f0_median) == pytest.approx(call(pitch, "Get quantile", 0, 0, 0.5, "Hertz"), rel=WITHIN)
    assert value(heard.f0_deviation) == pytest.approx(call(pitch, "Get standard deviation", 0, 0, "Hertz"), rel=WITHIN)
    frames = call(pitch, "Count voiced frames") / call(pitch, "Get number of frames")
    assert value(heard.voiced_fraction) == pytest.approx(frames)
    curve = value(heard.f0)
    for at in range(0, len(curve.values), 20):
        there = call(pitch, "Get value in frame", at + 1, "Hertz")
        assert (curve.values[at] is None) == bool(np.isnan(there))
        assert np.isnan(there) or curve.values[at] == pytest.approx(there, rel=1e-4)


@pytest.mark.parametrize("name", PERTURBATIONS)
def test_jitter_and_shimmer_are_praats(name: str, heard: VoiceMeasures, praat: parselmouth.Sound) -> None:
    pitch = call(praat, "To Pitch", 0.0, 75.0, 600.0)
    pulses = call([praat, pitch], "To PointProcess (cc)")
    limits: tuple[float, ...] = (0, 0, 0.0001, 0.02, 1.3)
    whose = pulses if name.startswith("jitter") else [praat, pulses]
    limits = limits if name.startswith("jitter") else (*limits, 1.6)
    assert value(getattr(heard, name)) == pytest.approx(call(whose, PERTURBATIONS[name], *limits), rel=WITHIN)


def test_harmonicity_is_praats(heard: VoiceMeasures, praat: parselmouth.Sound) -> None:
    harmonicity = call(praat, "To Harmonicity (cc)", 0.01, 75.0, 0.1, 1.0)
    assert value(heard.hnr) == pytest.approx(call(harmonicity, "Get mean", 0, 0), rel=WITHIN)


def plain_prominence(sound: parselmouth.Sound) -> float:
    cepstra = call(sound, "To PowerCepstrogram", 60, 0.002, 5000, 50)
    fit = ("yes", 0.02, 0.0005, 60, 330, 0.05, "Parabolic", 0.001, 0.05, "Exponential decay", "Robust")
    return float(call(cepstra, "Get CPPS", *fit))


def test_cepstral_prominence_is_praats(heard: VoiceMeasures, praat: parselmouth.Sound) -> None:
    assert value(heard.cpps) == pytest.approx(plain_prominence(praat), rel=WITHIN)


@pytest.mark.parametrize(
    "sound",
    [
        rough(0.6, 420.0),
        rough(1.3, 60.0, seed=4),
        np.sin(2 * np.pi * 110 * np.arange(RATE) / RATE),
        hiss(0.8, RATE),
        np.concatenate((np.zeros(RATE // 2), hiss(0.1, RATE), np.zeros(RATE // 3))),
        rough(0.12),
    ],
    ids=["high", "low", "sine", "hiss", "burst", "short"],
)
def test_cepstral_prominence_is_praats_of_any_sound(sound: Sound) -> None:
    """To the digits that are told, though it is not Praat that fits the lines."""
    heard = smoothed_prominence(parselmouth.Sound(sound.astype(np.float64), RATE))
    assert heard == pytest.approx(plain_prominence(parselmouth.Sound(sound.astype(np.float64), RATE)), rel=1e-9)


def test_intensity_is_praats(heard: VoiceMeasures, praat: parselmouth.Sound) -> None:
    intensity = call(praat, "To Intensity", 75.0, 0.0, "yes")
    assert value(heard.intensity_mean) == pytest.approx(call(intensity, "Get mean", 0, 0, "energy"), rel=WITHIN)


def test_formants_are_praats_where_something_is_voiced(heard: VoiceMeasures, praat: parselmouth.Sound) -> None:
    formants = call(praat, "To Formant (burg)", 0.0, 5, 5500.0, 0.025, 50.0)
    curve = value(heard.formant_curves)[0]
    known = [at for at, found in enumerate(curve.values) if found is not None]
    assert known
    for at in known[::40]:
        time = curve.start + at * curve.step
        assert curve.values[at] == pytest.approx(
            call(formants, "Get value at time", 1, time, "Hertz", "Linear"), rel=WITHIN
        )
    told = value(heard.formants)[0]
    assert told.median == pytest.approx(np.median([curve.values[at] for at in known]), rel=1e-3)


def test_a_long_recording_is_cut_where_it_is_quiet_and_measures_the_same() -> None:
    part = np.concatenate((rough(7.5), np.zeros(round(0.5 * RATE))))
    sound = np.tile(part, 25)[: round((WHOLE + 15) * RATE)]
    assert list(cuts(recording(sound[: round(WHOLE * RATE)], RATE))) == [(0, WHOLE * RATE)]
    edges = list(cuts(recording(sound, RATE)))
    assert (edges[0][0], edges[-1][1]) == (0, len(sound))
    assert all(0.1 * PIECE * RATE < end - begin <= PIECE * RATE for begin, end in edges)
    for (_, cut), (begin, _) in pairwise(edges):
        assert cut == begin
        assert not np.any(sound[cut - RATE // 20 : cut + RATE // 20])


def test_the_pitch_of_a_vowel_is_that_it_was_made_with() -> None:
    glide = np.linspace(120.0, 240.0, 3 * RATE)
    heard = measured(vowel(glide, RATE))
    assert value(heard.f0_minimum) == pytest.approx(120, abs=4)
    assert value(heard.f0_maximum) == pytest.approx(240, abs=4)
    curve = value(heard.f0)
    for at, found in enumerate(curve.values[5:-5], 5):
        assert found == pytest.approx(glide[round((curve.start + at * curve.step) * RATE)], rel=0.01)
    assert value(heard.f0_range) == pytest.approx(12 * np.log2(234 / 126), abs=0.3)


def syllables(count: int, *, pause_after: int | None = None) -> Sound:
    """Bumps of a vowel, five a second; a second of silence after one of them."""
    bump = vowel(np.full(RATE // 5, 150.0), RATE) * np.hanning(RATE // 5)
    parts = []
    for number in range(count):
        parts.append(bump)
        if number + 1 == pause_after:
            parts.append(np.zeros(RATE))
    return np.concatenate(parts)


def test_syllables_are_counted_and_pauses_left_out() -> None:
    sound = np.concatenate((np.zeros(RATE // 2), syllables(12, pause_after=6), np.zeros(RATE // 2)))
    heard = measured(sound + hiss(len(sound) / RATE, RATE, level=1e-4))
    assert value(heard.syllables) == 12
    [pause] = value(heard.pauses)
    assert pause.start == pytest.approx(1.7, abs=0.1)
    assert pause.end == pytest.approx(2.7, abs=0.1)
    assert value(heard.articulation_rate) == pytest.approx(5, rel=0.15)
    assert value(heard.speaking_rate) == pytest.approx(12 / 3.4, rel=0.1)


@pytest.mark.parametrize("ratio", [10.0, 20.0, 30.0])
def test_the_signal_to_noise_ratio_is_that_of_the_mixture(ratio: float) -> None:
    voice = np.concatenate((rough(2.0), np.zeros(RATE), rough(2.0)))
    power = np.mean(np.square(voice[: 2 * RATE]))
    noise = hiss(len(voice) / RATE, RATE, seed=4, level=float(np.sqrt(power / 10 ** (ratio / 10))))
    assert value(measured(voice + noise).snr) == pytest.approx(ratio, abs=1.5)


@pytest.mark.parametrize(("ratio", "refused"), [(0.0, True), (5.0, True), (10.0, False)])
@pytest.mark.parametrize("paused", [True, False])
def test_what_would_be_measured_of_the_noise_is_refused(ratio: float, refused: bool, paused: bool) -> None:
    """Pitch is heard even then; jitter, shimmer and harmonicity would be those of the noise."""
    voice = np.concatenate((rough(1.0), np.zeros(RATE // 2 if paused else 0), rough(1.0)))
    level = float(np.sqrt(np.mean(np.square(voice[:RATE])) / 10 ** (ratio / 10)))
    heard = measured(voice + hiss(len(voice) / RATE, RATE, seed=4, level=level))
    assert value(heard.f0_median) == pytest.approx(140, rel=0.02)
    told = [getattr(heard, name).refused for name in ("hnr", *PERTURBATIONS)]
    if refused and (paused or ratio == 0.0):
        assert {one.code for one in told} == {"noisy"}
    elif not refused:
        assert told == [None] * 8


def test_without_a_pause_the_noise_is_not_known() -> None:
    refused = measured(rough(2.0)).snr.refused
    assert refused is not None
    assert refused.code == "no_pause"


def test_noise_has_no_pitch_and_says_so() -> None:
    heard = measured(hiss(1.0, RATE))
    assert heard.f0_mean.refused is not None
    assert heard.jitter_local.refused is not None
    assert heard.formants.refused is not None


@pytest.mark.parametrize("seconds", [1 / RATE, 0.01, 0.05, 0.12])
def test_what_is_too_short_is_refused(seconds: float) -> None:
    heard = measured(hiss(seconds, RATE))
    assert heard.f0_mean.refused is not None


def test_singing_has_no_rates_of_speech() -> None:
    heard = measure_voice(recording(rough(1.0), RATE), VoiceSettings(), unwatched, sung=True)
    assert heard.speaking_rate.refused is not None
    assert heard.speaking_rate.refused.code == "not_speech"
    assert value(heard.f0_mean) == pytest.approx(140, rel=0.02)
