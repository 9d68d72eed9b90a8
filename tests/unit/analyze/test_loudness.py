"""Loudness against the signals of EBU Tech 3341 and 3342, and what a meter says of other sounds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Label, Measure
from pansori.engines.analyze.pansori.loudness import measure_loudness
from pansori.engines.analyze.schema import LoudnessMeasures
from support import ebu
from support.ebu import WITHIN, stereo
from support.recordings import RATE, Sound, recording, steps, tone


def unwatched(_: float) -> None:
    """Nobody waits."""


def measures(sound: Sound, rate: int = RATE) -> LoudnessMeasures:
    return measure_loudness(recording(sound, rate), None, unwatched)


def value(measure: Measure[Any]) -> Any:
    assert measure.value is not None, measure.refused
    return measure.value


@pytest.mark.parametrize("case", ebu.cases(), ids=str)
def test_every_case_of_the_ebu_is_in_tolerance(case: ebu.Case) -> None:
    assert case.off() <= 1.0


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
