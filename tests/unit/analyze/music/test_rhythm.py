"""The pulse of drums and clicks whose tempo, beats and bars are known."""

from __future__ import annotations

import numpy as np
import pytest

from pansori.engines.analyze.pansori.music import Beats, Metre, Music, Refused, Tempo, listen
from pansori.engines.analyze.pansori.music.model import Array
from support import tunes

SECONDS = 20.0
C_G_AM_F = ((0, "maj"), (7, "maj"), (9, "min"), (5, "maj"))


def told(sound: tunes.Sound) -> tuple[Tempo, Beats, Metre]:
    music = listen(sound)
    assert isinstance(music.tempo, Tempo)
    assert isinstance(music.beats, Beats)
    assert isinstance(music.metre, Metre)
    return music.tempo, music.beats, music.metre


def missed(found: Array, true: Array) -> float:
    """The share of `true` times without a found one within 70 ms."""
    return float(np.mean(np.min(np.abs(true[:, None] - found[None, :]), axis=1) > 0.07))


@pytest.mark.parametrize("tempo", [72.0, 97.0, 126.0, 160.0])
def test_drums_say_the_tempo_with_its_octave(tempo: float) -> None:
    found, beats, _ = told(tunes.beat(SECONDS, tempo))
    assert found.tempo == pytest.approx(tempo, rel=0.01)
    assert missed(beats.times, np.arange(0.2, SECONDS - 0.6, 60.0 / tempo)) < 0.05


@pytest.mark.parametrize(("metre", "tempo"), [(3, 132.0), (4, 110.0)])
def test_bars_begin_where_kick_and_harmony_say(metre: int, tempo: float) -> None:
    bar = metre * 60.0 / tempo
    chords = tunes.progression(C_G_AM_F * 3, bar)
    sound = tunes.beat(len(chords) / tunes.RATE, tempo, metre=metre, first=0.0) + chords
    _, _, found = told(sound)
    assert found.beats_per_bar == metre
    assert found.name == f"{metre}/4"
    assert missed(found.downbeats, np.arange(0.0, len(sound) / tunes.RATE - bar, bar)) < 0.1


@pytest.mark.parametrize(("tempo", "frequency"), [(120.0, 1_000.0), (90.0, 1_000.0), (120.0, 0.0)])
def test_clicks_are_followed_to_a_hundredth_of_a_second_and_say_no_bars(tempo: float, frequency: float) -> None:
    times = np.arange(0.3, SECONDS - 0.2, 60.0 / tempo)
    music = listen(tunes.struck(times, SECONDS, frequency, [0.5] * len(times), 60.0))
    assert isinstance(music.beats, Beats)
    off = [float(np.min(np.abs(music.beats.times - time))) for time in times]
    assert np.median(off) < 0.015
    for measure in (music.metre, music.key, music.chords):
        assert isinstance(measure, Refused)


@pytest.mark.parametrize("tempo", [76.0, 100.0])
def test_beats_that_fall_into_three_are_six_eight(tempo: float) -> None:
    found, _, metre = told(tunes.beat(SECONDS, tempo, metre=2, division=3))
    assert found.tempo == pytest.approx(tempo, rel=0.01)
    assert (metre.name, metre.beats_per_bar, metre.swing) == ("6/8", 2, 0.0)
    # a bar is two beats; which of them is the first, drums alone hardly tell
    assert np.median(np.diff(metre.downbeats)) == pytest.approx(120.0 / tempo, rel=0.02)


@pytest.mark.parametrize("tempo", [66.0, 90.0, 140.0])
def test_swing_is_not_taken_for_another_metre(tempo: float) -> None:
    step = 60.0 / tempo
    off = np.arange(0.2 + step * 2 / 3, SECONDS - 0.4, step)
    late = tunes.struck(off, SECONDS, 7_000.0, [0.1] * len(off), 80.0)
    found, _, metre = told(tunes.beat(SECONDS, tempo, division=1) + late)
    assert found.tempo == pytest.approx(tempo, rel=0.01)
    assert metre.name == "4/4"
    assert metre.swing > 0.8


def test_a_slow_beat_with_its_chords_is_not_doubled() -> None:
    bar = 4 * 60.0 / 66.0
    chords = tunes.progression(C_G_AM_F * 2, bar)
    found, _, metre = told(tunes.beat(len(chords) / tunes.RATE, 66.0, first=0.0, division=4) + chords)
    assert found.tempo == pytest.approx(66.0, rel=0.01)
    assert np.median(np.diff(metre.downbeats)) == pytest.approx(bar, rel=0.02)


