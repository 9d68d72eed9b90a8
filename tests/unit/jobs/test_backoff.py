"""Pauses grow, up to a point, and never fail themselves."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.units import Seconds
from pansori.jobs._backoff import backoff


@pytest.mark.parametrize(("failures", "pause"), [(0, 0.0), (1, 0.5), (2, 1.0), (3, 2.0), (7, 32.0), (8, 60.0)])
def test_pauses_double_up_to_the_longest(failures: int, pause: float) -> None:
    assert backoff(Seconds(0.5), failures, Seconds(60.0)) == pause


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_they_never_shrink_however_often_it_failed(one: int, other: int) -> None:
    fewer, more = sorted((one, other))
    pauses = [backoff(Seconds(0.1), failures, Seconds(10.0)) for failures in (fewer, more)]
    assert pauses == sorted(pauses)
    assert pauses[1] <= 10.0
