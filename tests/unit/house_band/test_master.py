"""The master: loud as agreed, under its ceiling, and still the sum of its stems."""

from __future__ import annotations

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.units import SampleRateHz, Seconds
from pansori.dsp.loudness import true_peak
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.sound.effects import HOP, apply_gain, equalise, linear, low_pass
from pansori.engines.compose.house_band.sound.master import (
    CEILING,
    LOUDNESS,
    Mastered,
    limiter_curve,
    master,
    true_peaks,
)
from pansori.engines.compose.house_band.sound.mix import Stems
from pansori.engines.compose.house_band.sound.tone import MIX, VOICE, correction, octave_levels

RATE = SampleRateHz(44_100)


def bursts(seed: int, seconds: float, level: float) -> Samples:
    """Decaying noise twice a second: as peaky as drums."""
    length = round(seconds * RATE)
    decay = np.exp(-8.0 * (np.arange(length) % (RATE // 2)) / RATE)
    noise = np.random.default_rng(seed).standard_normal((2, length))
    return (level * noise * decay).astype(np.float32)


def tone(seconds: float, level: float, frequency: float = 110.0) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.repeat(level * np.sin(2 * np.pi * frequency * time)[None], 2, axis=0).astype(np.float32)


def mastered(stems: Stems) -> Mastered:
    return master(stems, RATE, fade_out=Seconds(0.5))


@pytest.mark.parametrize("level", [0.001, 0.1, 3.0])
def test_loudness_and_peaks_are_as_agreed(level: float) -> None:
    stems: Stems = {"drums": bursts(1, 8.0, level), "bass": tone(8.0, level)}
    result = mastered(stems)
    assert pyloudnorm.Meter(RATE).integrated_loudness(result.song.T) == pytest.approx(LOUDNESS, abs=0.3)
    assert true_peak(result.song, RATE) <= CEILING + 0.01
    assert np.max(np.abs(result.song)) <= linear(CEILING) + 0.001


def test_stems_add_up_to_the_song() -> None:
    stems: Stems = {"vocal": tone(6.0, 0.1, 440.0), "drums": bursts(1, 6.0, 0.5), "bass": tone(6.0, 0.1)}
    result = mastered(stems)
    assert result.most_reduction > 0.5, "the limiter must have worked for this to mean something"
    np.testing.assert_allclose(sum(stems.values()), result.song, atol=2e-6)


def test_stems_that_cancel_each_other_do_not_clip() -> None:
    loud = tone(6.0, 0.9, 440.0)
    stems: Stems = {"vocal": bursts(1, 6.0, 0.1), "rest": loud, "drums": -loud}
    song = mastered(stems).song
    assert max(float(np.max(np.abs(samples))) for samples in stems.values()) <= 1.0
    np.testing.assert_allclose(sum(stems.values()), song, atol=2e-6)


def test_both_ends_are_silent_and_nothing_is_offset() -> None:
    stems: Stems = {"drums": bursts(1, 6.0, 0.5) + np.float32(0.05)}
    song = mastered(stems).song
    assert np.max(np.abs(song[:, [0, -1]])) == 0.0
    assert abs(float(song.mean(dtype=np.float64))) < 1e-3


def test_silence_stays_silence() -> None:
    stems: Stems = {"drums": np.zeros((2, 3 * RATE), dtype=np.float32)}
    assert not np.any(mastered(stems).song)


def test_a_dull_mix_becomes_brighter() -> None:
    noise = bursts(2, 6.0, 0.3)
    for _ in range(2):
        equalise(noise, low_pass(300.0, RATE, q=0.5))
    dull: Stems = {"rest": noise}
    before = octave_levels(noise, RATE, MIX)
    after = octave_levels(mastered(dull).song, RATE, MIX)
    assert after[5] - after[1] > before[5] - before[1] + 2.0


@given(st.lists(st.floats(0.0, 4.0), min_size=20, max_size=300))
def test_the_limiter_is_down_before_every_peak(peaks: list[float]) -> None:
    found = np.array(peaks)
    curve = limiter_curve(found, RATE)
    ceiling = linear(CEILING)
    assert np.all(curve <= 1.0 + 1e-9)
    assert np.all(curve > 0.0)
    assert np.all(found * curve <= ceiling + 1e-9)
    assert np.all(found[:-1] * curve[1:] <= ceiling + 1e-9), "the line to the next hop must be safe too"


@settings(max_examples=15)
@given(st.integers(0, 1000), st.floats(0.2, 3.0))
def test_limited_noise_keeps_the_ceiling_between_samples(seed: int, level: float) -> None:
    noise = (level * np.random.default_rng(seed).standard_normal((2, RATE // 2))).astype(np.float32)
    equalise(noise, low_pass(9000.0, RATE))
    apply_gain(noise, limiter_curve(true_peaks(noise, RATE), RATE))
    assert true_peak(noise, RATE) <= CEILING + 0.15


def test_true_peaks_see_between_the_samples() -> None:
    time = np.arange(64 * HOP)
    between = np.sin(np.pi / 2 * time + np.pi / 4)[None].astype(
        np.float32
    )  # a quarter of the rate, sampled off its peaks
    assert np.max(np.abs(between)) == pytest.approx(0.7071, abs=1e-3)
    assert true_peaks(between, RATE)[8:-8].max() == pytest.approx(1.0, abs=0.02)


def test_the_limiter_lets_go_again() -> None:
    peaks = np.full(2000, 0.1)
    peaks[100] = 4.0
    curve = limiter_curve(peaks, RATE)
    assert curve[100] < 0.25
    assert curve[90] == pytest.approx(1.0)
    assert curve[1900] > 0.99


def test_a_sharp_voice_is_softened_towards_a_usual_one() -> None:
    voice = bursts(3, 4.0, 0.1)[:1]
    before = octave_levels(voice, RATE, VOICE)
    equalise(voice, *correction(voice, RATE, VOICE))
    after = octave_levels(voice, RATE, VOICE)
    assert after[4] - after[1] < before[4] - before[1] - 3.0


def test_silence_needs_no_correction() -> None:
    assert correction(np.zeros((1, RATE), dtype=np.float32), RATE, VOICE) == ()