def test_loudness_changes_nothing_and_a_delay_moves_the_beats() -> None:
    drums = tunes.beat(SECONDS, 104.0)
    _, beats, _ = told(drums)
    _, quiet, _ = told(drums * np.float32(0.05))
    assert np.allclose(quiet.times, beats.times, atol=0.01)
    _, late, _ = told(np.concatenate([tunes.silence(0.6), drums]))
    assert missed(late.times, beats.times + 0.6) < 0.05


def test_a_tempo_that_changes_is_followed() -> None:
    sound = np.concatenate([tunes.beat(15.0, 100.0, first=0.0), tunes.beat(15.0, 116.0, first=0.0)])
    tempo, _, _ = told(sound)
    times, values = tempo.curve[:, 0], tempo.curve[:, 1]
    assert np.median(values[times < 11.0]) == pytest.approx(100.0, rel=0.02)
    assert np.median(values[times > 19.0]) == pytest.approx(116.0, rel=0.02)


def test_a_tempo_that_grows_all_the_time_is_no_lack_of_pulse() -> None:
    bars, slowest, fastest = 14, 90.0, 124.0
    tempi = np.linspace(slowest, fastest, 4 * bars)
    times = 0.2 + np.concatenate([[0.0], np.cumsum(60.0 / tempi)[:-1]])
    seconds = float(times[-1]) + 1.0
    kick = tunes.struck(times[::2], seconds, 60.0, [0.8] * len(times[::2]), 25.0)
    snare = tunes.struck(times[1::2], seconds, 0.0, [0.25] * len(times[1::2]), 40.0)
    tempo, beats, _ = told(kick + snare)
    assert missed(beats.times, times[1:-1]) < 0.1
    assert tempo.curve[2, 1] < 100.0
    assert tempo.curve[-3, 1] > 114.0


def test_beats_are_followed_to_the_end_of_a_ritardando() -> None:
    gaps = 60.0 / 112.0 * np.concatenate([np.ones(32), np.linspace(1.0, 1.5, 16)])
    times = 0.2 + np.concatenate([[0.0], np.cumsum(gaps)[:-1]])
    seconds = float(times[-1]) + 1.0
    kick = tunes.struck(times[::2], seconds, 60.0, [0.8] * len(times[::2]), 25.0)
    snare = tunes.struck(times[1::2], seconds, 0.0, [0.25] * len(times[1::2]), 40.0)
    between = times[:-1] + 0.5 * np.diff(times)
    hats = tunes.struck(between, seconds, 7_000.0, [0.05] * len(between), 80.0)
    found, beats, _ = told(kick + snare + hats)
    assert found.tempo == pytest.approx(112.0, rel=0.02)
    assert len(beats.times) == pytest.approx(len(times), abs=1)
    assert missed(beats.times, times) == 0.0
    assert found.curve[-3, 1] < 90.0


def test_noise_over_drums_leaves_the_tempo() -> None:
    tempo, _, _ = told(tunes.beat(SECONDS, 118.0) + tunes.noise(SECONDS, 0.03))
    assert tempo.tempo == pytest.approx(118.0, rel=0.01)


def test_confidences_are_shares() -> None:
    tempo, beats, metre = told(tunes.beat(SECONDS, 90.0))
    assert 0.0 < sum(other.confidence for other in tempo.runners_up) + tempo.confidence <= 1.0 + 1e-9
    assert 0.0 <= beats.confidence <= 1.0
    assert 0.0 <= metre.confidence <= 1.0
    assert len(metre.positions) == len(beats.times)


@pytest.mark.parametrize(
    "sound", [tunes.noise(12.0), tunes.tone(12.0, 69.0), tunes.silence(12.0), tunes.beat(3.0, 120.0)]
)
def test_no_pulse_is_no_tempo(sound: tunes.Sound) -> None:
    music: Music = listen(sound)
    for measure in (music.tempo, music.beats, music.metre, music.danceability):
        assert isinstance(measure, Refused)
        assert measure.reason.en
        assert measure.reason.ko


def test_noise_has_no_onsets() -> None:
    assert isinstance(listen(tunes.noise(12.0)).onsets, Refused)
