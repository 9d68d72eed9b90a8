"""The form: bars, durations, and what does not fit."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pansori.domain.errors import InvalidRequest
from pansori.engines.compose.house_band.model import Score
from pansori.engines.compose.house_band.score.form import BEND, SHORTEST_RING
from pansori.engines.compose.house_band.style.reading import read_style
from support.songs import DOCUMENTED, ENGLISH, KOREAN, STYLES, chance, compose, seconds


def assert_fits(score: Score, duration: float) -> None:
    """The last chord begins so that it can ring, and the score ends within the duration, near its end."""
    bar = score.style.beats_per_bar
    last_chord = seconds(score, score.sections[-1].start)
    assert seconds(score, score.length) <= duration
    assert duration - last_chord >= SHORTEST_RING - 0.01 or len(score.sections) == 1
    assert duration - last_chord <= seconds(score, bar) + SHORTEST_RING + 0.01


@pytest.mark.parametrize("genre", STYLES)
@pytest.mark.parametrize("duration", [15.0, 30.0, 61.7, 180.0])
def test_the_duration_asked_for_is_kept(genre: str, duration: float) -> None:
    try:
        score = compose(genre, DOCUMENTED, duration)
    except InvalidRequest as refused:
        assert refused.field == "lyrics"  # noqa: PT017 - slow styles need more than 15 s for two lines
        assert duration == 15.0
        return
    assert_fits(score, duration)


@pytest.mark.parametrize("genre", STYLES)
def test_the_documented_example_is_a_song_of_its_own_length(genre: str) -> None:
    score = compose(genre)
    labels = [section.label for section in score.sections]
    assert 20.0 < seconds(score, score.length) < 75.0
    assert labels[0] == "intro"
    assert labels[-1] == "ending"
    assert labels.count("chorus") >= 1


def test_an_asked_tempo_is_exact_and_another_moves_little() -> None:
    assert compose("rock 123 bpm", KOREAN, 150.0).style.tempo == 123.0
    usual = read_style("rock", chance()("style")).tempo
    for duration in (97.0, 120.3, 200.0):
        assert abs(compose("rock", KOREAN, duration).style.tempo / usual - 1) <= BEND + 1e-3


@pytest.mark.parametrize("duration", [5.0, 8.0, 10.0, 30.0, 60.0, 300.0, 600.0])
def test_an_instrumental_of_any_length(duration: float) -> None:
    score = compose("lofi", "", duration)
    assert_fits(score, duration)
    assert score.vocal == ()


def test_an_instrumental_lasts_a_minute_by_itself() -> None:
    score = compose("jazz", "")
    assert 55.0 < seconds(score, score.length) <= 60.0
    assert score.parts["lead"]


def test_sections_touch() -> None:
    for lyrics in (KOREAN, ENGLISH, DOCUMENTED, ""):
        score = compose("pop", lyrics)
        end = 0.0
        for section in score.sections:
            assert section.start == end
            end += section.bars * score.style.beats_per_bar
        assert end - score.style.beats_per_bar < score.length <= end


def test_words_that_do_not_fit_are_refused_with_the_time_they_need() -> None:
    with pytest.raises(InvalidRequest, match=r"need about [\d,]+ s at \d+ bpm; the limit is 20 s") as refused:
        compose("ballad", KOREAN, 20.0)
    assert refused.value.field == "lyrics"
    assert "초" in refused.value.message.ko


@pytest.mark.parametrize("lyrics", ["가\n" * 10_000, "a\n" * 10_000, "[verse]\n" + "사랑 " * 6_000])
def test_far_too_many_words_are_refused(lyrics: str) -> None:
    with pytest.raises(InvalidRequest, match="the limit is 600 s"):
        compose("pop", lyrics)


def test_energy_rises_to_the_last_chorus() -> None:
    score = compose("K-POP", KOREAN)
    choruses = [section.energy for section in score.sections if section.label == "chorus"]
    verses = [section.energy for section in score.sections if section.label == "verse"]
    assert choruses == sorted(choruses)
    assert max(verses) < min(choruses)


@settings(deadline=None, max_examples=50)
@given(
    st.sampled_from(STYLES),
    st.lists(
        st.sampled_from(
            [
                "가",
                "사랑해요 그대를",
                "baby come back to me tonight",
                "",
                "ㅋㅋ",
                "[chorus]",
                "3%!",
                "엄청나게 길고 긴 가사 " * 6,
            ]
        )
    ),
    st.one_of(st.none(), st.floats(5.0, 600.0)),
    st.integers(0, 3),
)
def test_any_lyrics_in_any_style_are_a_song_or_refused(
    genre: str, lines: list[str], duration: float | None, seed: int
) -> None:
    try:
        score = compose(genre, "\n".join(lines), duration, seed)
    except InvalidRequest as refused:
        assert refused.field == "lyrics"  # noqa: PT017 - nothing else may be wrong
        return
    if duration is not None:
        assert_fits(score, duration)
    assert score.parts
