"""An analysis as JAMS, the JSON Annotated Music Specification (E. Humphrey et al., "JAMS: A JSON annotated music
specification for reproducible MIR research", ISMIR 2014), version 0.3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from pansori import __version__
from pansori.domain.jobs import JsonDict
from pansori.engines.analyze.measure import Measure
from pansori.engines.analyze.schema import Analysis, MusicMeasures
from pansori.reports.layers import places

JAMS_VERSION: Final = "0.3.4"
CONTOUR: Final = 0  #: the number of the only contour


def jams(analysis: Analysis, *, title: str) -> JsonDict:
    """The whole file. `title`: what the recording is called."""
    duration = float(analysis.format.duration)
    found = list(_annotations(analysis, duration))
    return {
        "file_metadata": {
            "title": title,
            "artist": "",
            "release": "",
            "duration": duration,
            "identifiers": {"sha256": analysis.format.sha256},
            "jams_version": JAMS_VERSION,
        },
        "annotations": [_annotation(analysis, namespace, data, duration) for namespace, data in found],
        "sandbox": {"pansori": {"versions": analysis.versions, "settings": analysis.settings}},
    }


def _annotation(analysis: Analysis, namespace: str, data: object, duration: float) -> JsonDict:
    return {
        "namespace": namespace,
        "annotation_metadata": {
            "curator": {"name": "", "email": ""},
            "annotator": {},
            "version": __version__,
            "corpus": "",
            "annotation_tools": f"Pansori {__version__}, engine {analysis.engine}",
            "annotation_rules": "",
            "validation": "",
            "data_source": "program",
        },
        "data": data,
        "sandbox": {},
        "time": 0.0,
        "duration": duration,
    }


def _annotations(analysis: Analysis, duration: float) -> Iterator[tuple[str, object]]:
    """Namespaces with their data."""
    if analysis.music is not None:
        yield from _of_music(analysis.music, duration)
    voice = analysis.voice
    if voice is not None and voice.transcript.value is not None:
        said = voice.transcript.value
        yield "lyrics", [_seen(one.start, one.end - one.start, one.text, one.confidence) for one in said]
    if voice is not None and voice.f0.value is not None:
        curve = voice.f0.value
        times = [round(curve.start + number * curve.step, 6) for number in range(len(curve.values))]
        yield "pitch_contour", _contour(times, curve.values)


def _of_music(music: MusicMeasures, duration: float) -> Iterator[tuple[str, object]]:
    if music.tempo.value is not None:
        yield "tempo", [_seen(0.0, duration, music.tempo.value, music.tempo.confidence or 0.0)]
    if music.beats.value is not None:
        numbers = places(music.beats.value, music.downbeats.value or ())
        pairs = zip(music.beats.value, numbers, strict=True)
        yield "beat", [_seen(time, 0.0, number, music.beats.confidence) for time, number in pairs]
    if music.onsets.value is not None:
        yield "onset", [_seen(time, 0.0, None, music.onsets.confidence) for time in music.onsets.value]
    if music.key.value is not None:
        yield "key_mode", [_seen(0.0, duration, _key(music.key), music.key.confidence)]
    for namespace, measure in (("chord", music.chords), ("segment_open", music.sections)):
        if measure.value is not None:
            yield namespace, [_seen(one.start, one.end - one.start, one.label, one.confidence) for one in measure.value]
    if music.melody.value is not None:
        melody = music.melody.value
        yield "pitch_contour", _contour([time for time, _ in melody], [pitch for _, pitch in melody])


def _seen(time: float, duration: float, value: object, confidence: float | None) -> JsonDict:
    return {"time": time, "duration": round(duration, 6), "value": value, "confidence": confidence}


def _key(key: Measure[str]) -> str:
    tonic, _, mode = str(key.value).partition(" ")
    return f"{tonic}:{mode}"


def _contour(times: Sequence[float], pitches: Sequence[float | None]) -> dict[str, list[Any]]:
    """A dense series: what has no pitch is there, unvoiced."""
    values = [
        {"index": CONTOUR, "frequency": pitch or 0.0, "voiced": pitch is not None and pitch > 0} for pitch in pitches
    ]
    return {
        "time": list(times),
        "duration": [0.0] * len(times),
        "value": values,
        "confidence": [None] * len(times),
    }
