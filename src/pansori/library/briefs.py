"""An analysis in a line: what it is, how long, how fast, in which key, how high, how loud."""

from __future__ import annotations

from dataclasses import dataclass

from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Kind
from pansori.domain.units import BeatsPerMinute, Hertz, Lufs, Seconds


@dataclass(frozen=True)
class Brief:
    """None: it was not measured, or refused."""

    kind: Kind | None
    duration: Seconds | None
    tempo: BeatsPerMinute | None
    key: str | None
    pitch: Hertz | None
    """The median of a voice's."""
    loudness: Lufs | None
    """Of the whole."""


def brief_of(result: JsonDict) -> Brief:
    """Of a job's result. Another program's may be of any form."""
    kind = _value(result, "kind", "value")
    key = _value(result, "music", "key", "value")
    duration = _number(result, "format", "duration")
    tempo = _number(result, "music", "tempo", "value")
    pitch = _number(result, "voice", "f0_median", "value")
    loudness = _number(result, "loudness", "integrated", "value")
    return Brief(
        kind=Kind(kind) if isinstance(kind, str) and kind in set(Kind) else None,
        duration=None if duration is None else Seconds(duration),
        tempo=None if tempo is None else BeatsPerMinute(tempo),
        key=key if isinstance(key, str) else None,
        pitch=None if pitch is None else Hertz(pitch),
        loudness=None if loudness is None else Lufs(loudness),
    )


def _number(result: JsonDict, *path: str) -> float | None:
    found = _value(result, *path)
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None


def _value(result: JsonDict, *path: str) -> object:
    """What stands there; None where nothing does."""
    found: object = result
    for name in path:
        found = found.get(name) if isinstance(found, dict) else None
    return found
