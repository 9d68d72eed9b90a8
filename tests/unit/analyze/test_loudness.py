"""Loudness against the signals of EBU Tech 3341 and 3342, built from their descriptions.

The recordings of programmes (3341 numbers 7 and 8, 3342 numbers 5 and 6) cannot be built.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.signal import firwin, upfirdn

from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Label, Measure
from pansori.engines.analyze.pansori.loudness import Readings, measure_loudness, read_loudness
from pansori.engines.analyze.schema import LoudnessMeasures
from support.recordings import RATE, Sound, recording, steps, tone

WITHIN = 0.1  #: LU, of both documents' tests of loudness


def unwatched(_: float) -> None:
    """Nobody waits."""


def stereo(sound: Sound) -> Sound:
    return np.stack([sound, sound])


def readings(sound: Sound) -> Readings:
    return read_loudness(recording(sound), unwatched)


def measures(sound: Sound, rate: int = RATE) -> LoudnessMeasures:
    return measure_loudness(recording(sound, rate), None, unwatched)


def value(measure: Measure[Any]) -> Any:
    assert measure.value is not None, measure.refused
    return measure.value


EDGES = ((-36.0, 10.0), (-23.0, 60.0), (-36.0, 10.0))
SOFT = ((-72.0, 10.0),)


@pytest.mark.parametrize(
    ("parts", "integrated"),
    [
        (((-23.0, 20.0),), -23.0),
        (((-33.0, 20.0),), -33.0),
        (EDGES, -23.0),
        ((*SOFT, *EDGES, *SOFT), -23.0),
        (((-26.0, 20.0), (-20.0, 20.1), (-26.0, 20.0)), -23.0),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_integrated_loudness(parts: tuple[tuple[float, float], ...], integrated: float) -> None:
    """EBU Tech 3341, numbers 1 to 5."""
    assert readings(stereo(steps(*parts))).integrated == pytest.approx(integrated, abs=WITHIN)


@pytest.mark.parametrize("level", [-23.0, -33.0])
def test_a_steady_tone_is_as_loud_in_every_window(level: float) -> None:
    """EBU Tech 3341, numbers 1 and 2: momentary and short-term too."""
    heard = measures(stereo(tone(1000, level, 20)))
    assert value(heard.max_momentary) == pytest.approx(level, abs=WITHIN)
    assert value(heard.max_short_term) == pytest.approx(level, abs=WITHIN)
    assert value(heard.integrated) == pytest.approx(level, abs=WITHIN)


def test_surround_channels_are_weighted() -> None:
    """EBU Tech 3341, number 6: five channels at -28, -28, -24, -30 and -30 dBFS."""
    sound = np.stack([tone(1000, level, 20) for level in (-28, -28, -24, -30, -30)])
    assert readings(sound).integrated == pytest.approx(-23.0, abs=WITHIN)


def test_short_term_loudness_of_a_pattern_as_long_as_its_window_is_constant() -> None:
    """EBU Tech 3341, number 9."""
    heard = readings(stereo(steps(*[(-20.0, 1.34), (-30.0, 1.66)] * 5))).short_term
    np.testing.assert_allclose(heard[~np.isnan(heard)], -23.0, atol=WITHIN)


def test_momentary_loudness_of_a_pattern_as_long_as_its_window_is_constant() -> None:
    """EBU Tech 3341, number 12."""
    heard = readings(stereo(steps(*[(-20.0, 0.18), (-30.0, 0.22)] * 25))).momentary
    np.testing.assert_allclose(heard[10:], -23.0, atol=WITHIN)


@pytest.mark.parametrize("shift", range(20))
def test_the_highest_short_term_loudness_is_found_wherever_it_lies(shift: int) -> None:
    """EBU Tech 3341, number 10: three seconds of tone, each time 0.15 s later."""
    heard = measures(stereo(steps((None, 0.15 * shift), (-23.0, 3.0), (None, 1.0))))
    assert value(heard.max_short_term) == pytest.approx(-23.0, abs=WITHIN)


@pytest.mark.parametrize("shift", range(20))
def test_the_highest_momentary_loudness_is_found_wherever_it_lies(shift: int) -> None:
    """EBU Tech 3341, number 13: 0.4 s of tone, each time 20 ms later."""
    heard = measures(stereo(steps((None, 0.02 * shift), (-23.0, 0.4), (None, 1.0))))
    assert value(heard.max_momentary) == pytest.approx(-23.0, abs=WITHIN)


def test_growing_short_term_loudness_is_followed() -> None:
    """EBU Tech 3341, number 11: twenty tones of three seconds, each a decibel louder and 0.15 s later."""
    parts = [[(None, 0.15 * at), (-38.0 + at, 3.0), (None, 3.0 - 0.15 * at)] for at in range(20)]
    heard = readings(stereo(steps(*[part for one in parts for part in one]))).short_term
    found = [np.nanmax(heard[60 * at : 60 * (at + 1)]) for at in range(20)]
    np.testing.assert_allclose(found, np.arange(-38.0, -18.0), atol=WITHIN)


def test_growing_momentary_loudness_is_followed() -> None:
    """EBU Tech 3341, number 14: twenty tones of 0.4 s, each a decibel louder and 20 ms later."""
    parts = [[(None, 0.02 * at), (-38.0 + at, 0.4), (None, 0.4 - 0.02 * at)] for at in range(20)]
    sound = stereo(steps(*[part for one in parts for part in one]))
    for at in range(20):
        heard = measures(sound[:, round(0.8 * max(at - 1, 0) * RATE) : round(0.8 * (at + 1) * RATE)])
        assert value(heard.max_momentary) == pytest.approx(-38.0 + at, abs=WITHIN)


@pytest.mark.parametrize(
    ("hertz", "degrees", "amplitude", "peak"),
    [
        (RATE / 4, 0.0, 0.5, -6.0),
        (RATE / 4, 45.0, 0.5, -6.0),
        (RATE / 6, 60.0, 0.5, -6.0),
        (RATE / 8, 67.5, 0.5, -6.0),
        (RATE / 4, 45.0, 1.41, 3.0),
    ],
    ids=["15", "16", "17", "18", "19"],
)
def test_true_peaks_of_tones(hertz: float, degrees: float, amplitude: float, peak: float) -> None:
    """EBU Tech 3341, numbers 15 to 19: +0.2 and -0.4 dB are allowed. The tone fades in and out within 0.1 s."""
    sound = tone(hertz, 20 * np.log10(amplitude), 1.0, phase=np.deg2rad(degrees))
    fade = np.minimum(1.0, np.minimum(np.arange(len(sound)), np.arange(len(sound))[::-1]) / (0.1 * RATE))
    found = value(measures(stereo(sound * fade)).true_peak)
    assert peak - 0.4 <= found <= peak + 0.2


@pytest.mark.parametrize("offset", range(4), ids=["20", "21", "22", "23"])
def test_true_peaks_of_a_transient(offset: int) -> None:
    """EBU Tech 3341, numbers 20 to 23: a period of a sine at a sixth of the rate, made at four times the rate, low-pass
    filtered and sampled at one of four offsets; its peak is at full scale wherever the samples fall."""
    dense = np.zeros(4 * RATE // 2)
    dense[RATE : RATE + 24] = np.sin(2 * np.pi * np.arange(24) / 24)
    smooth = upfirdn(firwin(255, 0.25), dense)
    smooth /= np.max(np.abs(smooth))
    found = value(measures(stereo(smooth[offset::4])).true_peak)
    assert -0.4 <= found <= 0.2


@pytest.mark.parametrize(
    ("levels", "expected"),
    [((-20, -30), 10), ((-20, -15), 5), ((-40, -20), 20), ((-50, -35, -20, -35, -50), 15)],
    ids=["1", "2", "3", "4"],
)
def test_loudness_range(levels: tuple[int, ...], expected: int) -> None:
    """EBU Tech 3342, numbers 1 to 4: within 1 LU."""
    heard = readings(stereo(steps(*[(float(level), 20.0) for level in levels])))
    assert heard.range == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("rate", [8_000, 22_050, 44_100, 96_000, 192_000])
def test_any_rate_measures_the_same(rate: int) -> None:
    heard = measures(stereo(tone(997, -20, 5, rate)), rate)
    assert value(heard.integrated) == pytest.approx(-20.0, abs=WITHIN)


def test_sections_are_gated_each_by_itself() -> None:
    sound = stereo(steps((-30.0, 10.0), (-20.0, 10.0), (None, 5.0)))
    parts = [
        Label(start=Seconds(0.0), end=Seconds(10.0), label="A"),
        Label(start=Seconds(10.0), end=Seconds(20.0), label="B"),
        Label(start=Seconds(21.0), end=Seconds(25.0), label="C"),
    ]
    found = value(measure_loudness(recording(sound), parts, unwatched).sections)
    assert [one.label for one in found] == ["A", "B", "C"]
    assert found[0].integrated == pytest.approx(-30.0, abs=WITHIN)
    assert found[1].integrated == pytest.approx(-20.0, abs=WITHIN)
    assert found[2].integrated is None


def test_silence_and_what_is_too_short_are_refused() -> None:
    silent = measures(np.zeros((2, 5 * RATE)))
    assert silent.integrated.refused is not None
    assert silent.integrated.refused.code == "too_quiet"
    assert silent.true_peak.refused is not None
    short = measures(stereo(tone(1000, -20, 0.05)))
    assert short.integrated.refused is not None
    assert short.integrated.refused.code == "too_short"
    assert value(short.true_peak) == pytest.approx(-20, abs=0.2)
    assert measures(stereo(tone(1000, -20, 1.0))).max_short_term.refused is not None


@pytest.mark.parametrize("channels", range(1, 9))
def test_any_number_of_channels_is_measured(channels: int) -> None:
    sound = np.repeat(tone(1000, -20, 1.0)[None], channels, axis=0)
    assert np.isfinite(value(measures(sound).integrated))
