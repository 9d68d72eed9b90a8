"""Levels, silence, clipping, hum, stereo and fingerprints of signals whose answers are known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr

from pansori.domain.units import SampleRateHz
from pansori.engines.analyze.measure import Measure
from pansori.engines.analyze.pansori.blocks import mono_file
from pansori.engines.analyze.pansori.fingerprint import chroma_print, measure_fingerprint, similarity
from pansori.engines.analyze.pansori.signal import measure_signal
from pansori.engines.analyze.pansori.stereo import measure_stereo
from pansori.engines.analyze.schema import SignalMeasures, StereoMeasures
from support.recordings import RATE, Sound, hiss, recording, tone

MONO = SampleRateHz(22_050)


def unwatched(_: float) -> None:
    """Nobody waits."""


def signal(sound: Sound, rate: int = RATE) -> SignalMeasures:
    mono = soxr.resample(np.atleast_2d(sound).mean(axis=0).astype(np.float32), rate, MONO)
    return measure_signal(recording(sound, rate), mono, MONO, unwatched)


def stereo(left: Sound, right: Sound) -> StereoMeasures:
    return measure_stereo(recording(np.stack([left, right])), unwatched)


def value(measure: Measure[Any]) -> Any:
    assert measure.value is not None, measure.refused
    return measure.value


def code(measure: Measure[Any]) -> str:
    assert measure.refused is not None, measure.value
    return measure.refused.code


def test_levels_of_a_tone() -> None:
    heard = signal(tone(1000, -6.0, 2.0))
    assert value(heard.peak) == pytest.approx(-6.0, abs=0.01)
    assert value(heard.rms) == pytest.approx(-9.01, abs=0.01)
    assert value(heard.crest_factor) == pytest.approx(3.01, abs=0.02)
    assert value(heard.dc_offset) == pytest.approx(0.0, abs=1e-4)
    assert value(heard.clipped_samples) == 0
    assert max(value(heard.waveform).values) == pytest.approx(0.501, abs=0.001)


def test_the_worst_channels_offset_is_told() -> None:
    heard = signal(np.stack([tone(100, -20, 1.0) + 0.01, tone(100, -20, 1.0) - 0.05]))
    assert value(heard.dc_offset) == pytest.approx(-0.05, abs=1e-4)


def test_silence_at_the_ends_is_measured() -> None:
    sound = np.concatenate((np.zeros(RATE // 2), tone(440, -10, 1.0), np.zeros(RATE // 4)))
    heard = signal(sound)
    assert value(heard.leading_silence) == pytest.approx(0.5, abs=0.002)
    assert value(heard.trailing_silence) == pytest.approx(0.25, abs=0.002)


def test_digital_silence_has_no_levels() -> None:
    heard = signal(np.zeros(RATE))
    assert {code(heard.peak), code(heard.rms), code(heard.crest_factor)} == {"silence"}
    assert value(heard.leading_silence) == pytest.approx(1.0)


@pytest.mark.parametrize("level", [1.0, 0.5])
def test_clipping_is_found_at_full_scale_and_where_it_was_turned_down(level: float) -> None:
    sound = level * np.clip(tone(440, 3.0, 1.0), -1.0, 1.0)
    heard = signal(sound)
    assert value(heard.clipped_samples) == pytest.approx(np.sum(np.abs(sound) >= level), rel=0.01)
    assert value(heard.clipped_runs) == pytest.approx(880, abs=2)


@pytest.mark.parametrize("hertz", [20, 50, 441, 997])
def test_a_loud_tone_is_not_clipped(hertz: float) -> None:
    """Of sixteen bits too, where the top of a slow wave is flat."""
    sound = np.round(tone(hertz, 0.0, 1.0) * 32767) / 32768
    assert value(signal(sound).clipped_samples) == 0


@pytest.mark.parametrize("mains", [50.0, 60.0])
def test_hum_is_found_and_its_frequency_told(mains: float) -> None:
    hum = sum(tone(mains * number, -50 - 6 * number, 8.0) for number in (1, 2, 3))
    heard = signal(hum + hiss(8.0, level=0.0005))
    assert value(heard.hum_frequency) == mains
    expected = 10 * np.log10(sum(10 ** ((-50 - 6 * number) / 10) / 2 for number in (1, 2, 3)))
    assert value(heard.hum_level) == pytest.approx(expected, abs=1.5)


def test_noise_and_bass_notes_are_no_hum() -> None:
    assert code(signal(hiss(6.0)).hum_frequency) == "no_hum"
    played = np.concatenate([tone(49.0 * 2 ** (step / 12), -12, 0.5) for step in (0, 5, 7, 0, 3, 5, 8, 10, 0, 12)])
    assert code(signal(played + hiss(5.0, level=1e-4)).hum_frequency) == "no_hum"


def test_bandwidth_is_that_of_the_filter() -> None:
    narrow = soxr.resample(hiss(2.0, 8_000), 8_000, RATE)
    assert value(signal(narrow).bandwidth) == pytest.approx(4_000, rel=0.1)


def test_mono_in_two_channels_is_narrow_and_loses_nothing() -> None:
    heard = stereo(tone(440, -10, 1.0), tone(440, -10, 1.0))
    assert value(heard.correlation) == pytest.approx(1.0)
    assert value(heard.width) == pytest.approx(0.0, abs=1e-6)
    assert value(heard.balance) == pytest.approx(0.0)
    assert value(heard.mono_loss) == pytest.approx(0.0, abs=1e-6)
    assert value(heard.mono_compatible)


def test_unrelated_channels_are_wide() -> None:
    heard = stereo(hiss(5.0, seed=1), 0.5 * hiss(5.0, seed=2))
    assert value(heard.correlation) == pytest.approx(0.0, abs=0.02)
    assert value(heard.width) == pytest.approx(0.5, abs=0.02)
    assert value(heard.balance) == pytest.approx(6.02, abs=0.1)
    assert value(heard.mono_loss) == pytest.approx(3.0, abs=0.1)
    assert value(heard.mono_compatible)


def test_channels_out_of_phase_vanish_in_mono() -> None:
    heard = stereo(hiss(1.0), -hiss(1.0))
    assert value(heard.correlation) == pytest.approx(-1.0)
    assert value(heard.width) == pytest.approx(1.0)
    assert code(heard.mono_loss) == "cancelled_out"
    assert not value(heard.mono_compatible)


def test_one_octave_that_vanishes_is_found() -> None:
    low, high = tone(100, -20, 2.0), tone(3000, -20, 2.0)
    heard = stereo(low + high, low - high)
    assert value(heard.mono_loss) == pytest.approx(3.0, abs=0.1)
    assert not value(heard.mono_compatible)


def test_other_numbers_of_channels_and_empty_channels_are_refused() -> None:
    assert code(measure_stereo(recording(tone(440, -10, 1.0)), unwatched).width) == "not_stereo"
    assert code(stereo(np.zeros(RATE), np.zeros(RATE)).width) == "silence"
    one = stereo(tone(440, -10, 1.0), np.zeros(RATE))
    assert code(one.correlation) == "one_sided"
    assert value(one.width) == pytest.approx(0.5, abs=0.01)


def melody(seed: int, seconds: float = 20.0, transpose: float = 0.0) -> Sound:
    chance = np.random.default_rng(seed)
    notes = 220.0 * 2 ** ((chance.integers(0, 24, round(seconds * 2)) + transpose) / 12)
    return np.concatenate([sum(tone(note * part, -20 - 6 * part, 0.5, MONO) for part in (1, 2, 3)) for note in notes])


def fingerprint(sound: Sound) -> str:
    found = chroma_print(sound.astype(np.float32), MONO)
    assert isinstance(found, str)
    return found


def test_the_same_music_is_recognised_louder_noisier_narrower_and_later() -> None:
    original = melody(1)
    mine = fingerprint(original)
    others = {
        "louder": 2 * original,
        "noisier": original + hiss(20.0, MONO, level=0.005),
        "narrower": soxr.resample(soxr.resample(original, MONO, 8_000), 8_000, MONO),
        "later": np.concatenate((np.zeros(MONO), original)),
    }
    alike = {name: similarity(mine, fingerprint(sound)) for name, sound in others.items()}
    assert min(alike.values()) > 0.8, alike
    assert similarity(mine, mine) == 1.0


def test_other_music_is_told_apart() -> None:
    mine = fingerprint(melody(1))
    assert max(similarity(mine, fingerprint(melody(seed))) for seed in range(2, 6)) < 0.7
    assert similarity(mine, fingerprint(melody(1, transpose=3))) < 0.7


def test_the_hash_is_of_the_samples_alone() -> None:
    sound = recording(tone(440, -10, 1.0))
    again = recording(tone(440, -10, 1.0))
    other = recording(tone(441, -10, 1.0))
    found = [
        value(measure_fingerprint(one, one.samples[0], one.rate, unwatched).samples_sha256)
        for one in (sound, again, other)
    ]
    assert found[0] == found[1] != found[2]


def test_what_is_too_short_for_a_print_is_refused() -> None:
    short = recording(tone(440, -10, 0.2))
    assert code(measure_fingerprint(short, short.samples[0], short.rate, unwatched).chroma_print) == "too_short"


@pytest.mark.parametrize(("rate", "frames"), [(8_000, 80_000), (44_100, 1), (192_000, 300_000), (22_050, 600_000)])
def test_one_channel_at_another_rate_lasts_as_long(rate: int, frames: int, tmp_path: Path) -> None:
    sound = np.random.default_rng(0).standard_normal((2, frames)).astype(np.float32)
    mono = mono_file(sound, SampleRateHz(rate), MONO, tmp_path / "mono.raw")
    assert len(mono) == pytest.approx(max(frames * MONO / rate, 1), abs=2)
    if rate == MONO:
        np.testing.assert_allclose(mono, sound.mean(axis=0), atol=1e-6)
