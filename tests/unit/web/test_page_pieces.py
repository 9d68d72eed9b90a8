"""Small things that pages are put together from."""

from __future__ import annotations

import pytest

from pansori.domain.errors import Language, Text
from pansori.web.pages.account import client_name
from pansori.web.pages.library import Choice
from pansori.web.pages.templates import Piece, pieces_of
from pansori.web.words import Told

FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:140.0) Gecko/20100101 Firefox/140.0"
CHROME = "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Edg/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1 Version/18.5 Safari/604.1"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        (FIREFOX, "Firefox · macOS"),
        (CHROME, "Chrome · Android"),
        (EDGE, "Edge · Windows"),
        (SAFARI, "Safari · iPhone"),
        ("curl/8.14.1", "curl/8.14.1"),
        ("", ""),
        ("x" * 500, "x" * 60),
    ],
    ids=["firefox", "chrome", "edge", "safari", "curl", "nothing", "long"],
)
def test_clients_are_called_as_people_call_them(header: str, name: str) -> None:
    assert client_name(header) == name


def test_a_prompt_is_cut_at_its_blanks() -> None:
    assert pieces_of("{who} on {day=Monday}, {who=all}!") == [
        Piece("all", "who"),
        Piece(" on "),
        Piece("Monday", "day"),
        Piece(", "),
        Piece("all", "who"),
        Piece("!"),
    ]
    assert pieces_of("no blanks") == [Piece("no blanks")]


def test_the_librarys_address_says_what_is_not_usual() -> None:
    assert Choice().path() == "/app/library"
    assert Choice("비", "title", favourites=True).path() == "/app/library?q=%EB%B9%84&sort=title&favourites=1"
    assert Choice("a").path(sort="-created_at", cursor="x") == "/app/library?q=a&cursor=x"


@pytest.mark.parametrize(("language", "told"), [("en", "Delete “여름밤”? 1,234"), ("ko", "“여름밤”을 지울까요? 1,234")])
def test_particles_stand_behind_quotation_marks_and_counts_have_commas(language: Language, told: str) -> None:
    words = {"sure": Text("Delete {title}? {n}", "{title|을/를} 지울까요? {n}")}
    assert Told(language, words)("sure", title="“여름밤”", n=1234) == told
