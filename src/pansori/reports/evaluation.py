"""How right an analysis is, by `mir_eval` (C. Raffel et al., "mir_eval: A transparent implementation of common MIR
metrics", ISMIR 2014). A refusal counts as wrong; what nothing is known of is not scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import numpy as np

from pansori.domain.errors import EngineUnavailable, InvalidRequest, Text
from pansori.engines.analyze.base import NOT_MEASURED
from pansori.engines.analyze.measure import Label
from pansori.engines.analyze.schema import Analysis, MusicMeasures
from pansori.reports.truth import Stretch, Truth

TEMPO: Final = 0.04  #: share by which a tempo may differ (F. Gouyon et al., IEEE TASLP 14(5), 2006)
OCTAVES: Final = (1.0, 2.0, 3.0, 0.5, 1 / 3)  #: in which a tempo counts in the milder score
WINDOWS: Final = (0.5, 3.0)  #: seconds around a boundary
VOCABULARIES: Final = ("root", "majmin", "sevenths")
BEAT, ONSET = 0.07, 0.05  #: seconds

Scores = dict[str, float]


def evaluate(analysis: Analysis, truth: Truth) -> Scores:
    """Scores from 0 to 1 by name. Raises `EngineUnavailable` where `mir_eval` is not installed, `InvalidRequest` where
    it cannot work with the annotations."""
    music = analysis.music or MusicMeasures.refuse(NOT_MEASURED)
    judge = need_judge()
    try:
        return {name: round(float(score), 4) for name, score in _scores(music, truth, judge)}
    except (ValueError, judge.chord.InvalidChordException) as error:
        told = Text(f"The annotations cannot be compared: {error}", f"주석과 비교할 수 없어요: {error}")
        raise InvalidRequest(told, field="evaluate") from error


def need_judge() -> Any:
    """The module `mir_eval`. Raises `EngineUnavailable` where it is not installed, with the cure."""
    try:
        import mir_eval
    except ModuleNotFoundError as error:
        raise EngineUnavailable(
            Text("mir_eval is not installed, which compares with annotations.", "주석과 비교하는 mir_eval이 없어요."),
            cure="pip install 'pansori[evaluate]'",
        ) from error
    return mir_eval


def _scores(music: MusicMeasures, truth: Truth, judge: Any) -> Iterator[tuple[str, float]]:
    if truth.tempo:
        found = music.tempo.value or 0.0
        yield "tempo.accuracy1", abs(found - truth.tempo) <= TEMPO * truth.tempo
        yield (
            "tempo.accuracy2",
            any(abs(found - octave * truth.tempo) <= TEMPO * octave * truth.tempo for octave in OCTAVES),
        )
    for name, marked, beats in (
        ("beats", truth.beats, music.beats.value),
        ("downbeats", truth.downbeats, music.downbeats.value),
    ):
        known = judge.beat.trim_beats(np.array(marked))  # the first five seconds do not count
        if known.size:
            yield f"{name}.f", _f(judge.beat.f_measure, known, judge.beat.trim_beats(np.array(beats or ())), BEAT)
    if truth.onsets:
        onsets = np.array(music.onsets.value or ())
        yield "onsets.f", _f(lambda *all_: judge.onset.f_measure(*all_)[0], np.array(truth.onsets), onsets, ONSET)
    if truth.key:
        yield "key.weighted", judge.key.weighted_score(truth.key, music.key.value) if music.key.value else 0.0
    if truth.chords:
        yield from _chords(truth.chords, music.chords.value or (), judge)
    if truth.sections:
        right, heard = _edges(truth.sections), _edges(_plain(music.sections.value or ()))
        for window in WINDOWS:
            detected = judge.segment.detection(right, heard, window=window)[2] if len(heard) else 0.0
            yield f"sections.f_{window:g}s", detected


def _f(measure: Callable[..., float], right: np.ndarray, heard: np.ndarray, window: float) -> float:
    return measure(right, heard, window) if heard.size else 0.0


def _chords(right: Sequence[Stretch], heard: Sequence[Label], judge: Any) -> Iterator[tuple[str, float]]:
    """Weighted by time."""
    if not heard:
        yield from ((f"chords.{vocabulary}", 0.0) for vocabulary in VOCABULARIES)
        return
    names, found = [one[2] for one in right], _plain(heard)
    scores = judge.chord.evaluate(_edges(right), names, _edges(found), [one[2] for one in found])
    yield from ((f"chords.{vocabulary}", scores[vocabulary]) for vocabulary in VOCABULARIES)


def _plain(labels: Sequence[Label]) -> list[Stretch]:
    return [(float(one.start), float(one.end), one.label) for one in labels]


def _edges(stretches: Sequence[Stretch]) -> np.ndarray:
    return np.array([one[:2] for one in stretches]).reshape(-1, 2)
