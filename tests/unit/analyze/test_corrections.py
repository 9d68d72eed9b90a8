"""What people say against an analysis, and what follows from it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pansori.domain.errors import InvalidRequest
from pansori.domain.units import Seconds
from pansori.engines.analyze.base import NOT_MEASURED
from pansori.engines.analyze.corrections import Corrections, corrected
from pansori.engines.analyze.measure import Curve, Estimate, Group, Label, Measure
from pansori.engines.analyze.pansori.music.texture import tempo_fit
from pansori.engines.analyze.schema import Analysis, LoudnessMeasures, MusicMeasures, SectionLoudness
from support.analyses import known

DURATION = 64.0


def music(beats: list[float], downbeats: list[int], per_bar: int = 4) -> Analysis:
    """An analysis with these beats, of which those at `downbeats` begin bars; a section a pair of bars, chords on
    beats; louder from second to second."""
    times = [round(beat, 3) for beat in beats]
    bars = [times[at] for at in downbeats]
    intervals = np.diff(times)
    bounds = [0.0, *bars[2::2], DURATION]
    sections = _labels(bounds)
    measured = {
        "tempo": Estimate(float(60 / np.median(intervals)), 0.9, ((60.0, 0.1),)),
        "tempo_curve": tuple((time, round(60 / gap, 3)) for time, gap in zip(times[:-1], intervals, strict=True)),
        "beats": Estimate(tuple(times), 0.8),
        "downbeats": Estimate(tuple(bars), 0.7),
        "metre": Estimate(f"{per_bar}/4", 0.7),
        "beats_per_bar": Estimate(per_bar, 0.7, ((3, 0.3),)),
        "swing": 0.25,
        "danceability": 0.8 * tempo_fit(float(60 / np.median(intervals))) ** (1 / 3),
        "key": Estimate("C major", 0.5, (("A minor", 0.4),)),
        "chords": _labels([0.0, *times[3::3], DURATION]),
        "sections": sections,
        "onsets": tuple(times),
    }
    levels = np.linspace(-30, -10, round(10 * DURATION))
    loudness = {
        "momentary": Curve.of(np.where(np.arange(len(levels)) < 3, np.nan, levels), start=0.1, step=0.1),
        "sections": tuple(
            SectionLoudness(start=one.start, end=one.end, label=one.label, integrated=-20.0) for one in sections
        ),
    }
    format_facts = known().analysis.format.model_copy(update={"duration": Seconds(DURATION)})
    return known().analysis.model_copy(
        update={
            "music": _group(MusicMeasures, measured),
            "loudness": _group(LoudnessMeasures, loudness),
            "format": format_facts,
        }
    )


def _labels(bounds: list[float]) -> tuple[Label, ...]:
    pairs = pairwise(bounds)
    return tuple(
        Label(start=Seconds(start), end=Seconds(end), label="ABC"[at % 3], confidence=0.5)
        for at, (start, end) in enumerate(pairs)
        if start < end
    )


def _group(group: type[Any], found: dict[str, Any]) -> Any:
    return group.of({name: found.get(name, NOT_MEASURED) for name in group.model_fields})


def steady(tempo: float = 100.0, first: float = 0.4, per_bar: int = 4, pickup: int = 1) -> Analysis:
    beats = np.arange(first, DURATION - 0.3, 60 / tempo).tolist()
    return music(beats, list(range(pickup, len(beats), per_bar)), per_bar)


class Played(NamedTuple):
    """Beats as people play them, and bars of which some have a beat too many."""

    per_bar: int
    period: float
    first: float
    pickup: int
    seed: int

    def analysis(self) -> Analysis:
        generator = np.random.default_rng(self.seed)
        beats = [self.first]
        while beats[-1] < DURATION - 2:
            beats.append(beats[-1] + self.period * generator.uniform(0.95, 1.05))
        downbeats = [self.pickup % self.per_bar]
        while downbeats[-1] + self.per_bar + 1 < len(beats):
            downbeats.append(downbeats[-1] + self.per_bar + int(generator.choice([0, 0, 0, 0, 0, 1])))
        return music(beats, downbeats, self.per_bar)


played = st.builds(
    Played,
    st.sampled_from([2, 3, 4]),
    st.floats(0.3, 1.1),
    st.floats(0.0, 1.0),
    st.integers(0, 3),
    st.integers(0, 9999),
)


def told(analysis: Analysis) -> MusicMeasures:
    assert analysis.music is not None
    return analysis.music


def values(group: Group, *names: str) -> dict[str, object]:
    return {name: getattr(group, name).value for name in names or type(group).model_fields}


def say(**fields: Any) -> Corrections:
    return Corrections.model_validate(fields)


# -- laws --------

FOLLOWING = (
    "tempo",
    "tempo_curve",
    "beats",
    "downbeats",
    "metre",
    "beats_per_bar",
    "danceability",
    "sections",
    "chords",
)
examples = settings(max_examples=25, deadline=None)


@given(played)
@examples
def test_nothing_said_changes_nothing(one: Played) -> None:
    analysis = one.analysis()
    before = analysis.model_dump_json()
    assert corrected(analysis, Corrections()) == analysis
    assert corrected(analysis, say(tempo_factor=1.0, section_names={})) == analysis
    assert analysis.model_dump_json() == before


@given(played, st.sampled_from([2.0, 4.0]))
@examples
def test_faster_and_then_slower_is_as_before_and_the_original_stays(one: Played, factor: float) -> None:
    analysis = one.analysis()
    before = analysis.model_dump_json()
    faster = corrected(analysis, say(tempo_factor=factor))
    back = corrected(faster, say(tempo_factor=1 / factor))
    found, wanted = (values(told(each), *FOLLOWING) for each in (back, analysis))
    assert found.pop("danceability") == pytest.approx(wanted.pop("danceability"))
    assert found == wanted
    assert analysis.model_dump_json() == before
    assert Analysis.model_validate_json(faster.model_dump_json()) == faster


@given(played, st.data())
@examples
def test_tapping_on_the_beats_changes_nothing(one: Played, data: st.DataObject) -> None:
    analysis = one.analysis()
    beats = told(analysis).beats.value or ()
    first = data.draw(st.integers(0, len(beats) - 5))
    count = data.draw(st.integers(4, len(beats) - first))
    tapped = corrected(analysis, say(taps=beats[first : first + count]))
    assert told(tapped) == told(analysis)
    assert tapped.loudness == analysis.loudness


@given(played, st.integers(-12, 12))
@examples
def test_bars_shifted_and_shifted_back_are_where_they_were(one: Played, shift: int) -> None:
    analysis = one.analysis()
    shifted = corrected(analysis, say(downbeat_shift=shift))
    back = corrected(shifted, say(downbeat_shift=-shift))
    assert set(told(analysis).downbeats.value or ()) >= set(told(back).downbeats.value or ()) - set(
        (told(analysis).beats.value or ())[: 12 + 4] + (told(analysis).beats.value or ())[-12 - 4 :]
    )


@given(played, st.floats(20.0, 400.0), st.sampled_from(["2/4", "3/4", "5/4", "6/8", "12/8"]))
@examples
def test_whatever_is_said_the_grid_is_in_order(one: Played, tempo: float, metre: str) -> None:
    analysis = one.analysis()
    found = told(corrected(analysis, say(tempo=tempo, metre=metre, downbeat_shift=1)))
    beats, downbeats = found.beats.value or (), found.downbeats.value or ()
    assert all(left < right for left, right in pairwise(beats))
    assert set(downbeats) <= set(beats)
    assert beats[0] >= 0
    assert beats[-1] <= DURATION
    for labels in (found.sections.value or (), found.chords.value or ()):
        assert labels[0].start == 0.0
        assert labels[-1].end == DURATION
        assert all(left.end == right.start for left, right in pairwise(labels))


# -- tempo --------


def test_twice_as_fast_has_a_beat_between_any_two_and_two_bars_for_one() -> None:
    before, after = steady(60.0), corrected(steady(60.0), say(tempo_factor=2.0))
    old, new = told(before), told(after)
    assert new.tempo.value == pytest.approx(120.0)
    assert (new.beats.value or ())[:4] == (0.4, 0.9, 1.4, 1.9)
    assert (new.downbeats.value or ())[:3] == (1.4, 3.4, 5.4)
    assert {value for _, value in (new.tempo_curve.value or ())} == {120.0}
    assert len(new.beats.value or ()) == len(new.tempo_curve.value or ()) + 1 == 2 * len(old.beats.value or ()) - 1
    assert new.metre == old.metre
    assert new.sections == old.sections
    assert new.swing.refused is not None
    assert (new.danceability.value or 0) > (old.danceability.value or 0)
    assert {new.tempo.source, new.beats.source, new.downbeats.source, new.danceability.source} == {"person"}
    assert new.tempo.confidence is None
    assert new.tempo.runners_up == ()
    assert old.tempo.source == new.key.source == "engine"
    assert after.corrections == {"tempo_factor": 2.0}


def test_half_as_fast_keeps_the_bars_with_which_sections_begin() -> None:
    analysis = steady(120.0, pickup=2)
    bars = told(analysis).downbeats.value or ()
    named = _labels([0.0, bars[3], bars[7], bars[11], DURATION])
    analysis = analysis.model_copy(update={"music": told(analysis).model_copy(update={"sections": _measure(named)})})
    found = told(corrected(analysis, say(tempo_factor=0.5)))
    assert found.downbeats.value == bars[1::2]
    assert found.sections.value == named
    assert set(bars[1::2]) <= set(found.beats.value or ())


def test_a_tempo_near_another_level_keeps_the_followed_beats() -> None:
    analysis = steady(100.0)
    beats = told(analysis).beats.value or ()
    assert told(corrected(analysis, say(tempo=101.0))).beats == told(analysis).beats
    assert told(corrected(analysis, say(tempo=101.0))).tempo.value == 101.0
    assert set(told(corrected(analysis, say(tempo=199.0))).beats.value or ()) > set(beats)
    triplets = told(corrected(analysis, say(tempo=300.0))).beats.value or ()
    assert np.diff(triplets) == pytest.approx(0.2, abs=0.0011)


def test_a_tempo_far_from_all_lays_an_even_grid_through_the_onsets() -> None:
    analysis = steady(100.0)
    onsets = tuple(np.arange(0.3, DURATION, 60 / 83).round(3).tolist())
    heard = told(analysis).model_copy(update={"onsets": _measure(onsets)})
    found = told(corrected(analysis.model_copy(update={"music": heard}), say(tempo=83.0)))
    assert np.array(found.beats.value) == pytest.approx(np.array(onsets)[: len(found.beats.value or ())], abs=0.012)
    assert {value for _, value in (found.tempo_curve.value or ())} == {83.0}


def test_taps_between_the_beats_move_them_and_with_them_bars_and_chords() -> None:
    analysis = steady(100.0)
    found = told(corrected(analysis, say(taps=tuple(0.7 + 0.6 * at for at in range(8)))))
    beats = found.beats.value or ()
    assert beats[0] == pytest.approx(0.7)
    assert np.diff(beats) == pytest.approx(0.6, abs=0.0011)
    assert set(found.downbeats.value or ()) <= set(beats)
    assert {one.start for one in (found.chords.value or ())[1:]} <= set(beats)
    assert {one.start for one in (found.sections.value or ())[1:]} <= set(found.downbeats.value or ())


def test_late_and_uneven_taps_on_every_second_beat_are_half_the_tempo() -> None:
    analysis = steady(140.0)
    beats = np.array(told(analysis).beats.value)
    late = beats[5:25:2] + np.random.default_rng(1).normal(0.03, 0.015, 10)
    found = told(corrected(analysis, say(taps=tuple(late.tolist()))))
    assert found.beats.value == tuple(beats[1::2].tolist())
    assert found.tempo.value == pytest.approx(70.0, rel=0.001)


def test_taps_with_some_left_out_make_a_grid_where_no_pulse_was_heard() -> None:
    refused = {name: Measure[Any](unit="", refused=NOT_MEASURED) for name in ("tempo", "beats", "downbeats", "metre")}
    refused |= {name: Measure[Any](unit="", refused=NOT_MEASURED) for name in ("beats_per_bar", "tempo_curve", "swing")}
    analysis = steady().model_copy(update={"music": told(steady()).model_copy(update=refused)})
    taps = (10.0, 10.5, 11.0, 12.0, 12.5, 13.5)
    found = told(corrected(analysis, say(taps=taps, metre="3/4")))
    assert found.tempo.value == pytest.approx(120.0)
    assert found.tempo.refused is None
    assert np.array(found.beats.value) == pytest.approx(np.arange(0.0, DURATION, 0.5), abs=0.001)
    assert np.diff(found.downbeats.value or ()) == pytest.approx(1.5, abs=0.0021)
    assert found.metre.value == "3/4"


# -- bars, key, sections --------


def test_bars_begin_later_by_beats_and_sections_with_them() -> None:
    analysis = steady(120.0, pickup=0)
    old = told(analysis)
    new = told(corrected(analysis, say(downbeat_shift=1)))
    assert new.beats == old.beats
    assert new.downbeats.value == tuple((old.beats.value or ())[1::4])
    assert [one.start for one in new.sections.value or ()][1:] == [
        (old.beats.value or ())[1 + 8 * at] for at in range(1, len(new.sections.value or ()))
    ]


def test_another_metre_lays_other_bars() -> None:
    new = told(corrected(steady(120.0, pickup=1), say(metre="3/4")))
    assert new.downbeats.value == (new.beats.value or ())[1::3]
    assert new.beats_per_bar.value == 3
    assert new.metre.source == new.beats_per_bar.source == "person"
    compound = told(corrected(steady(120.0), say(metre="12/8")))
    assert (compound.metre.value, compound.beats_per_bar.value) == ("12/8", 4)


@pytest.mark.parametrize(("said", "key"), [("A minor", "A minor"), ("Db major", "C# major"), ("A# minor", "Bb minor")])
def test_a_key_is_named_as_the_engine_names_it(said: str, key: str) -> None:
    found = told(corrected(steady(), say(key=said)))
    assert (found.key.value, found.key.source, found.key.runners_up) == (key, "person", ())
    assert found.chords == told(steady()).chords


def test_sections_are_named_and_merged_and_their_loudness_is_measured_anew() -> None:
    analysis = steady(120.0, pickup=0)
    old = told(analysis).sections.value or ()
    after = corrected(analysis, say(section_names={0: "  Verse  1 ", 2: "후렴"}, section_merges=frozenset({1})))
    new = told(after).sections.value or ()
    assert [one.label for one in new[:2]] == ["Verse 1", "후렴"]
    assert (new[0].start, new[0].end) == (0.0, old[1].end)
    assert len(new) == len(old) - 1
    assert after.loudness is not None
    loud = after.loudness.sections.value or ()
    assert [(one.start, one.end, one.label) for one in loud] == [(one.start, one.end, one.label) for one in new]
    assert loud[1].integrated == -20.0  # its bounds are the same
    assert loud[0].integrated is not None
    assert loud[0].integrated < -25.0
    assert after.loudness.sections.source == "person"


# -- what cannot be said --------


@pytest.mark.parametrize(
    "said",
    [
        {"tempo_factor": 3.0},
        {"tempo_factor": 2.0, "tempo": 100.0},
        {"taps": (1.0,)},
        {"taps": (2.0, 1.0)},
        {"taps": (1.0, 1.01)},
        {"taps": (-1.0, 1.0)},
        {"metre": "1/4"},
        {"metre": "4/2"},
        {"key": "H major"},
        {"key": "C lydian"},
        {"section_names": {0: " "}},
        {"section_names": {0: "x" * 61}},
        {"tempo": float("nan")},
        {"unknown": 1},
    ],
)
def test_what_makes_no_sense_is_not_taken(said: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Corrections.model_validate(said)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        (say(section_names={99: "x"}), "section_names"),
        (say(section_merges=frozenset({0})), "section_merges"),
        (say(taps=(Seconds(1.0), Seconds(DURATION + 1))), "taps"),
    ],
)
def test_what_is_not_there_cannot_be_corrected(said: Corrections, field: str) -> None:
    with pytest.raises(InvalidRequest) as raised:
        corrected(steady(), said)
    assert raised.value.field == field


def test_what_was_not_measured_cannot_be_corrected() -> None:
    without = steady().model_copy(update={"music": None})
    refused = steady().model_copy(update={"music": MusicMeasures.refuse(NOT_MEASURED)})
    for analysis in (without, refused):
        for said in (say(tempo_factor=2.0), say(downbeat_shift=1), say(section_names={0: "x"})):
            with pytest.raises(InvalidRequest):
                corrected(analysis, said)


def _measure(value: Any) -> Measure[Any]:
    return Measure[Any](unit="", value=value)
