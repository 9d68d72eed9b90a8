"""The example dashboard shows all that somebody who watches a server of analyses asks for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

BOARD = Path(__file__).parents[2] / "docs" / "operations" / "grafana.json"


@pytest.mark.parametrize(
    ("series", "by"),
    [
        ("pansori_jobs{", ("kind", "state")),
        ("pansori_queue_oldest_seconds{", ("queue",)),
        ("pansori_step_duration_seconds_bucket{", ("kind", "step")),
        ("pansori_engine_failures_total{", ("engine", "code")),
        ("pansori_http_requests_total{", ("status",)),
        ("pansori_http_response_seconds_bucket{", ("route",)),
    ],
    ids=lambda value: value.strip("{") if isinstance(value, str) else "",
)
def test_a_panel_shows_it_by_what_tells_it_apart(series: str, by: tuple[str, ...]) -> None:
    panels = json.loads(BOARD.read_text(encoding="utf-8"))["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    grouped = [expression.partition(")")[0] for expression in asked if series in expression]
    assert any(all(label in group for label in by) for group in grouped), asked
