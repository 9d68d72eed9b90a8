"""The numbers of an analysis that scripts draw, follow and hear."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from pansori.domain.jobs import JsonDict
from pansori.engines.analyze.measure import Curve, Label
from pansori.engines.analyze.schema import Analysis
from pansori.reports.plots import chord_name

MOST: Final = 2_000  #: points of a curve: twice as many as a plot has pixels
NO_CHORD: Final = "N"

Points = list[tuple[float, float | None]]


def curves_of(analysis: Analysis, *, start: float = 0.0, end: float = math.inf, most: int = MOST) -> JsonDict:
    """Beats, bars, chords, sections, and curves by the names of the plots that show them: what lies between the two
    moments, of each curve at most so many points. `whole`: that is all that there is between them."""
    music, voice, loudness = analysis.music, analysis.voice, analysis.loudness
    found: JsonDict = {"duration": analysis.format.duration, "beats": [], "downbeats": [], "chords": [], "sections": []}
    curves: dict[str, Points] = {}
    if music is not None:
        for name, times in (("beats", music.beats.value), ("downbeats", music.downbeats.value)):
            found[name] = [round(one, 4) for one in times or () if start <= one <= end]
        for name, spans in (("chords", _chords(music.chords.value or ())), ("sections", _spans(music.sections.value))):
            found[name] = [one for one in spans if one[0] <= end and one[1] >= start]
        curves["pitch"] = list(music.melody.value or ())
    if voice is not None and voice.f0.value is not None:
        curves["pitch"] = _points(voice.f0.value)
    if loudness is not None and loudness.momentary.value is not None:
        curves["loudness"] = _points(loudness.momentary.value)
    between = {name: [one for one in points if start <= one[0] <= end] for name, points in curves.items() if points}
    found["curves"] = {name: _thinned(points, most) for name, points in between.items()}
    found["whole"] = all(len(points) <= most for points in between.values())
    return found


def peaks_of(analysis: Analysis) -> list[float]:
    """The waveform; flat where it was not measured."""
    drawn = analysis.signal.waveform.value if analysis.signal is not None else None
    return [round(value, 4) for value in drawn.values] if drawn is not None and drawn.values else [0.0, 0.0]


def _spans(labels: Sequence[Label] | None) -> list[tuple[float, float, str]]:
    return [(one.start, one.end, one.label) for one in labels or ()]


def _chords(labels: Sequence[Label]) -> list[tuple[float, float, str]]:
    return [(one.start, one.end, chord_name(one.label)) for one in labels if one.label != NO_CHORD]


def _points(curve: Curve) -> Points:
    return [(round(curve.start + at * curve.step, 3), value) for at, value in enumerate(curve.values)]


def _thinned(points: Points, most: int) -> Points:
    """One point of as many as there are too many: the first that has a value, so that what is short is seen too."""
    every = max(1, -(-len(points) // most))
    groups = (points[at : at + every] for at in range(0, len(points), every))
    kept = (next((one for one in group if one[1] is not None), group[0]) for group in groups)
    return [(time, None if value is None else round(value, 2)) for time, value in kept]
