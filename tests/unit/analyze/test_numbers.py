"""Rows of numbers, of which some are missing, in curves."""

from __future__ import annotations

import json
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Curve
from pansori.engines.analyze.numbers import Numbers

ROWS = st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False), max_size=20)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_they_are_what_they_were_made_of(row: list[float | None]) -> None:
    numbers = Numbers(row)
    assert list(numbers) == row
    assert numbers == row == [numbers[at] for at in range(len(numbers))]
    assert numbers == tuple(row)
    assert numbers != [*row, 1.0]
    assert numbers[1:-1] == row[1:-1]
    assert hash(numbers) == hash(Numbers(tuple(row)))
    np.testing.assert_array_equal(np.array(numbers), np.array(row, dtype=float))


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_a_curve_is_the_same_from_json_and_from_plain_data(row: list[float | None]) -> None:
    curve = Curve(start=Seconds(0.0), step=Seconds(0.1), values=Numbers(row))
    assert json.loads(curve.model_dump_json())["values"] == row
    assert Curve.model_validate_json(curve.model_dump_json()) == curve
    assert Curve.model_validate(curve.model_dump()) == curve
    assert Curve.model_validate({"start": 0.0, "step": 0.1, "values": tuple(row)}) == curve


def test_what_is_not_finite_is_missing_in_what_is_measured_and_refused_in_what_is_read() -> None:
    measured = Curve.of(np.array([1.0, np.nan, np.inf, -2.00004]), start=0.0, step=0.1)
    assert list(measured.values) == [1.0, None, None, -2.0]
    for wrong in ("inf", float("nan"), "much"):
        with pytest.raises(ValidationError):
            Curve.model_validate({"start": 0.0, "step": 0.1, "values": [1.0, wrong]})


def test_a_number_takes_eight_bytes() -> None:
    values = np.random.default_rng(0).standard_normal(100_000)
    tracemalloc.start()
    try:
        numbers = Numbers.of(values)
        assert tracemalloc.get_traced_memory()[0] < 10 * len(numbers)
    finally:
        tracemalloc.stop()
