"""What plots are drawn with: an area with a scale of time below and one of values at its left, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from string import Template
from typing import Final

WIDTH: Final = 960
LEFT, RIGHT, TOP, BOTTOM = 60, 12, 26, 30
INNER: Final = WIDTH - LEFT - RIGHT
MOST_TICKS: Final = 12
LETTER: Final = 7.4  #: pixels of one at 13 px, about

LIGHT: Final = {
    "paper": "#FDFBF6",
    "ink": "#1F1B16",
    "soft": "#645B4E",
    "line": "#D9D0BF",
    "accent": "#B83A24",
    "jade": "#1A706A",
    "amber": "#7D5200",
}
DARK: Final = {
    "paper": "#1D1914",
    "ink": "#EFE8DA",
    "soft": "#B0A594",
    "line": "#3A332A",
    "accent": "#E8694F",
    "jade": "#3FB0A7",
    "amber": "#E0A53A",
}
SHAPES: Final = """
.plot text { font-family: Pretendard, "Noto Sans KR", "Noto Sans CJK KR", "Apple SD Gothic Neo", sans-serif }
.plot text { font-size: 13px } .plot .at-end { text-anchor: end } .plot .at-middle { text-anchor: middle }
.plot path, .plot .frame { fill: none } .plot .wave { fill-opacity: .75; stroke: none }
.plot .band { fill-opacity: .4; stroke: none } .plot .curve { stroke-width: 1.6; stroke-linejoin: round }
.plot .fine { stroke-width: 1 } .plot .dotted { stroke-dasharray: 2 4 } .plot .faint { stroke-opacity: .45 }
.plot .formant { stroke: #7FE3DA; stroke-width: 1.8; stroke-linecap: round }
"""
COLOURS: Final = """
.plot .paper { fill: $paper } .plot text { fill: $ink } .plot text.soft { fill: $soft } .plot .frame { stroke: $line }
.plot .rule { stroke: $line } .plot .band { fill: $line } .plot .wave { fill: $ink } .plot .ink { stroke: $ink }
.plot .accent { stroke: $accent } .plot .jade { stroke: $jade } .plot .amber { stroke: $amber }
.plot text.accent { fill: $accent; stroke: none } .plot text.jade { fill: $jade; stroke: none }
.plot text.amber { fill: $amber; stroke: none }
"""


def style(*, dark: bool) -> str:
    """`dark`: also for screens that are."""
    light = SHAPES + Template(COLOURS).substitute(LIGHT)
    if not dark:
        return light
    return light + f"@media (prefers-color-scheme: dark) {{{Template(COLOURS).substitute(DARK)}}}\n"


def clock(seconds: float, *, fine: bool = False) -> str:
    """`1:05`; with tenths where steps are short."""
    if fine:
        return f"{int(seconds // 60)}:{seconds % 60:04.1f}"
    whole = round(seconds)
    hours = f"{whole // 3600}:{whole // 60 % 60:02d}" if whole >= 3600 else f"{whole // 60}"
    return f"{hours}:{whole % 60:02d}"


@dataclass(frozen=True)
class Area:
    """Where values stand. `lowest` and `highest` are at the bottom and at the top."""

    duration: float
    lowest: float
    highest: float
    height: float = 180.0
    logarithmic: bool = False

    def x(self, seconds: float) -> float:
        return LEFT + INNER * min(max(seconds / max(self.duration, 1e-9), 0.0), 1.0)

    def y(self, value: float) -> float:
        turn: Callable[[float], float] = math.log if self.logarithmic else float
        low, high = turn(self.lowest), turn(self.highest)
        share = (turn(max(value, self.lowest)) - low) / max(high - low, 1e-12)
        return TOP + self.height * (1 - min(share, 1.0))

    @property
    def bottom(self) -> float:
        return TOP + self.height

    @property
    def total(self) -> float:
        return self.bottom + BOTTOM


def text(x: float, y: float, content: str, style: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" class="{style}">{escape(content)}</text>'


def time_scale(area: Area) -> Iterator[str]:
    steps = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 3600)
    step = next((one for one in steps if area.duration / one <= MOST_TICKS), 7200)
    yield f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{INNER}" height="{area.height:.1f}"/>'
    for number in range(int(area.duration / step + 1e-9) + 1):
        at = area.x(number * step)
        yield f'<path class="rule" d="M{at:.1f} {area.bottom:.1f}v4"/>'
        anchor = "at-middle" if at < WIDTH - RIGHT - 12 else "at-end"
        yield text(at, area.bottom + 18, clock(number * step, fine=step < 1), f"soft {anchor}")


def value_scale(area: Area, values: Iterable[float], unit: str, *, rules: bool = True) -> Iterator[str]:
    for value in values:
        y = area.y(value)
        if rules:
            yield f'<path class="rule" d="M{LEFT} {y:.1f}h{INNER}"/>'
        yield text(LEFT - 6, y + 4.5, f"{value:g}".replace("-", "−"), "soft at-end")
    yield text(LEFT - 6, TOP - 9, unit, "soft at-end")


def steps(lowest: float, highest: float, most: int = 6) -> list[float]:
    """Round values from `lowest` to `highest`."""
    span = max(highest - lowest, 1e-9)
    unit = 10 ** math.floor(math.log10(span / most))
    step = next(unit * factor for factor in (1, 2, 5, 10, 20) if span / (unit * factor) <= most)
    first = math.ceil(lowest / step - 1e-9)
    return [round(number * step, 10) for number in range(first, math.floor(highest / step + 1e-9) + 1)]


def curve(area: Area, points: Iterable[tuple[float, float | None]], style: str) -> str:
    """A line through the points, broken where there is no value. More points than pixels are thinned, and more breaks
    than pixels too."""
    strokes, pen, last = [], "M", -math.inf
    for time, value in points:
        if value is None or value < area.lowest:
            pen = "M"
            continue
        x = area.x(time)
        if x - last < 0.5:
            continue
        strokes.append(f"{pen}{x:.1f} {area.y(value):.1f}")
        if pen == "M":
            strokes.append("h.1")  # a lone value is seen too
        pen, last = "L", x
    return f'<path class="curve {style}" d="{"".join(strokes)}"/>' if strokes else ""


def ticks(area: Area, times: Sequence[float], top: float, length: float, style: str) -> str:
    """A stroke down at each time; fewer where they would touch."""
    strokes, last = [], -math.inf
    for time in times:
        x = area.x(time)
        if x - last >= 1.5:
            strokes.append(f"M{x:.1f} {top:.1f}v{length:.1f}")
            last = x
    return f'<path class="fine {style}" d="{"".join(strokes)}"/>' if strokes else ""


def bands(area: Area, spans: Sequence[tuple[float, float, str]], *, shaded: bool = True) -> Iterator[str]:
    """Every second span shaded, and their names above where there is room."""
    for number, (start, end, name) in enumerate(spans):
        left, right = area.x(start), area.x(end)
        if shaded and number % 2 == 0:
            yield (
                f'<rect class="band" x="{left:.1f}" y="{TOP}" width="{max(right - left, 0.5):.1f}" '
                f'height="{area.height:.1f}"/>'
            )
        if right - left > LETTER * len(name) + 6:
            yield text(left + 3, TOP - 8, name, "soft")


def legend(entries: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Names in the colours of their curves, from the right."""
    x = float(WIDTH - RIGHT)
    for name, colour in reversed(entries):
        yield text(x, TOP - 9, name, f"{colour} at-end")
        x -= 14 + sum(LETTER * (1.7 if ord(letter) > 0x1100 else 1.0) for letter in name)
