"""The desk: levels as heard, and everybody in his place."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from pansori.dsp.loudness import integrated_loudness
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.model import SAMPLE_RATE, PartName, Performance
from pansori.engines.compose.house_band.sound import mix
from pansori.engines.compose.house_band.sound.desk import SOUNDS, Sound, sound_of
from pansori.engines.compose.house_band.sound.effects import HOP
from pansori.engines.compose.house_band.sound.perform import perform
from support import scores

PLAIN = Sound(vocal=1.0)


@pytest.fixture(scope="module")
def performance() -> Performance:
    return perform(scores.song(6, tempo=120.0), lambda purpose: random.Random(purpose))


def noise(performance: Performance, seed: int, level: float = 0.1, channels: int = 2) -> Samples:
    shape = (channels, round(performance.duration * SAMPLE_RATE))
    return (level * np.random.default_rng(seed).standard_normal(shape)).astype(np.float32)


def parts(performance: Performance, scale: float = 1.0) -> Iterator[tuple[PartName, Samples]]:
    for index, name in enumerate(performance.parts):
        yield name, noise(performance, index, 0.1 * scale)


def voice(performance: Performance) -> Samples:
    """Noise while somebody sings, silence between."""
    sound = noise(performance, 99, channels=1)
    mask = np.zeros(sound.shape[1], dtype=np.float32)
    for start, end in mix.sung_spans(performance.phrases):
        mask[round(start * SAMPLE_RATE) : round(end * SAMPLE_RATE)] = 1.0
    sound *= mask
    return sound


def test_levels_do_not_depend_on_how_loud_a_preset_is(performance: Performance) -> None:
    soft = mix.mix_backing(parts(performance, 0.03), performance, SAMPLE_RATE, PLAIN)
    loud = mix.mix_backing(parts(performance, 3.0), performance, SAMPLE_RATE, PLAIN)
    for name in soft:
        assert integrated_loudness(soft[name], SAMPLE_RATE) == pytest.approx(
            integrated_loudness(loud[name], SAMPLE_RATE), abs=0.1
        )


def test_a_single_stroke_is_not_blown_up(performance: Performance) -> None:
    stroke = np.zeros((2, round(performance.duration * SAMPLE_RATE)), dtype=np.float32)
    stroke[:, 20_000:20_300] = noise(performance, 1)[:, :300]
    stems = mix.mix_backing([("drums", stroke)], performance, SAMPLE_RATE, PLAIN)
    assert np.max(np.abs(stems["drums"])) <= 0.75


def test_bass_is_in_the_middle(performance: Performance) -> None:
    stems = mix.mix_backing(parts(performance), performance, SAMPLE_RATE, PLAIN)
    np.testing.assert_allclose(stems["bass"][0], stems["bass"][1], atol=1e-6)


@pytest.mark.parametrize("over", [-1.0, 2.0])
def test_the_voice_is_as_loud_over_the_band_as_the_style_wants(performance: Performance, over: float) -> None:
    sound = replace(PLAIN, vocal=over)
    backing = mix.mix_backing(parts(performance), performance, SAMPLE_RATE, sound)
    vocal = mix.mix_vocal(voice(performance), None, backing, performance, SAMPLE_RATE, sound)
    spans = mix.sung_spans(performance.phrases)
    heard = mix.loudness_during([vocal], spans, SAMPLE_RATE)
    band = mix.loudness_during(list(backing.values()), spans, SAMPLE_RATE)
    assert heard - band == pytest.approx(over, abs=0.1)


def test_a_syllable_that_sticks_out_is_brought_back(performance: Performance) -> None:
    dry = voice(performance)
    phrase = performance.phrases[0]
    loud = phrase.syllables[2]
    span = slice(round(loud.start * SAMPLE_RATE), round(loud.end * SAMPLE_RATE))
    other = slice(round(phrase.syllables[0].start * SAMPLE_RATE), round(phrase.syllables[0].end * SAMPLE_RATE))
    dry[:, span] *= 8.0  # 18 dB
    mix.ride(dry, performance.phrases, SAMPLE_RATE)
    middle = slice(span.start + 2000, span.stop - 4000)
    assert 20 * np.log10(np.std(dry[:, middle]) / np.std(dry[:, other])) == pytest.approx(3.0, abs=1.0)


def test_a_dry_voice_is_left_as_it_was(performance: Performance) -> None:
    dry = voice(performance)
    before = dry.copy()
    backing = mix.mix_backing(parts(performance), performance, SAMPLE_RATE, PLAIN)
    mix.mix_vocal(dry, noise(performance, 5, 0.01), backing, performance, SAMPLE_RATE, PLAIN)
    np.testing.assert_array_equal(dry, before)


def test_a_silent_voice_stays_silent(performance: Performance) -> None:
    backing = mix.mix_backing(parts(performance), performance, SAMPLE_RATE, PLAIN)
    silence = np.zeros((1, backing["rest"].shape[1]), dtype=np.float32)
    assert not np.any(mix.mix_vocal(silence, None, backing, performance, SAMPLE_RATE, PLAIN))


def test_the_band_makes_way_for_the_voice_alone(performance: Performance) -> None:
    backing = mix.mix_backing(parts(performance), performance, SAMPLE_RATE, PLAIN)
    before = {name: samples.copy() for name, samples in backing.items()}
    mix.make_way(backing, performance, SAMPLE_RATE)
    start, end = mix.sung_spans(performance.phrases)[0]
    sung = slice(round((start + 0.3) * SAMPLE_RATE), round((end - 0.1) * SAMPLE_RATE))
    unsung = slice(0, round((start - 0.2) * SAMPLE_RATE))
    change = 20 * np.log10(np.std(backing["rest"][:, sung]) / np.std(before["rest"][:, sung]))
    assert -4.0 < change < -1.0
    np.testing.assert_array_equal(backing["rest"][:, unsung], before["rest"][:, unsung])
    np.testing.assert_array_equal(backing["drums"], before["drums"])


def test_the_pump_dips_at_kicks_and_comes_back(performance: Performance) -> None:
    curve = 20 * np.log10(mix.pump(performance, SAMPLE_RATE, 6.0))
    kick = next(note for note in performance.parts["drums"] if note.pitch == 36 and note.start > 1)
    hop = int(kick.start * SAMPLE_RATE / HOP)
    assert curve[hop : hop + 30].min() < -3.0
    assert curve.max() <= 0.0
    assert curve[hop - 10] > -1.0


def test_saturation_leaves_quiet_sound_and_rounds_loud(performance: Performance) -> None:
    quiet = noise(performance, 1, 0.001)
    before = quiet.copy()
    mix.saturate(quiet, 6.0)
    np.testing.assert_allclose(quiet, before, atol=1e-5)
    loud = np.full((2, 100), 2.0, dtype=np.float32)
    mix.saturate(loud, 6.0)
    assert np.max(loud) < 0.51


def test_every_style_has_a_voice_that_is_heard() -> None:
    assert all(-2.0 <= sound.vocal <= 3.0 for sound in SOUNDS.values())
    assert sound_of("something new") == SOUNDS["pop"]
