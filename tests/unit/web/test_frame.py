"""What a page tells of itself, and where it lets one go on."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.api.prefer import prefers_page
from pansori.settings import Settings
from pansori.web.frame import own_path
from pansori.web.site import files_origin

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    "accept", [BROWSER, "text/html", "text/html;q=0.5, application/json;q=0.4", "application/xhtml+xml", "TEXT/HTML"]
)
def test_readers_prefer_a_page(accept: str) -> None:
    assert prefers_page(accept)


@pytest.mark.parametrize(
    "accept",
    [
        None,
        "",
        "*/*",
        "application/json",
        "text/html;q=0",
        "application/json, text/html;q=0.9",
        "text/*",
        "text/html;q=x,",
    ],
)
def test_programs_do_not(accept: str | None) -> None:
    assert not prefers_page(accept)


@given(st.text(max_size=300))
def test_any_wish_is_understood_somehow(accept: str) -> None:
    assert prefers_page(accept) in (True, False)


@pytest.mark.parametrize("path", ["/", "/app/make?prompt=%EB%B0%A4", "/app/tracks/1#shared"])
def test_one_goes_on_to_a_page_of_ours(path: str) -> None:
    assert own_path(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "//evil.example",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "app",
        "/a\r\nSet-Cookie: x",
        "/\x00",
        "\\\\evil",
    ],
)
def test_and_never_elsewhere(path: str) -> None:
    assert own_path(path) == "/"


@given(st.text(max_size=100))
def test_wherever_a_form_points(path: str) -> None:
    kept = own_path(path)
    assert kept.startswith("/")
    assert not kept.startswith(("//", "/\\"))


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        ({}, ""),
        ({"aws_endpoint_url": "https://s3.example:9000/x"}, ""),
        ({"s3_redirect": True, "aws_endpoint_url": "https://s3.example:9000/x"}, "https://s3.example:9000"),
        ({"s3_redirect": True}, "https://*.amazonaws.com"),
    ],
)
def test_pages_play_what_the_store_sends_them_to(settings: dict[str, Any], origin: str) -> None:
    assert files_origin(Settings.model_construct(**settings)) == origin
