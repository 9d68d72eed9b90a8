"""Words of the pages, in both languages, with what is put into them."""

from __future__ import annotations

import pytest

from pansori.domain.errors import Text
from pansori.web.words import FRAME, Told


def test_words_are_found_in_order_and_filled() -> None:
    own = {"name": Text("own", "제"), "made": Text("made {title}", "{title|을/를} 만들었어요")}
    assert Told("en", own, FRAME)("name") == "own"
    assert Told("en", own, FRAME)("play") == "Play"
    assert Told("ko", own)("made", title="바람") == "바람을 만들었어요"
    assert Told("ko", own)("made", title="바다") == "바다를 만들었어요"
    assert Told("en", own)("made", title="{x}") == "made {x}"


def test_one_is_told_apart_from_many() -> None:
    words = {"songs": Text("{n} songs", "{n}곡"), "songs.one": Text("{n} song", "{n}곡")}
    t = Told("en", words)
    assert [t("songs", n=n) for n in (0, 1, 2)] == ["0 songs", "1 song", "2 songs"]


def test_words_that_are_not_there_are_missed() -> None:
    with pytest.raises(KeyError, match="nowhere"):
        Told("en", FRAME)("nowhere")


@pytest.mark.parametrize(
    ("label", "told"),
    [("chorus", "후렴"), ("Verse 2", "절"), ("pre-chorus", "프리코러스"), ("간주", "간주"), ("???", "???")],
)
def test_sections_have_words_or_their_own_name(label: str, told: str) -> None:
    assert Told("ko", {}).section(label) == told


def test_unknown_stages_are_still_being_made() -> None:
    assert Told("en", {}).stage("frobnicate") == "Being made"
