from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.api.language import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-US,en;q=0.9,ko;q=0.8", "en"),
        ("ko;q=0", "en"),
        ("fr, de;q=0.5", "en"),
        ("*", "en"),
        ("ko;q=0.3, en;q=0.2", "ko"),
        ("KO-kr", "ko"),
        ("korean", "en"),
        ("ko;q=abc", "en"),
    ],
)
def test_the_better_liked_language_is_chosen(header: str, language: str) -> None:
    assert preferred(header) == language


@given(st.text(max_size=200))
def test_no_header_breaks_it(header: str) -> None:
    assert preferred(header) in ("en", "ko")
