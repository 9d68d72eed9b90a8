from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.api.prefer import LONGEST_WAIT, wait_of


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("respond-async", None),
        ("wait=10", 10),
        ("WAIT = 10", 10),
        ('wait="5"', 5),
        ("respond-async, wait=3; foo=bar", 3),
        ("wait=2, wait=9", 2),  # RFC 7240, section 2: only the first counts
        ("wait=0", 0),
        ("wait=-1", None),
        ("wait=99999", LONGEST_WAIT),
        ("wait=soon", None),
    ],
)
def test_wait_is_read_as_rfc_7240_has_it(header: str | None, seconds: float | None) -> None:
    assert wait_of(header) == seconds


@given(st.text(max_size=100))
def test_no_header_breaks_it(header: str) -> None:
    wait = wait_of(header)
    assert wait is None or 0 <= wait <= LONGEST_WAIT
