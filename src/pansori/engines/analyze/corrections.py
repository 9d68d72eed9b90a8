"""An analysis of music as it is after what people said against it: all that hangs on that follows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from pansori.domain.errors import InvalidRequest, Text
from pansori.engines.analyze import grids
from pansori.engines.analyze.grids import Array, Grid
from pansori.engines.analyze.measure import Label, Measure, Refusal
from pansori.engines.analyze.pansori.loudness import section_loudness
from pansori.engines.analyze.pansori.music.texture import tempo_fit
from pansori.engines.analyze.said import Corrections
from pansori.engines.analyze.schema import Analysis, LoudnessMeasures, MusicMeasures

__all__ = ["Corrections", "corrected"]

ValueT = TypeVar("ValueT")

OTHER_BEATS = Refusal.of(
    "other_beats",
    Text("It was measured between beats that were corrected.", "박을 고치기 전의 박 사이에서 잰 값이라 쓸 수 없어요."),
)


def corrected(analysis: Analysis, said: Corrections) -> Analysis:
    """The analysis as it is after `said`, which is about the analysis as it was made; that one is left as it is.

    What changes has the source `person` and neither confidence nor runners-up. Chords and key are not heard anew.
    Raises `InvalidRequest` where what is corrected was not measured.
    """
    if said.empty:
        return analysis
    if analysis.music is None:
        raise _impossible("corrections", Text("No music was measured.", "음악은 재지 않았어요."))
    return _Correction(analysis, analysis.music, said).done()


class _Correction:
    """One way through, grid first: sections begin with bars, and bars with beats."""

    def __init__(self, analysis: Analysis, music: MusicMeasures, said: Corrections) -> None:
        self._analysis = analysis
        self._music = music
        self._said = said
        self._seconds = analysis.format.duration
        self._before = _grid_of(music)
        self._bounds = [section.start for section in (music.sections.value or ())[1:]]

    def done(self) -> Analysis:
        grid = self._grid()
        found = self._rhythm(grid) if grid is not None else {}
        if self._said.key is not None:
            found["key"] = _said(self._music.key, self._said.key)
        found["sections"] = _said(self._music.sections, self._sections(grid))
        if grid is not None and grid.moved:
            found["chords"] = _said(self._music.chords, self._chords(grid))
        music = self._music.model_copy(update=found)
        changed = {
            "music": music,
            "loudness": self._loudness(music.sections.value),
            "corrections": self._said.model_dump(mode="json", exclude_defaults=True),
        }
        return self._analysis.model_copy(update=changed)

    def _grid(self) -> Grid | None:
        """Beats and bars as they are said to be."""
        said, grid = self._said, self._tempo_said(self._before)
        if grid is not None and len(grid.beats) < 2:
            raise _impossible("tempo", Text("No two beats fit into the recording.", "녹음이 두 박보다 짧아요."))
        if said.metre is None and not said.downbeat_shift:
            return grid
        if grid is None:
            raise _impossible("metre", Text("Without beats there are no bars.", "박이 없으면 마디도 없어요."))
        if said.metre not in (None, self._music.metre.value):
            return grids.with_bars(grid, beats_in(said.metre or ""), said.downbeat_shift)
        if not grid.per_bar:
            why = Text("No bars were heard: say the metre too.", "마디를 찾지 못했어요. 박자도 알려 주세요.")
            raise _impossible("downbeat_shift", why)
        return grids.with_bars(grid, grid.per_bar, said.downbeat_shift) if said.downbeat_shift else grid

    def _tempo_said(self, grid: Grid | None) -> Grid | None:
        said, music = self._said, self._music
        if said.taps:
            if said.taps[-1] > self._seconds:
                raise _impossible("taps", Text("A tap lies behind the end.", "끝난 뒤에 두드린 박이 있어요."))
            return grids.tapped(grid, np.array(said.taps), self._seconds)
        if said.tempo is not None:
            onsets = np.array(music.onsets.value or ())
            told = music.tempo.value or said.tempo
            return grids.at_tempo(grid, told, said.tempo, self._seconds, onsets, self._bounds)
        if said.tempo_factor == 1.0:
            return grid
        if grid is None:
            raise _impossible("tempo_factor", Text("There is no tempo to change.", "바꿀 템포가 없어요."))
        return grids.faster(grid, said.tempo_factor, self._bounds)

    def _rhythm(self, grid: Grid) -> dict[str, Measure[Any]]:
        """Every measure of the grid."""
        music, before, tempo = self._music, self._before, self._tempo_of(grid)
        found: dict[str, Measure[Any]] = {"tempo": _said(music.tempo, tempo)}
        if music.danceability.value is not None and music.tempo.value is not None:
            fit = tempo_fit(tempo) / tempo_fit(music.tempo.value)
            found["danceability"] = _said(music.danceability, min(1.0, music.danceability.value * fit ** (1 / 3)))
        if self._said.metre is not None:
            found["metre"] = _said(music.metre, self._said.metre)
        if grid is before:
            return found
        curve = tuple(zip(_told(grid.beats[:-1]), _told(grid.curve), strict=True))
        found |= {"beats": _said(music.beats, _told(grid.beats)), "tempo_curve": _said(music.tempo_curve, curve)}
        if grid.per_bar or music.downbeats.value:
            found["downbeats"] = _said(music.downbeats, _told(grid.bars))
            found["beats_per_bar"] = _said(music.beats_per_bar, grid.per_bar or music.beats_per_bar.value)
        others = before is None or grid.moved or len(grid.beats) != len(before.beats)
        if others and music.swing.value is not None:
            found["swing"] = music.swing.model_copy(update={"value": None, "refused": OTHER_BEATS, "source": "person"})
        return found

    def _tempo_of(self, grid: Grid) -> float:
        said, told = self._said, self._music.tempo.value
        if said.tempo is not None:
            return said.tempo
        if told is not None and said.tempo_factor != 1.0:
            return told * said.tempo_factor
        if told is not None and (grid is self._before or not said.taps):
            return told
        return float(np.median(grid.curve))

    # -- what lies on the grid --------

    def _sections(self, grid: Grid | None) -> tuple[Label, ...] | None:
        sections = self._music.sections.value
        wanted = self._said.section_merges | self._said.section_names.keys()
        if wanted and (sections is None or not 0 <= min(wanted) <= max(wanted) < len(sections)):
            raise _impossible("section_names", Text("There is no such section.", "그런 구간은 없어요."))
        if 0 in self._said.section_merges:
            raise _impossible(
                "section_merges", Text("Nothing is before the first section.", "첫 구간 앞에는 아무것도 없어요.")
            )
        if sections is None:
            return None
        kept = [
            one.model_copy(update={"label": self._said.section_names.get(number, one.label)})
            for number, one in enumerate(sections)
            if number not in self._said.section_merges
        ]
        starts = [one.start for one in kept[1:]]
        return _between(kept, [self._bar_near(start, grid) for start in starts], sections[-1].end)

    def _bar_near(self, start: float, grid: Grid | None) -> float:
        """A section that began with a bar still does."""
        before = self._before
        if grid is None or before is None or grid is before or not len(grid.downbeats):
            return start
        return start if not grids.is_one_of(start, before.bars) else grids.nearest(start, grid.bars)

    def _chords(self, grid: Grid) -> tuple[Label, ...] | None:
        """Chords that changed on a beat still do."""
        chords, before = self._music.chords.value, self._before
        if chords is None or before is None or not len(grid.beats):
            return chords
        starts = [one.start for one in chords[1:]]
        moved = [grids.nearest(one, grid.beats) if grids.is_one_of(one, before.beats) else one for one in starts]
        return _between(list(chords), moved, chords[-1].end)

    def _loudness(self, sections: Sequence[Label] | None) -> LoudnessMeasures | None:
        loudness = self._analysis.loudness
        if loudness is None or loudness.sections.value is None or not sections:
            return loudness
        momentary = loudness.momentary.value
        levels = np.array([] if momentary is None else momentary.values, dtype=np.float64)
        known = {(one.start, one.end): one for one in loudness.sections.value}
        told = tuple(
            known[one.start, one.end].model_copy(update={"label": one.label})
            if (one.start, one.end) in known
            else section_loudness(levels, one)
            for one in sections
        )
        return loudness.model_copy(update={"sections": _said(loudness.sections, told)})


def beats_in(metre: str) -> int:
    """Beats in a bar: in compound metres each is three eighths."""
    count, unit = (int(part) for part in metre.split("/"))
    return count // 3 if unit == 8 and count % 3 == 0 else count


def _grid_of(music: MusicMeasures) -> Grid | None:
    if music.beats.value is None or len(music.beats.value) < 2:
        return None
    beats = np.array(music.beats.value)
    curve = np.array([value for _, value in music.tempo_curve.value or ()])
    if len(curve) != len(beats) - 1:
        curve = 60.0 / np.diff(beats)
    per_bar = music.beats_per_bar.value if music.downbeats.value else None
    ones = np.unique(grids.indices(beats, np.array(music.downbeats.value))) if per_bar else np.zeros(0, dtype=np.int64)
    return Grid(beats, curve, ones, per_bar or 0)


def _between(labels: Sequence[Label], starts: Sequence[float], end: float) -> tuple[Label, ...]:
    """The same labels with new bounds; what has no length left is left out."""
    edges = np.maximum.accumulate([labels[0].start, *starts, end]).tolist()
    return tuple(
        one.model_copy(update={"start": start, "end": until})
        for one, start, until in zip(labels, edges[:-1], edges[1:], strict=True)
        if start < until
    )


def _said(measure: Measure[ValueT], value: ValueT | None) -> Measure[ValueT]:
    """The measure with what a person says; as it was, where that is the same."""
    if value == measure.value:
        return measure
    kept: dict[str, Any] = {"value": value, "source": "person", "confidence": None, "runners_up": (), "refused": None}
    return measure.model_copy(update=kept)


def _told(values: Array) -> tuple[float, ...]:
    return tuple(np.round(values.astype(np.float64), grids.PLACES).tolist())


def _impossible(field: str, why: Text) -> InvalidRequest:
    return InvalidRequest(why, field=field)
