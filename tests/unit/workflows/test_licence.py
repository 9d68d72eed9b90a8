"""A track says under what its engine may be used, code and weights alike."""

from __future__ import annotations

import pytest

from pansori.engines.base import Card
from pansori.workflows.generation import licence_of


@pytest.mark.parametrize(
    ("weights", "told"),
    [(None, "code MIT"), ("CC-BY-NC-4.0", "code MIT, weights CC-BY-NC-4.0")],
)
def test_both_are_told(weights: str | None, told: str) -> None:
    assert licence_of(Card(summary="", code_licence="MIT", weights_licence=weights)) == told
