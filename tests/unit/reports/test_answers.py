"""What an analysis answers, in words; two of them beside each other; what is drawn of one."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori import reports
from pansori.domain.errors import Language
from pansori.engines.analyze.corrections import Corrections, corrected
from pansori.engines.analyze.measure import Measure
from pansori.engines.analyze.numbers import Numbers
from pansori.engines.analyze.schema import Analysis
from pansori.reports.answers import DECIMALS, number
from pansori.reports.curves import MOST
from pansori.reports.words import QUESTIONS
from support.analyses import BEATS, PITCH, known

FINITE = st.floats(-1e6, 1e6, allow_nan=False).filter(lambda value: abs(value) > 1e-6 or value == 0)


@pytest.mark.parametrize(
    ("value", "unit", "told"),
    [
        (96.0, "BPM", "96.0 BPM"),
        (-14.0349, "LUFS", "−14.0 LUFS"),
        (150.25, "Hz", "150.2 Hz"),
        (12_016.4, "Hz", "12,016 Hz"),
        (0.00453, "%", "0.453 %"),
        (0.0000179, "%", "0.00179 %"),
        (0.0000179, "", "0.000018"),
        (0.5, "", "0.5"),
        (0, "samples", "0 samples"),
        (0.0, "", "0"),
        (2.5, "1/s", "2.50 per second"),
    ],
)
def test_numbers_are_as_precise_as_they_are_heard(value: float, unit: str, told: str) -> None:
    assert number(value, unit, "en") == told


@given(FINITE, st.sampled_from(["", "Hz", "s", *DECIMALS]))
def test_no_number_has_an_exponent_or_loses_its_size(value: float, unit: str) -> None:
    text = re.match(r"[−\d.,]+", number(value, unit, "en"))
    assert text is not None
    found = float(text[0].replace("−", "-").replace(",", ""))
    assert found == pytest.approx(value, rel=1e-3, abs=0.51 if unit in DECIMALS else 1e-6)


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_question_is_answered_or_refused(language: Language) -> None:
    found = reports.answers(known().analysis, language)
    assert len(found) == len(QUESTIONS) - 1, "of the fingerprint nothing was asked for"
    assert len({one.key for one in found}) == len(found)
    for one in found:
        assert bool(one.answers) != bool(one.refusal)
        assert all(fact.lines for fact in (*one.answers, *one.facts))


def test_of_two_the_second_is_told_against_the_first() -> None:
    one = known().analysis
    other = corrected(one, Corrections.model_validate({"tempo": 90}))
    rows = {row.name: row for group in reports.compare(one, other, "en") for row in group.rows}
    assert (rows["Tempo"].first, rows["Tempo"].second) == ("120.0 BPM", "90.0 BPM")
    assert rows["Tempo"].difference == "−30.0 BPM (−25.0%)"
    assert rows["Integrated loudness"].same
    assert rows["Integrated loudness"].difference == ""
    assert rows["Key"].difference == ""
    assert "Waveform" not in rows


def test_levels_differ_in_decibels_and_shares_in_points() -> None:
    one, other = (_measured(level, share) for level, share in ((-14.0, 0.75), (-12.0, 0.7)))
    rows = {row.name: row for group in reports.compare(one, other, "en") for row in group.rows}
    assert rows["Sample peak"].difference == "+2.0 dB"
    assert rows["Integrated loudness"].difference == "+2.0 LU"
    assert rows["Voiced share"].difference == "−5 points"


def _measured(level: float, share: float) -> Analysis:
    analysis = known().analysis
    assert analysis.signal is not None
    assert analysis.loudness is not None
    assert analysis.voice is not None
    return analysis.model_copy(
        update={
            "signal": analysis.signal.model_copy(update={"peak": _with(analysis.signal.peak, level)}),
            "loudness": analysis.loudness.model_copy(update={"integrated": _with(analysis.loudness.integrated, level)}),
            "voice": analysis.voice.model_copy(
                update={"voiced_fraction": _with(analysis.voice.voiced_fraction, share)}
            ),
        }
    )


def _with(measure: Measure[float], value: float) -> Measure[float]:
    return measure.model_copy(update={"value": value, "refused": None})


def test_curves_of_two_are_drawn_where_both_have_them() -> None:
    one = known().analysis
    other = one.model_copy(update={"voice": None})
    both = [plot.name for plot in reports.compared_plots(one, one, ("a", "b"), "en")]
    assert both == ["pitch", "melody", "loudness", "momentary"]
    assert [plot.name for plot in reports.compared_plots(one, other, ("a", "b"), "en")] == both[1:]


def test_what_scripts_draw_is_what_was_measured() -> None:
    told = reports.curves_of(known().analysis)
    assert (tuple(told["beats"]), told["whole"]) == (BEATS, True)
    assert [value is None for _, value in told["curves"]["pitch"]] == [value != value for value in PITCH.tolist()]
    assert all(name != "N" for *_, name in told["chords"])


def test_long_curves_are_thinned() -> None:
    analysis = known().analysis
    assert analysis.voice is not None
    curve = analysis.voice.f0.value
    assert curve is not None
    long = curve.model_copy(update={"values": Numbers([*curve.values] * 60)})
    voice = analysis.voice.model_copy(update={"f0": analysis.voice.f0.model_copy(update={"value": long})})
    analysis = analysis.model_copy(update={"voice": voice})
    told = reports.curves_of(analysis)
    points = told["curves"]["pitch"]
    assert MOST / 2 < len(points) <= MOST
    assert points[-1][0] == pytest.approx(len(long.values) * curve.step, rel=0.001)
    alone = long.model_copy(update={"values": tuple(None if at % 7 else 150.0 for at in range(len(long.values)))})
    voice = voice.model_copy(update={"f0": voice.f0.model_copy(update={"value": alone})})
    short = reports.curves_of(analysis.model_copy(update={"voice": voice}))["curves"]["pitch"]
    assert {value for _, value in short} == {150.0}, "what is short is seen too"
    part = reports.curves_of(analysis, start=3.0, end=4.0)
    assert (told["whole"], part["whole"]) == (False, True)
    assert [time for time, _ in part["curves"]["pitch"]] == [round(3 + 0.01 * at, 3) for at in range(101)]
    assert part["beats"] == [one for one in BEATS if 3 <= one <= 4]
    assert [name for *_, name in part["chords"]] == ["Am", "G7"]


def test_without_the_sound_its_waveform_is_flat() -> None:
    sight = reports.Sight.told(_without_signal(known().analysis))
    assert set(sight.peaks.tolist()) == {0.0}
    assert sight.duration == known().analysis.format.duration


def _without_signal(analysis: Analysis) -> Analysis:
    return analysis.model_copy(update={"signal": None})
