"""Dynamic time warping: which moment of one sequence belongs to which of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Values = npt.NDArray[np.float64]
_ROUNDING = 1e-4  # of a feature's deviation, squared: more than single precision leaves of a difference of equals
_DIAGONAL, _DOWN, _ACROSS = 0, 1, 2


@dataclass(frozen=True)
class Path:
    """Pairs from the first of both to the last of both, neither ever going back."""

    rows: npt.NDArray[np.intp]
    columns: npt.NDArray[np.intp]
    costs: Values  #: of each pair

    def columns_of(self, count: int) -> Values:
        """The mean column of each row, shape [count]."""
        return np.bincount(self.rows, self.columns, count) / np.bincount(self.rows, minlength=count)

    def costs_of(self, count: int) -> Values:
        """The mean cost of each row, shape [count]."""
        return np.bincount(self.rows, self.costs, count) / np.bincount(self.rows, minlength=count)


def squared(rows: Values, columns: Values) -> npt.NDArray[np.float32]:
    """Squared Euclidean distances of feature vectors: shapes [n, d] and [m, d] give [n, m]. What is the same has 0."""
    a, b = rows.astype(np.float32), columns.astype(np.float32)
    found = np.square(a).sum(axis=1)[:, None] + np.square(b).sum(axis=1)[None] - 2 * a @ b.T
    return np.asarray(np.where(found > _ROUNDING * a.shape[1], found, 0.0))


def warp(costs: npt.NDArray[np.float32], *, stay: float) -> Path:
    """The cheapest path through `costs`, shape [n, m], each at least 1.

    Steps and weights are the symmetric ones of H. Sakoe and S. Chiba ("Dynamic programming algorithm optimization for
    spoken word recognition", IEEE Trans. ASSP 26, 1978), P = 0: a step in both counts twice. `stay` is added to each
    step in one alone, so that among equals the path that goes on evenly wins.
    """
    count, width = costs.shape
    steps = np.zeros((count, width), dtype=np.int8)
    total = np.cumsum(costs[0].astype(np.float64) + stay)
    steps[0] = _ACROSS
    for row in range(1, count):
        cost = costs[row].astype(np.float64)
        down = total + cost + stay
        diagonal = np.concatenate(([np.inf], total[:-1] + 2 * cost[1:]))
        best = np.minimum(diagonal, down)
        steps[row] = np.where(down < diagonal, _DOWN, _DIAGONAL)
        # Staying in the row: total[j] = min over k ≤ j of best[k] + the costs between, taken at once for all j.
        between = np.cumsum(cost + stay)
        total = between + np.minimum.accumulate(best - between)
        steps[row, 1:][total[1:] < best[1:] - 1e-9] = _ACROSS
    return _traced(steps, costs)


def _traced(steps: npt.NDArray[np.int8], costs: npt.NDArray[np.float32]) -> Path:
    row, column = steps.shape[0] - 1, steps.shape[1] - 1
    pairs = [(row, column)]
    while row or column:
        step = steps[row, column] if row else _ACROSS
        row -= step != _ACROSS
        column -= step != _DOWN
        pairs.append((row, column))
    rows, columns = (np.array(side[::-1], dtype=np.intp) for side in zip(*pairs, strict=True))
    return Path(rows, columns, costs[rows, columns].astype(np.float64))
