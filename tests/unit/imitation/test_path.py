"""Warping: against a plain recursion, and by its laws."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from pansori.engines.analyze.imitation.path import squared, warp

COSTS = arrays.arrays(
    np.float32, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(0, 9).map(np.float32)
)


def cheapest(costs: np.ndarray, stay: float) -> float:
    """By the definition, cell by cell."""
    total = np.full(costs.shape, np.inf)
    for row, column in np.ndindex(*costs.shape):
        cost = float(costs[row, column])
        ways = [cost + stay] if (row, column) == (0, 0) else []
        if row and column:
            ways.append(total[row - 1, column - 1] + 2 * cost)
        if row:
            ways.append(total[row - 1, column] + cost + stay)
        if column:
            ways.append(total[row, column - 1] + cost + stay)
        total[row, column] = min(ways)
    return float(total[-1, -1])


@settings(deadline=None, max_examples=150)
@given(COSTS, st.sampled_from([0.0, 0.5, 2.0]))
def test_the_path_is_the_cheapest(costs: np.ndarray, stay: float) -> None:
    path = warp(costs, stay=stay)
    rows, columns = np.diff(path.rows), np.diff(path.columns)
    assert (path.rows[0], path.columns[0]) == (0, 0)
    assert (path.rows[-1], path.columns[-1]) == (costs.shape[0] - 1, costs.shape[1] - 1)
    assert ((rows >= 0) & (rows <= 1) & (columns >= 0) & (columns <= 1) & (rows + columns > 0)).all()
    diagonal = rows + columns == 2
    paid = path.costs[0] + stay + np.sum(path.costs[1:] * np.where(diagonal, 2, 1) + np.where(diagonal, 0, stay))
    assert paid == pytest.approx(cheapest(costs, stay), abs=1e-4)


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.integers(0, 1000))
def test_a_sequence_goes_with_itself(count: int, seed: int) -> None:
    features = np.random.default_rng(seed).standard_normal((count, 5))
    costs = squared(features, features)
    path = warp(costs, stay=0.1)
    assert path.rows.tolist() == path.columns.tolist() == list(range(count))
    assert not path.costs.any()
    assert path.columns_of(count).tolist() == list(range(count))
    assert path.costs_of(count).tolist() == [0.0] * count


def test_what_is_held_twice_as_long_is_found() -> None:
    features = np.repeat(np.arange(6.0)[:, None], 2, axis=1)
    path = warp(squared(features, np.repeat(features, 2, axis=0)), stay=0.1)
    assert path.columns_of(6) == pytest.approx(np.arange(6) * 2 + 0.5)
