"""Loudness against closed forms, the recommendation's own table and an independent implementation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pyloudnorm
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.signal import firwin, resample_poly, upfirdn

from pansori.domain.units import SampleRateHz
from pansori.dsp.loudness import LoudnessMeter, integrated_loudness, k_weighting, true_peak

RATE = SampleRateHz(48_000)


def sine(hertz: float, decibels: float, seconds: float, rate: int = RATE, phase: float = 0.0) -> NDArray[np.float64]:
    """A mono tone whose peak is `decibels` below full scale, [1, frames]."""
    time = np.arange(round(seconds * rate)) / rate
    wave: NDArray[np.float64] = 10 ** (decibels / 20) * np.sin(2 * np.pi * hertz * time + phase)
    return wave[None]


def program(seconds: float, rate: int, seed: int = 0) -> NDArray[np.float32]:
    """Stereo noise with a loud, a soft and a silent part."""
    noise = np.random.default_rng(seed).standard_normal((2, round(seconds * rate))) * 0.1
    third = noise.shape[1] // 3
    noise[:, third : 2 * third] *= 0.02
    noise[:, 2 * third : 2 * third + third // 2] = 0.0
    return noise.astype(np.float32)


def test_the_filters_at_48_khz_are_those_the_recommendation_prints() -> None:
    printed = [
        [1.53512485958697, -2.69169618940638, 1.19839281085285, 1.0, -1.69065929318241, 0.73248077421585],
        [1.0, -2.0, 1.0, 1.0, -1.99004745483398, 0.99007225036621],
    ]
    np.testing.assert_allclose(k_weighting(RATE), printed, atol=1e-9)


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000])
def test_a_tone_in_both_channels_measures_its_level(rate: int) -> None:
    """997 Hz at 0 dB in one channel is -3.01 LUFS (Annex 1), so -20 dB in two is -20 LUFS.

    At low rates the bilinear transform bends the shelf a little.
    """
    tone = np.repeat(sine(997, -20, 5, rate), 2, axis=0)
    assert integrated_loudness(tone, SampleRateHz(rate)) == pytest.approx(-20.0, abs=0.04)
    assert integrated_loudness(tone[:1], SampleRateHz(rate)) == pytest.approx(-23.01, abs=0.04)


def test_surround_channels_weigh_more_and_the_low_frequency_channel_nothing() -> None:
    tone = sine(997, -20, 3)

    def only(channel: int) -> float:
        layout = np.zeros((6, tone.shape[1]))
        layout[channel] = tone[0]
        return integrated_loudness(layout, RATE)

    assert only(0) == pytest.approx(-23.01, abs=0.02)
    assert only(4) == pytest.approx(-23.01 + 10 * math.log10(1.41), abs=0.02)
    assert only(3) == -math.inf


@pytest.mark.parametrize("rate", [11_025, 32_000, 44_100, 48_000])
def test_it_agrees_with_an_independent_meter(rate: int) -> None:
    samples = program(12.0, rate)
    other = pyloudnorm.Meter(rate, filter_class="DeMan").integrated_loudness(samples.T.astype(np.float64))
    assert integrated_loudness(samples, SampleRateHz(rate)) == pytest.approx(other, abs=0.005)


def test_the_gates_leave_out_silence_and_soft_parts() -> None:
    """EBU Tech 3341, test 3: ten seconds at -36, sixty at -23 and ten at -36 LUFS measure -23.0 ± 0.1."""
    soft, loud = (np.repeat(sine(1000, level, seconds), 2, axis=0) for level, seconds in ((-36, 10), (-23, 60)))
    silence = np.zeros((2, 30 * RATE))
    assert integrated_loudness(np.concatenate((silence, soft, loud, soft), axis=1), RATE) == pytest.approx(
        -23.0, abs=0.1
    )


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 9_000), min_size=1, max_size=12))
def test_blocks_of_any_size_measure_the_same(sizes: list[int]) -> None:
    rate = SampleRateHz(11_025)
    samples = program(3.0, rate)
    meter, start = LoudnessMeter(rate, 2), 0
    for size in [*sizes, samples.shape[1]]:
        meter.add(samples[:, start : start + size])
        start += size
    assert meter.integrated() == pytest.approx(integrated_loudness(samples, rate), abs=1e-6)


def test_silence_nothing_and_a_short_sound() -> None:
    assert integrated_loudness(np.zeros((2, RATE)), RATE) == -math.inf
    assert integrated_loudness(np.zeros((2, 0)), RATE) == -math.inf
    assert integrated_loudness(sine(997, -20, 0.25), RATE) == pytest.approx(-23.0, abs=0.3)
    assert true_peak(np.zeros((2, RATE)), RATE) == -math.inf
    assert true_peak(np.zeros((1, 0)), RATE) == -math.inf


def test_the_peak_between_the_samples_is_seen() -> None:
    """A tone at a quarter of the rate, sampled at 45 degrees, hides 3.01 dB from a reader of samples."""
    tone = sine(RATE / 4, 0, 1, phase=math.pi / 4) * np.hanning(RATE)
    assert 20 * math.log10(np.max(np.abs(tone))) == pytest.approx(-3.01, abs=0.01)
    assert true_peak(tone, RATE) == pytest.approx(0.0, abs=0.2)


@settings(max_examples=40, deadline=None)
@given(st.floats(100, 20_000), st.floats(0, 2 * math.pi), st.sampled_from([44_100, 48_000, 96_000]))
def test_the_peak_of_any_tone_is_read_within_a_fifth_of_a_decibel(hertz: float, phase: float, rate: int) -> None:
    """EBU Tech 3341 allows +0.2 and -0.4 dB."""
    tone = sine(hertz, -6, 0.5, rate, phase)
    tone *= np.clip(np.minimum(np.arange(tone.shape[1]), tone.shape[1] - np.arange(tone.shape[1])) / 2_000, 0, 1)
    assert true_peak(tone, SampleRateHz(rate)) == pytest.approx(-6.0, abs=0.2)


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 2**32),
    st.integers(1, 20_000),
    st.floats(0, 6),
    st.sampled_from([(22_050, 4), (96_000, 2)]),
    st.sampled_from([np.float32, np.float64]),
)
def test_what_is_passed_over_never_holds_the_peak(
    seed: int, frames: int, spread: float, rate: tuple[int, int], kind: type
) -> None:
    """The very number that interpolating all of it gives, however much the level varies."""
    chance = np.random.default_rng(seed)
    varied: NDArray[np.float64] = chance.standard_normal((2, frames)) * chance.uniform(0, 1, frames) ** spread
    samples: NDArray[Any] = varied.astype(kind)
    phases = firwin(24 * rate[1], 1 / rate[1], window=("kaiser", 5.0), scale=False).reshape(-1, rate[1])
    taps = (phases / phases.sum(axis=0)).reshape(-1).astype(np.float32)
    everything = max(np.max(np.abs(samples)), np.max(np.abs(upfirdn(taps, samples, up=rate[1], axis=1))))
    assert true_peak(samples, SampleRateHz(rate[0])) == 20 * math.log10(everything)


def test_a_peak_in_a_later_block_is_found_to_the_bit() -> None:
    """Between soft frames, over several blocks of 2 ** 17 frames, at their borders too."""
    for place in (131_071, 131_072, 131_080, 140_000, 299_999):
        samples = program(300_000 / 44_100, 44_100)[:1, :300_000] * np.float32(0.05)
        samples[0, max(place - 3, 0) : place + 1] = np.array((0.9, 0.9, -0.9, 0.9))[: place + 1 - max(place - 3, 0)]
        cut = samples[:, max(place - 100, 0) : place + 100]
        assert true_peak(samples, SampleRateHz(44_100)) == pytest.approx(true_peak(cut, SampleRateHz(44_100)), abs=1e-6)


def test_blocks_do_not_change_the_peak() -> None:
    """Against one interpolation of the whole by another filter."""
    samples = program(3.0, 44_100) * 3
    whole = float(20 * np.log10(np.max(np.abs(resample_poly(samples, 4, 1, axis=1, window=("kaiser", 9.0))))))
    assert true_peak(samples, SampleRateHz(44_100)) == pytest.approx(whole, abs=0.35)


@settings(max_examples=20, deadline=None)
@given(st.floats(-30, 6))
def test_gain_moves_peak_and_loudness_alike(decibels: float) -> None:
    samples = program(2.0, 11_025)
    louder = samples * np.float32(10 ** (decibels / 20))
    rate = SampleRateHz(11_025)
    assert true_peak(louder, rate) - true_peak(samples, rate) == pytest.approx(decibels, abs=0.01)


def test_high_rates_need_no_interpolation() -> None:
    samples = program(0.2, 192_000)
    assert true_peak(samples, SampleRateHz(192_000)) == pytest.approx(
        20 * math.log10(np.max(np.abs(samples))), abs=1e-6
    )
