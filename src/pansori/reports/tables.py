"""An analysis as one row of a table."""

from __future__ import annotations

import csv
import io
from typing import Any

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Part


def flat(analysis: JsonDict) -> dict[str, Any]:
    """Every measure that is one number or name, by `group.name`; empty where it is refused. Then why, as
    `group.name.refused`. `analysis`: an `Analysis` as JSON has it."""
    told = {f"format.{name}": value for name, value in analysis["format"].items()}
    told["kind"] = analysis["kind"]["value"]
    for part in Part:
        for name, measure in (analysis.get(part.value) or {}).items():
            if measure["refused"] is not None:
                told[f"{part}.{name}"] = ""
                told[f"{part}.{name}.refused"] = measure["refused"]["code"]
            elif isinstance(measure["value"], bool | int | float | str):
                told[f"{part}.{name}"] = measure["value"]
    return told


def table(rows: list[dict[str, Any]]) -> str:
    """As CSV, with a column for whatever any row has."""
    columns = {name: None for row in rows for name in row}  # in the order in which they are first seen
    text = io.StringIO()
    writer = csv.DictWriter(text, list(columns), restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
