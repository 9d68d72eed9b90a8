"""The numbers of an analysis that scripts draw, follow and hear."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from pansori.domain.jobs import JsonDict
from pansori.engines.analyze.measure import Curve, Label
from pansori.engines.analyze.schema import Analysis
from pansori.reports.plots import chord_name

MOST: Final = 20_000  #: points of a curve: 200 s of pitch whole, and what is longer thinned
NO_CHORD: Final = "N"

Points = list[tuple[float, float | None]]


def curves_of(analysis: Analysis) -> JsonDict:
    """Beats, bars, chords, sections; and curves by the names of the plots that show them."""
    music, voice, loudness = analysis.music, analysis.voice, analysis.loudness
    found: JsonDict = {"duration": analysis.format.duration, "beats": [], "downbeats": [], "chords": [], "sections": []}
    curves: dict[str, Points] = {}
    if music is not None:
        found["beats"] = music.beats.value or []
        found["downbeats"] = music.downbeats.value or []
        found["chords"] = _spans(music.chords.value or (), chords=True)
        found["sections"] = _spans(music.sections.value or ())
        curves["pitch"] = list(music.melody.value or ())
    if voice is not None and voice.f0.value is not None:
        curves["pitch"] = _points(voice.f0.value)
    if loudness is not None and loudness.momentary.value is not None:
        curves["loudness"] = _points(loudness.momentary.value)
    found["curves"] = {name: _thinned(points) for name, points in curves.items() if points}
    return found


def peaks_of(analysis: Analysis) -> list[float]:
    """The waveform; flat where it was not measured."""
    drawn = analysis.signal.waveform.value if analysis.signal is not None else None
    return [round(value, 4) for value in drawn.values] if drawn is not None and drawn.values else [0.0, 0.0]


def _spans(labels: Sequence[Label], *, chords: bool = False) -> list[tuple[float, float, str]]:
    return [
        (one.start, one.end, chord_name(one.label) if chords else one.label)
        for one in labels
        if not (chords and one.label == NO_CHORD)
    ]


def _points(curve: Curve) -> Points:
    return [(round(curve.start + at * curve.step, 3), value) for at, value in enumerate(curve.values)]


def _thinned(points: Points) -> list[tuple[float, float | None]]:
    every = max(1, -(-len(points) // MOST))
    return [(time, None if value is None else round(value, 2)) for time, value in points[::every]]
