"""What people say of a recording: annotations in JAMS, or label files for each layer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pansori.domain.errors import InvalidRequest, Text

Stretch = tuple[float, float, str]  #: start and end in seconds, label
POINTS: Final = ("beats", "downbeats", "onsets")
STRETCHES: Final = ("chords", "sections")
DECIMALS: Final = 6  #: of times that are added up: neighbours touch and do not overlap
ENDINGS: Final = ("lab", "txt")
SEGMENTS: Final = ("segment_open", "segment_salami_upper", "segment_salami_function", "segment_tut", "multi_segment")


@dataclass(frozen=True)
class Truth:
    """What is known; empty where nothing is said."""

    tempo: float | None = None
    beats: tuple[float, ...] = ()
    downbeats: tuple[float, ...] = ()
    onsets: tuple[float, ...] = ()
    key: str | None = None  #: such as `C# minor`
    chords: tuple[Stretch, ...] = ()
    sections: tuple[Stretch, ...] = ()


def find_truth(place: Path, recording: Path) -> Truth | None:
    """`place`: a JAMS file, or a folder with annotations called after the recording, with or without its ending:
    `NAME.jams`, or `NAME.LAYER.lab` (or `.txt`) of layers beats, downbeats, onsets, chords and sections. None where the
    folder has none. Raises `InvalidRequest` for what cannot be read."""
    try:
        if not place.is_dir():
            return _of_jams(json.loads(place.read_text(encoding="utf-8")))
        for name in (recording.name, recording.stem):
            if (place / f"{name}.jams").is_file():
                return _of_jams(json.loads((place / f"{name}.jams").read_text(encoding="utf-8")))
            if found := dict(_of_labels(place, name)):
                return Truth(**found)
    except OSError as error:
        raise _unreadable(place, str(error.strerror)) from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise _unreadable(place, str(error)) from error
    return None


def _unreadable(place: Path, why: str) -> InvalidRequest:
    return InvalidRequest(
        Text(f"The annotations in {place} cannot be read: {why}.", f"{place}의 주석을 읽을 수 없어요: {why}."),
        field="evaluate",
    )


def _of_labels(folder: Path, name: str) -> Iterator[tuple[str, Any]]:
    for layer in (*POINTS, *STRETCHES):
        for ending in ENDINGS:
            path = folder / f"{name}.{layer}.{ending}"
            if path.is_file():
                rows = [
                    line.split(maxsplit=2) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()
                ]
                if layer in POINTS:
                    yield layer, tuple(sorted(float(row[0]) for row in rows))
                else:
                    yield layer, tuple((float(row[0]), float(row[1]), row[2].strip()) for row in rows)
                break


def _of_jams(written: dict[str, Any]) -> Truth:
    """The first annotation of each namespace."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in written["annotations"]:
        found.setdefault(one["namespace"], _observations(one["data"]))
    beats = found.get("beat", [])
    keys = [_key(str(one["value"])) for one in found.get("key_mode", [])]
    segments = next((found[name] for name in SEGMENTS if name in found), [])
    return Truth(
        tempo=next((float(one["value"]) for one in found.get("tempo", [])), None),
        beats=_times(beats),
        downbeats=_times([one for one in beats if one["value"] == 1]),
        onsets=_times(found.get("onset", [])),
        key=next((key for key in keys if key), None),
        chords=_stretches(found.get("chord", found.get("chord_harte", []))),
        sections=_stretches(segments),
    )


def _observations(data: Any) -> list[dict[str, Any]]:
    """From rows or from columns."""
    if isinstance(data, list):
        return data
    return [dict(zip(data, row, strict=True)) for row in zip(*data.values(), strict=True)]


def _times(seen: Sequence[dict[str, Any]]) -> tuple[float, ...]:
    return tuple(sorted(float(one["time"]) for one in seen))


def _stretches(seen: Sequence[dict[str, Any]]) -> tuple[Stretch, ...]:
    rows = ((float(one["time"]), float(one["duration"]), one["value"]) for one in seen)
    return tuple((start, round(start + length, DECIMALS), str(value)) for start, length, value in rows)


def _key(written: str) -> str | None:
    tonic, _, mode = written.partition(":")
    return f"{tonic} {mode}" if mode in ("major", "minor") else None
