"""What descriptions ask for, and what they leave open."""

from __future__ import annotations

import pytest

from pansori.lexicon.music import Key, key_name, korean_key, korean_key_name
from pansori.lexicon.wishes import Wishes, read_wishes


def test_what_is_not_said_stays_open() -> None:
    assert read_wishes("something nobody ever heard of") == Wishes()


@pytest.mark.parametrize(
    "text",
    [
        "느린 발라드, 피아노만",
        "피아노 솔로",
        "solo piano",
        "only piano, slow",
        "just a piano",
        "piano only",
        "피아노 독주",
    ],
)
def test_one_instrument_alone(text: str) -> None:
    wishes = read_wishes(text)
    assert wishes.only
    assert [instrument.part for instrument in wishes.instruments] == ["keys"]


@pytest.mark.parametrize("text", ["a cappella", "아카펠라로 불러 줘", "무반주"])
def test_nobody_plays(text: str) -> None:
    assert read_wishes(text).only
    assert read_wishes(text).instruments == ()


@pytest.mark.parametrize("text", ["피아노와 바이올린", "lonely piano", "the only piano ballad I know", "피아노 만세"])
def test_others_may_play_too(text: str) -> None:
    wishes = read_wishes(text)
    assert wishes.instruments
    assert not wishes.only or "only piano" in text


@pytest.mark.parametrize("text", ["노래 하나 부탁드릴게요", "할머니 칠순 잔치", "빠르기는 알아서 해 주시고요"])
def test_words_inside_other_words_are_not_heard(text: str) -> None:
    wishes = read_wishes(text)
    assert wishes.genre is None
    assert 6 not in wishes.moods


def test_keys_have_korean_names() -> None:
    assert [korean_key(name) for name in ("C major", "F# minor", "Bb major", "Eb minor")] == [
        "다장조",
        "올림바단조",
        "내림나장조",
        "내림마단조",
    ]
    assert korean_key("atonal") == "atonal"
    assert korean_key(key_name(Key(6, "minor"))) == korean_key_name(Key(6, "minor"))
