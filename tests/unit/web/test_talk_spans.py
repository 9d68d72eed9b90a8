"""What a turn's time went to, as it is drawn."""

from __future__ import annotations

import pytest

from pansori.web.pages.talk import spans_of

LIVE = {"hear_last": 0.1, "answer_first": 0.2, "say_first": 0.5, "say_last": 0.9, "total": 1.0}


def test_a_turn_begins_with_the_pause_however_long_one_spoke() -> None:
    spans = {span.name: span for span in spans_of({"live": {"speech_ended": -0.6, "hear_first": -20.0, **LIVE}})}
    assert list(spans) == ["waited", "heard", "answered", "voiced", "spoken"]
    assert [spans["waited"].start, spans["waited"].width] == pytest.approx([0.0, 100 * 0.6 / 1.6])
    assert [spans["heard"].start, spans["heard"].width] == pytest.approx([0.0, 100 * 0.7 / 1.6])
    assert [span.seconds for span in spans.values()] == pytest.approx([0.6, 0.1, 0.1, 0.3, 0.4])


def test_what_was_understood_in_the_pause_is_drawn_from_there() -> None:
    spans = {span.name: span for span in spans_of({"live": {"speech_ended": -0.6, "hear_first": -0.2, **LIVE}})}
    assert spans["heard"].start == pytest.approx(100 * 0.4 / 1.6)


def test_what_there_was_not_is_not_drawn() -> None:
    assert [span.name for span in spans_of({"live": {"hear_last": 0.1, "total": 0.2}})] == ["heard"]
    assert list(spans_of({})) == []
