"""Two analyses beside each other: values with their differences, and their curves in one plot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pansori.domain.errors import Language, Text
from pansori.engines.analyze.measure import Curve, Measure
from pansori.engines.analyze.schema import Analysis
from pansori.reports.answers import lines_of, number, unit_of
from pansori.reports.canvas import Area, curve, legend, steps, time_scale, value_scale
from pansori.reports.plots import Plot
from pansori.reports.words import NAMES, QUESTIONS

ALONE: Final = frozenset({"signal.waveform", "fingerprint.samples_sha256", "fingerprint.chroma_print"})
"""What says nothing beside another's."""
APART: Final = {"LUFS": "LU", "dBFS": "dB", "dBTP": "dB"}
"""In what levels differ that are told against a full scale."""
RELATIVE: Final = frozenset({"BPM", "Hz"})  #: units whose differences people hear as parts

POINTS: Final = Text(" points", "%p")  #: of percent: what shares differ by is no share of either

Points = list[tuple[float, float | None]]


@dataclass(frozen=True)
class Compared:
    """One measure of both, in words. `difference`: of the second against the first, where both are numbers; `same`:
    there is none. A value that is refused is empty."""

    name: str
    first: str
    second: str
    difference: str
    same: bool


@dataclass(frozen=True)
class ComparedQuestion:
    question: str
    rows: tuple[Compared, ...]


def compare(first: Analysis, second: Analysis, language: Language) -> tuple[ComparedQuestion, ...]:
    """Every measure that both may have, under its question. Questions that neither answers are left out."""
    found = []
    for question in QUESTIONS:
        names = [one for one in (*question.answers, *question.measures) if one not in ALONE]
        rows = [row for name in names if (row := _row(name, first, second, language)) is not None]
        if rows:
            found.append(ComparedQuestion(question.text.in_language(language), tuple(rows)))
    return tuple(found)


def measure_of(analysis: Analysis, name: str) -> Measure[Any] | None:
    """`name`: as `group.field`. None: it was not asked for."""
    part, _, field = name.partition(".")
    group = getattr(analysis, part)
    return getattr(group, field) if group is not None else None


def _row(name: str, first: Analysis, second: Analysis, language: Language) -> Compared | None:
    one, other = measure_of(first, name), measure_of(second, name)
    told = [" · ".join(lines_of(m.value, unit_of(name, m), language)) if m is not None else "" for m in (one, other)]
    if not any(told):
        return None
    values = [m.value if m is not None else None for m in (one, other)]
    unit = next(unit_of(name, m) for m in (one, other) if m is not None)
    return Compared(
        name=NAMES[name].in_language(language),
        first=told[0],
        second=told[1],
        difference=_difference(values[0], values[1], unit, language),
        same=values[0] is not None and values[0] == values[1],
    )


def _difference(first: object, second: object, unit: str, language: Language) -> str:
    if not (_is_number(first) and _is_number(second)):
        return ""
    assert isinstance(first, int | float)
    assert isinstance(second, int | float)
    apart = second - first
    told = ("+" if apart > 0 else "") + _apart(apart, unit, language)
    part = f" ({(second / first - 1):+.1%})".replace("-", "−") if unit in RELATIVE and first else ""
    return told + part if apart else ""


def _apart(value: float, unit: str, language: Language) -> str:
    told = number(value, APART.get(unit, unit), language)
    return told.replace(" %", POINTS.in_language(language)) if unit == "%" else told


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


# -- curves ------------


def compared_plots(first: Analysis, second: Analysis, names: tuple[str, str], language: Language) -> tuple[Plot, ...]:
    """Curves that both have, the first one's in vermilion and the second one's in jade. `names`: of the recordings."""
    found = []
    for key, title, unit, read in CURVES:
        both = (read(first), read(second))
        known = [[value for _, value in points if value is not None] for points in both]
        if all(known):
            duration = max(first.format.duration, second.format.duration)
            found.append(_drawn(key, title, unit, both, duration, names, logarithmic=unit == "Hz"))
    return tuple(found)


def _drawn(
    key: str,
    title: Text,
    unit: str,
    both: tuple[Points, Points],
    duration: float,
    names: tuple[str, str],
    *,
    logarithmic: bool,
) -> Plot:
    known = [value for points in both for _, value in points if value is not None]
    low, high = min(known), max(known)
    room = 0.0 if logarithmic else max(0.06 * (high - low), 0.5)
    edges = (0.94 * low, 1.06 * high) if logarithmic else (low - room, high + room)
    area = Area(duration, *edges, logarithmic=logarithmic)

    def parts() -> Iterator[str]:
        yield from time_scale(area)
        yield from value_scale(area, steps(area.lowest, area.highest), unit)
        yield curve(area, both[0], "accent")
        yield curve(area, both[1], "jade")
        yield from legend([(_short(name), colour) for name, colour in zip(names, ("accent", "jade"), strict=True)])

    return Plot(key, title, area.total, "\n".join(part for part in parts() if part), area, unit)


def _short(name: str) -> str:
    return name if len(name) <= 24 else name[:23] + "…"


def _curve(part: str, field: str, floor: float | None = None) -> Callable[[Analysis], Points]:
    def read(analysis: Analysis) -> Points:
        measure = measure_of(analysis, f"{part}.{field}")
        found = measure.value if measure is not None else None
        if isinstance(found, Curve):
            points: Points = [(found.start + at * found.step, value) for at, value in enumerate(found.values)]
        else:
            points = list(found or ())
        return [(time, value if value is None or floor is None or value > floor else None) for time, value in points]

    return read


CURVES: Final[Sequence[tuple[str, Text, str, Callable[[Analysis], Points]]]] = (
    ("tempo", Text("Tempo over time", "시간에 따른 템포"), "BPM", _curve("music", "tempo_curve")),
    ("pitch", Text("Pitch over time", "시간에 따른 음높이"), "Hz", _curve("voice", "f0")),
    ("melody", Text("Pitch of the melody", "선율의 음높이"), "Hz", _curve("music", "melody")),
    ("loudness", Text("Loudness over time", "시간에 따른 음량"), "LUFS", _curve("loudness", "short_term", -70.0)),
    ("momentary", Text("Loudness, 0.4 s", "음량(0.4초)"), "LUFS", _curve("loudness", "momentary", -70.0)),
)
