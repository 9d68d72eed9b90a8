"""Options are exact, whatever the genre's words say."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pansori.domain.errors import InvalidRequest
from pansori.domain.tasks import ComposeTask
from pansori.domain.units import BeatsPerMinute, Seconds
from pansori.engines.compose.house_band import HouseBandOptions
from pansori.engines.compose.house_band.model import Key, PartName, Style
from pansori.engines.compose.house_band.planning import Plan, key_name, plan, read_key, sketch

TASK = ComposeTask(genre="슬픈 발라드, 남자 목소리, 66 bpm, in A minor", lyrics="비가 내리네")


def planned(**options: object) -> Style:
    chosen = HouseBandOptions.model_validate(options)
    return plan(TASK, chosen, lambda purpose: random.Random(purpose)).score.style


@given(st.integers(0, 11), st.sampled_from(["major", "minor"]))
def test_keys_have_one_name(tonic: int, mode: str) -> None:
    key = Key(tonic, "minor" if mode == "minor" else "major")
    assert read_key(key_name(key)) == key
    assert HouseBandOptions(key=key_name(key)).key == key_name(key)


def test_enharmonic_names_are_understood() -> None:
    assert read_key("D# minor") == Key(3, "minor")
    assert read_key("C♭ major") == Key(11, "major")


def test_words_count_where_no_option_is_given() -> None:
    style = planned()
    assert (style.tempo, key_name(style.key), style.voice.gender) == (66.0, "A minor", "male")


def test_options_win_over_words() -> None:
    style = planned(tempo=BeatsPerMinute(90.0), key="F# major", voice="female")
    assert (style.tempo, key_name(style.key), style.voice.gender) == (90.0, "F# major", "female")


@pytest.mark.parametrize("lines", [6, 9, 10, 12])
def test_chance_does_not_decide_what_is_refused(lines: int) -> None:
    """Some of these fit at one tempo of the style and not at another."""
    task = ComposeTask(genre="ballad", lyrics="\n".join(["바람이 불어와"] * lines), duration=Seconds(30.0))

    def fits(seed: int) -> bool:
        try:
            plan(task, HouseBandOptions(), lambda purpose: random.Random(f"{seed}/{purpose}"))
        except InvalidRequest:
            return False
        return True

    assert len({fits(seed) for seed in range(12)}) == 1


def test_words_that_were_squeezed_are_told_of() -> None:
    lyrics = "\n".join(["바람이 불어와"] * 10)

    def notices(duration: float) -> str:
        task = ComposeTask(genre="신나는 K-POP", lyrics=lyrics, duration=Seconds(duration))
        return " ".join(
            notice.en for notice in plan(task, HouseBandOptions(), lambda purpose: random.Random(purpose)).notices
        )

    assert notices(60.0) == ""
    assert "hardly a breath" in notices(30.0)
    assert "tempo was raised from" in notices(20.0)


@pytest.mark.parametrize("wrong", [{"key": "H major"}, {"tempo": 500}, {"voice": "choir"}, {"humanize": 2}, {"x": 1}])
def test_wrong_options_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        HouseBandOptions.model_validate(wrong)


def programs(genre: str, lyrics: str) -> dict[PartName, int]:
    task = ComposeTask(genre=genre, lyrics=lyrics)
    return plan(task, HouseBandOptions(), lambda purpose: random.Random(purpose)).score.style.programs


def test_what_is_to_be_heard_alone_is() -> None:
    assert programs("느린 발라드, 피아노만", "") == {"keys": 0}
    assert programs("무반주", "바람이 불어와") == {}


def test_nobody_plays_an_unaccompanied_instrumental() -> None:
    task = ComposeTask(genre="무반주 발라드")
    planned = plan(task, HouseBandOptions(), lambda purpose: random.Random(purpose))
    assert planned.score.style.programs
    assert "the band plays" in " ".join(notice.en for notice in planned.notices)


@pytest.mark.parametrize("lyrics", ["", "[verse]\n바람이 불어와\n[chorus]\n노래를 불러"])
def test_a_sketch_is_the_form_of_the_plan(lyrics: str) -> None:
    task = ComposeTask(genre="신나는 K-POP", lyrics=lyrics, duration=Seconds(30.0))

    def chance(purpose: str) -> random.Random:
        return random.Random(purpose)

    planned, sketched = plan(task, HouseBandOptions(), chance), sketch(task, HouseBandOptions(), chance)
    assert sketched.style == planned.score.style
    assert sketched.notices == planned.notices
    assert [(part.label, part.bars) for part in sketched.form.parts] == [
        (section.label, section.bars) for section in planned.score.sections
    ]
    assert sketched.form.length == planned.score.length


def test_a_few_lines_are_sung_once_where_there_is_no_time_for_more() -> None:
    def planned(duration: float) -> Plan:
        task = ComposeTask(
            genre="K-POP", lyrics="여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께", duration=Seconds(duration)
        )
        return plan(task, HouseBandOptions(), lambda purpose: random.Random(purpose))

    def sung(plan: Plan) -> int:
        return sum(len(section.lines) for section in plan.score.sections)

    assert (sung(planned(30.0)), sung(planned(12.0))) == (4, 2)
    assert "the words are sung once" in planned(12.0).notices[0].en
