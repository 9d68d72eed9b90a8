"""What an analysis says of points and stretches of time, as programs for annotation keep it: in layers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pansori.domain.units import Seconds
from pansori.engines.analyze.measure import Curve, Label, Span
from pansori.engines.analyze.schema import Analysis, LoudnessMeasures, MusicMeasures, VoiceMeasures, Word


@dataclass(frozen=True)
class Instants:
    """Moments, each with a label that may be empty."""

    name: str
    times: tuple[float, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Stretches:
    """Labelled stretches, in order and without overlap; between them may be nothing."""

    name: str
    spans: tuple[Label, ...]


@dataclass(frozen=True)
class Values:
    """A curve: times with values in `unit`, where there are any."""

    name: str
    unit: str
    points: tuple[tuple[float, float], ...]


Layer = Instants | Stretches | Values


def layers(analysis: Analysis) -> tuple[Layer, ...]:
    """Whatever was not refused; names are stable and serve as parts of file names."""
    found: list[Layer] = []
    if analysis.music is not None:
        found += _of_music(analysis.music)
    if analysis.voice is not None:
        found += _of_voice(analysis.voice)
    if analysis.loudness is not None:
        found += _of_loudness(analysis.loudness)
    return tuple(found)


def places(beats: tuple[float, ...], downbeats: tuple[float, ...]) -> tuple[int | None, ...]:
    """Each beat's number in its bar, from 1; None before the first downbeat. Beats lie on downbeats within a quarter of
    the shortest beat."""
    near = min((later - earlier for earlier, later in pairwise(beats)), default=0.1) / 4
    found: list[int | None] = []
    number: int | None = None
    for beat in beats:
        after = bisect_left(downbeats, beat - near)
        if after < len(downbeats) and downbeats[after] <= beat + near:
            number = 1
        elif number is not None:
            number += 1
        found.append(number)
    return tuple(found)


def _of_music(music: MusicMeasures) -> Iterator[Layer]:
    if music.beats.value is not None:
        numbers = places(music.beats.value, music.downbeats.value or ())
        yield Instants("beats", music.beats.value, tuple("" if one is None else str(one) for one in numbers))
    if music.onsets.value is not None:
        yield Instants("onsets", music.onsets.value, ("",) * len(music.onsets.value))
    if music.chords.value is not None:
        yield Stretches("chords", music.chords.value)
    if music.sections.value is not None:
        yield Stretches("sections", music.sections.value)
    if music.tempo_curve.value is not None:
        yield Values("tempo", "BPM", music.tempo_curve.value)
    if music.melody.value is not None:
        yield Values("melody", "Hz", tuple((time, pitch) for time, pitch in music.melody.value if pitch is not None))


def _of_voice(voice: VoiceMeasures) -> Iterator[Layer]:
    if voice.voiced.value is not None:
        yield Stretches("voiced", _named(voice.voiced.value, "voiced"))
    if voice.pauses.value is not None:
        yield Stretches("pauses", _named(voice.pauses.value, "pause"))
    if voice.transcript.value is not None:
        yield Stretches("words", tuple(_spoken(word) for word in voice.transcript.value))
    if voice.speakers.value is not None:
        yield Stretches("speakers", voice.speakers.value)
    for name, unit, measure in (("f0", "Hz", voice.f0), ("intensity", "dB", voice.intensity)):
        if measure.value is not None:
            yield Values(name, unit, points(measure.value))
    for number, formant in enumerate(voice.formant_curves.value or (), 1):
        yield Values(f"f{number}", "Hz", points(formant))


def _of_loudness(loudness: LoudnessMeasures) -> Iterator[Layer]:
    for name, measure in (("momentary", loudness.momentary), ("short-term", loudness.short_term)):
        if measure.value is not None:
            yield Values(name, "LUFS", points(measure.value))


def points(curve: Curve) -> tuple[tuple[float, float], ...]:
    """Times and values, where there are any."""
    return tuple(
        (round(curve.start + number * curve.step, 6), value)
        for number, value in enumerate(curve.values)
        if value is not None
    )


def _spoken(word: Word) -> Label:
    return Label(start=word.start, end=word.end, label=word.text, confidence=word.confidence)


def _named(spans: tuple[Span, ...], name: str) -> tuple[Label, ...]:
    return tuple(Label(start=Seconds(one.start), end=Seconds(one.end), label=name) for one in spans)
