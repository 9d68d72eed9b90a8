"""Layers in the formats of Praat, Audacity and Sonic Visualiser."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from pansori.engines.analyze.measure import Label
from pansori.engines.analyze.schema import Analysis
from pansori.reports.layers import Instants, Layer, Stretches, layers

TIMES = 6  #: decimals: microseconds


def textgrid(analysis: Analysis) -> str:
    """Praat's TextGrid in its long text form: instants become tiers of points, stretches tiers of intervals. A curve
    has no place in it. Raises nothing; without any layer it has no tier."""
    end = float(analysis.format.duration)
    tiers = [tier for layer in layers(analysis) for tier in _tier(layer, end)]
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0 ",
        f"xmax = {end!r} ",
        "tiers? <exists> ",
        f"size = {len(tiers)} ",
        "item []: ",
    ]
    for number, tier in enumerate(tiers, 1):
        lines += [f"    item [{number}]:", *(f"        {line}" for line in tier)]
    return "\n".join(lines) + "\n"


def _tier(layer: Layer, end: float) -> Iterator[list[str]]:
    if isinstance(layer, Instants):
        yield _point_tier(layer, end)
    elif isinstance(layer, Stretches):
        yield _interval_tier(layer, end)


def _head(kind: str, name: str, end: float) -> list[str]:
    return [f'class = "{kind}"', f"name = {_quoted(name)}", "xmin = 0", f"xmax = {end!r}"]


def _point_tier(layer: Instants, end: float) -> list[str]:
    marks = dict(zip(layer.times, layer.labels, strict=True))  # Praat has no two points at one time
    inside = sorted((time, mark) for time, mark in marks.items() if 0 <= time <= end)
    lines = [*_head("TextTier", layer.name, end), f"points: size = {len(inside)}"]
    for number, (time, mark) in enumerate(inside, 1):
        lines += [f"points [{number}]:", f"    number = {time!r}", f"    mark = {_quoted(mark)}"]
    return lines


def _interval_tier(layer: Stretches, end: float) -> list[str]:
    found = filled(layer.spans, end)
    lines = [*_head("IntervalTier", layer.name, end), f"intervals: size = {len(found)}"]
    for number, (start, stop, label) in enumerate(found, 1):
        lines += [f"intervals [{number}]:", f"    xmin = {start!r}", f"    xmax = {stop!r}"]
        lines.append(f"    text = {_quoted(label)}")
    return lines


def filled(spans: Sequence[Label], end: float) -> list[tuple[float, float, str]]:
    """Intervals that cover all from 0 to `end` without gap or overlap; the empty ones have no label."""
    found: list[tuple[float, float, str]] = []
    at = 0.0
    for one in spans:
        start, stop = max(float(one.start), at), min(float(one.end), end)
        if stop <= start:
            continue
        if start > at:
            found.append((at, start, ""))
        found.append((start, stop, one.label))
        at = stop
    if at < end:
        found.append((at, end, ""))
    return found


def _quoted(text: str) -> str:
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


def audacity(analysis: Analysis) -> dict[str, str]:
    """Layer → the text of a label track, which is what Audacity imports from one file. Curves have no place in it."""
    return {layer.name: _labels(layer) for layer in layers(analysis) if isinstance(layer, Instants | Stretches)}


def _labels(layer: Instants | Stretches) -> str:
    """Start, end and label with tabs between, a line each; moments end where they start."""
    if isinstance(layer, Instants):
        rows = [(time, time, label) for time, label in zip(layer.times, layer.labels, strict=True)]
    else:
        rows = [(one.start, one.end, one.label) for one in layer.spans]
    return "".join(f"{start:.{TIMES}f}\t{end:.{TIMES}f}\t{label}\n" for start, end, label in rows)


def sonic_visualiser(analysis: Analysis) -> dict[str, str]:
    """Layer → a table without a header, as Sonic Visualiser exports layers and takes them in again: time, label of
    instants; time, value of curves; time, value, duration, label of regions, whose value is the label's number."""
    return {layer.name: _table(layer) for layer in layers(analysis)}


def _table(layer: Layer) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    if isinstance(layer, Instants):
        table.writerows((_time(time), label) for time, label in zip(layer.times, layer.labels, strict=True))
    elif isinstance(layer, Stretches):
        numbers: dict[str, int] = {}
        for one in layer.spans:
            number = numbers.setdefault(one.label, len(numbers) + 1)
            table.writerow((_time(one.start), number, _time(one.end - one.start), one.label))
    else:
        table.writerows((_time(time), f"{value:g}") for time, value in layer.points)
    return text.getvalue()


def _time(seconds: float) -> str:
    return f"{seconds:.{TIMES}f}"
