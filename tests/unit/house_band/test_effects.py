"""The desk's filters, dynamics and rooms, against their closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.signal import sosfilt

from pansori.domain.errors import Cancelled
from pansori.domain.units import Decibels, SampleRateHz, Seconds
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.sound import effects
from pansori.engines.compose.house_band.sound.effects import Compressor
from pansori.engines.compose.house_band.sound.space import echo, impulse_response, reverberate, room

RATE = SampleRateHz(44_100)


def sine(frequency: float, seconds: float = 1.0, level: float = 0.0) -> Samples:
    time = np.arange(round(seconds * RATE)) / RATE
    return (effects.linear(level) * np.sin(2 * np.pi * frequency * time)).astype(np.float32)[None]


def gain_at(frequency: float, *sections: effects.Section) -> float:
    sound = sine(frequency)
    effects.equalise(sound, *sections)
    settled = sound[0, RATE // 2 :]
    return float(20 * np.log10(np.sqrt(np.mean(settled.astype(np.float64) ** 2) * 2)))


def test_a_bell_lifts_its_frequency_and_leaves_the_rest() -> None:
    bell = effects.peak(1000, 6.0, RATE, q=1.0)
    assert gain_at(1000, bell) == pytest.approx(6.0, abs=0.05)
    assert gain_at(50, bell) == pytest.approx(0.0, abs=0.1)
    assert gain_at(15_000, bell) == pytest.approx(0.0, abs=0.1)


def test_shelves_lift_one_side() -> None:
    assert gain_at(40, effects.low_shelf(400, 5.0, RATE)) == pytest.approx(5.0, abs=0.1)
    assert gain_at(8000, effects.low_shelf(400, 5.0, RATE)) == pytest.approx(0.0, abs=0.1)
    assert gain_at(16_000, effects.high_shelf(3000, -4.0, RATE)) == pytest.approx(-4.0, abs=0.2)
    assert gain_at(100, effects.high_shelf(3000, -4.0, RATE)) == pytest.approx(0.0, abs=0.1)


def test_passes_are_3_db_down_at_their_corner() -> None:
    assert gain_at(200, effects.high_pass(200, RATE)) == pytest.approx(-3.0, abs=0.1)
    assert gain_at(5000, effects.low_pass(5000, RATE)) == pytest.approx(-3.0, abs=0.1)
    assert gain_at(25, effects.high_pass(200, RATE)) < -30


def test_long_sound_is_filtered_as_if_it_were_one_block() -> None:
    noise = np.random.default_rng(1).standard_normal((2, effects.BLOCK + 12_345)).astype(np.float32)
    section = effects.peak(700, 4.0, RATE)
    whole = sosfilt(np.array([section]), noise.astype(np.float64), axis=1)
    effects.equalise(noise, section)
    np.testing.assert_allclose(noise, whole, atol=1e-6)


def test_a_compressor_lets_a_share_of_the_excess_through() -> None:
    loud = sine(1000, 2.0, level=-7.0)  # -10 dB RMS: ten above the threshold
    compressor = Compressor(Decibels(-20.0), 4.0, Seconds(0.005), Seconds(0.1), Decibels(0.0))
    reduction = effects.compress(loud, RATE, compressor)
    assert reduction[-1] == pytest.approx(7.5, abs=0.3)


def test_a_compressor_leaves_quiet_sound_alone() -> None:
    quiet = sine(1000, 0.5, level=-40.0)
    before = quiet.copy()
    effects.compress(quiet, RATE, Compressor(Decibels(-20.0), 4.0, Seconds(0.005), Seconds(0.1), Decibels(6.0)))
    np.testing.assert_array_equal(quiet, before)


@given(st.lists(st.floats(0, 24), min_size=2, max_size=200), st.floats(0.001, 0.1), st.floats(0.01, 0.5))
def test_ballistics_stay_between_what_was_asked(wanted: list[float], attack: float, release: float) -> None:
    smoothed = effects.ballistics(np.array(wanted), attack, release, RATE)
    assert smoothed.min() >= 0
    assert smoothed.max() <= max(wanted) + 1e-9


def test_sibilants_are_softened_and_vowels_are_not() -> None:
    vowel = sine(300, 1.0, level=-12.0)
    softened = vowel.copy()
    effects.soften_sibilants(softened, RATE, Decibels(8.0))
    assert effects.levels(softened)[100:].mean() == pytest.approx(effects.levels(vowel)[100:].mean(), abs=0.1)
    hiss = sine(10_000, 1.0, level=-12.0)
    softened = hiss.copy()
    effects.soften_sibilants(softened, RATE, Decibels(8.0))
    assert effects.levels(softened)[100:].mean() == pytest.approx(effects.levels(hiss)[100:].mean() - 8.0, abs=1.0)


def test_fades_reach_silence_at_both_ends() -> None:
    sound = np.ones((2, RATE), dtype=np.float32)
    effects.fade(sound, RATE, 0.01, 0.5)
    assert sound[0, 0] == 0.0
    assert sound[0, -1] == 0.0
    assert sound[0, RATE // 4] == 1.0
    assert np.all(np.diff(sound[0, RATE // 2 :]) <= 0)


def test_a_room_dies_away_by_60_db_in_its_decay() -> None:
    response = impulse_response(room(1.5, predelay=0.0), RATE).astype(np.float64)
    assert np.sum(response**2, axis=1) == pytest.approx([1.0, 1.0], abs=1e-3)
    left = np.cumsum(response[0, ::-1] ** 2)[::-1]  # Schroeder's backward integration
    curve = 10 * np.log10(left / left[0])
    start, end = np.argmax(curve < -5), np.argmax(curve < -25)
    assert 3 * (end - start) / RATE == pytest.approx(1.3, abs=0.35)  # the high band is shorter than the middle


def test_a_room_answers_to_its_own_sound_as_to_a_copy_of_it() -> None:
    sound = np.random.default_rng(1).standard_normal((2, 2 * effects.BLOCK + 999)).astype(np.float32)
    response = impulse_response(room(0.8), RATE)
    apart, own = sound.copy(), sound.copy()
    reverberate(apart, sound, response, -6.0)
    reverberate(own, own, response, -6.0)
    np.testing.assert_array_equal(own, apart)


def test_work_on_sound_is_ended_between_blocks() -> None:
    calls: list[None] = []

    def check() -> None:
        calls.append(None)
        if len(calls) == 2:
            raise Cancelled("enough")

    sound = np.ones((1, 3 * effects.BLOCK), dtype=np.float32)
    with effects.interruptible(check), pytest.raises(Cancelled):
        effects.apply_gain(sound, np.zeros(effects.hops(sound.shape[1])))
    assert not np.any(sound[:, : effects.BLOCK])
    assert np.all(sound[:, effects.BLOCK :] == 1.0)
    effects.apply_gain(sound, np.ones(effects.hops(sound.shape[1])))
    assert len(calls) == 2


def test_a_room_answers_after_its_predelay() -> None:
    click = np.zeros((1, RATE), dtype=np.float32)
    click[0, 1000] = 1.0
    wet = np.zeros((2, RATE), dtype=np.float32)
    reverberate(wet, click, impulse_response(room(0.5, predelay=0.02), RATE), 0.0)
    assert np.max(np.abs(wet[:, : 1000 + round(0.019 * RATE)])) < 1e-6
    assert np.max(np.abs(wet)) > 0.01


def test_echoes_come_in_time_and_change_sides() -> None:
    click = np.zeros((1, RATE), dtype=np.float32)
    click[0, 0] = 1.0
    wet = np.zeros((2, RATE), dtype=np.float32)
    echo(wet, click, RATE, 0.25, 0.5, repeats=3)
    step = round(0.25 * RATE)
    assert wet[0, step] == 1.0
    assert wet[1, 2 * step] == 0.5
    assert wet[0, 2 * step] < wet[1, 2 * step]
    assert wet[0, 3 * step] == 0.25
