"""What a comparison of two clips says, drawn: the attempt over its reference, on the reference's own time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pansori.domain.errors import Language, Text
from pansori.domain.units import Seconds
from pansori.engines.analyze.imitation.model import Imitation
from pansori.engines.analyze.measure import Curve, Span
from pansori.reports.canvas import RIGHT, TOP, WIDTH, Area, bands, curve, legend, steps, text, time_scale, value_scale
from pansori.reports.plots import Plot

REFERENCE: Final = Text("Reference", "기준")
ATTEMPT: Final = Text("Yours", "내 녹음")
ROWS: Final = (48.0, 110.0)  #: from the top of the picture of timing to the rows of the two clips
ROW: Final = 24.0  #: height of one
APART: Final = Seconds(0.25)  #: between moments that are joined where no words are known
EVEN: Final = 3.0  #: semitones or decibels that a scale shows at least to both sides

SAID: Final = Text("How alike the sounds are, along the reference", "기준 녹음을 따라 본 소리의 비슷한 정도")
TIMING: Final = Text("When each word is said", "단어를 말하는 때")
PITCH: Final = Text("Pitch, each about its own middle", "각자의 가운데 높이를 기준으로 본 음높이")
INTENSITY: Final = Text("Loudness, each about its own middle", "각자의 평균을 기준으로 본 세기")
SEMITONES: Final = Text("st", "반음")  #: as phoneticians write it: there is little room


def drawings(found: Imitation, language: Language) -> dict[str, Plot]:
    """Plots by the part that each belongs to: `words`, `timing`, `pitch`, `intensity`. One that there is nothing to
    see of is left out."""
    if found.contours is None:
        return {}
    contours, names = found.contours, (REFERENCE.in_language(language), ATTEMPT.in_language(language))
    pitch = (contours.reference_pitch, contours.attempt_pitch)
    intensity = (contours.reference_intensity, contours.attempt_intensity)
    drawn = {
        "words": _likeness(found, contours.likeness),
        "timing": _timing(found, names),
        "pitch": _pair("pitch", PITCH, found, pitch, names, SEMITONES.in_language(language)),
        "intensity": _pair("intensity", INTENSITY, found, intensity, names, "dB"),
    }
    return {name: plot for name, plot in drawn.items() if plot is not None}


def _pair(
    name: str, title: Text, found: Imitation, curves: tuple[Curve, Curve], names: tuple[str, str], unit: str
) -> Plot | None:
    """The reference's curve and the attempt's over it."""
    values = [value for one in curves for value in one.values if value is not None]
    if not values:
        return None
    area = Area(found.reference.duration, min(*values, -EVEN), max(*values, EVEN))

    def parts() -> Iterator[str]:
        yield from bands(area, _words(found))
        yield from time_scale(area)
        yield from value_scale(area, steps(area.lowest, area.highest), unit)
        yield curve(area, _points(curves[0]), "ink")
        yield curve(area, _points(curves[1]), "accent")
        yield from legend([(names[0], "soft"), (names[1], "accent")] if not found.each_word else [])

    return _plot(f"imitation-{name}", title, area, parts(), unit)


def _likeness(found: Imitation, likeness: Curve) -> Plot | None:
    if not any(value is not None for value in likeness.values):
        return None
    area = Area(found.reference.duration, 0.0, 1.0, height=96.0)

    def parts() -> Iterator[str]:
        yield from bands(area, _words(found))
        yield from time_scale(area)
        yield from value_scale(area, (0.0, 0.5, 1.0), "")
        yield curve(area, _points(likeness), "accent")

    return _plot("imitation-words", SAID, area, parts())


def _timing(found: Imitation, names: tuple[str, str]) -> Plot | None:
    """Two rows on one time, each from its own first sound on: what belongs together is joined."""
    pairs = [(word.text, word.reference, word.attempt) for word in found.each_word] or _moments(found)
    if not pairs:
        return None
    starts = [one.speech.start if one.speech else Seconds(0.0) for one in (found.reference, found.attempt)]
    end = max(one.end - start for _, *spans in pairs for one, start in zip(spans, starts, strict=True))
    area = Area(max(end, 0.1), 0.0, 1.0, height=ROWS[1] + ROW - TOP + 12)

    def parts() -> Iterator[str]:
        yield from time_scale(area)
        for row, name in zip(ROWS, names, strict=True):
            yield text(WIDTH - RIGHT - 6, row - 6, name, "soft at-end")
        for word, *spans in pairs:
            own = [(one.start - start, one.end - start) for one, start in zip(spans, starts, strict=True)]
            places = [(area.x(left), area.x(right)) for left, right in own]
            yield from _joined(word, places)

    return _plot("imitation-timing", TIMING, area, parts())


def _joined(word: str, places: list[tuple[float, float]]) -> Iterator[str]:
    """A word in both rows, and a line from where it begins in one to where it does in the other."""
    (above, _), (below, _) = places
    yield f'<path class="fine accent faint" d="M{above:.1f} {ROWS[0] + ROW:.1f}L{below:.1f} {ROWS[1]:.1f}"/>'
    for (left, right), row in zip(places, ROWS, strict=True):
        if word:
            width = max(right - left - 1, 1.0)
            yield f'<rect class="band" x="{left:.1f}" y="{row:.1f}" width="{width:.1f}" height="{ROW}"/>'
            yield from _label(word, left, width, row)
        else:
            yield f'<path class="fine ink" d="M{left:.1f} {row:.1f}v{ROW}"/>'


def _label(word: str, left: float, width: float, row: float) -> Iterator[str]:
    letters = sum(13.0 if ord(letter) > 0x1100 else 7.4 for letter in word)
    if letters + 6 <= width:
        yield text(left + 3, row + ROW / 2 + 4.5, word)


def _moments(found: Imitation) -> list[tuple[str, Span, Span]]:
    """Moments of the reference, and those of the attempt that belong to them."""
    assert found.contours is not None, "there is something to draw"
    course = found.contours.attempt_time
    every = max(1, round(APART / course.step))
    moments = []
    for number, value in list(enumerate(course.values))[::every]:
        if value is not None:
            here, there = Seconds(course.start + number * course.step), Seconds(value)
            moments.append(("", Span(start=here, end=here), Span(start=there, end=there)))
    return moments


def _words(found: Imitation) -> list[tuple[float, float, str]]:
    return [(word.reference.start, word.reference.end, word.text) for word in found.each_word]


def _points(found: Curve) -> Iterator[tuple[float, float | None]]:
    return ((found.start + number * found.step, value) for number, value in enumerate(found.values))


def _plot(name: str, title: Text, area: Area, parts: Iterator[str], unit: str = "") -> Plot:
    return Plot(name, title, area.total, "\n".join(part for part in parts if part), area, unit)
