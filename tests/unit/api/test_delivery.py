from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.api.delivery import content_disposition


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("song.mp3", 'attachment; filename="song.mp3"'),
        ('a "b".mp3', "attachment; filename=\"a _b_.mp3\"; filename*=UTF-8''a%20%22b%22.mp3"),
        ("여름.mp3", "attachment; filename=\"__.mp3\"; filename*=UTF-8''%EC%97%AC%EB%A6%84.mp3"),
    ],
)
def test_names_are_told_as_rfc_6266_has_it(name: str, header: str) -> None:
    assert content_disposition(name, "attachment") == header


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=50))
def test_every_name_survives_and_none_breaks_out_of_its_header(name: str) -> None:
    header = content_disposition(name, "inline")
    assert header.isascii()
    assert header.isprintable()
    encoded = re.search(r"filename\*=UTF-8''(\S+)$", header)
    plain = re.search(r'filename="([^"]*)"', header)
    assert plain is not None
    assert (unquote(encoded[1]) if encoded else plain[1]) == name
