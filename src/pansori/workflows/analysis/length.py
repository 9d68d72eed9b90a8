"""Recordings that are longer than is analysed, refused before there is a job: at every door, and in every store."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

from pansori.domain.errors import MediaTooLarge, UnreadableMedia
from pansori.domain.units import Bytes
from pansori.media import AssetInfo, Limits, probe
from pansori.workflows.services import Services

SPARSEST: Final = 700  #: bytes a second of the tightest coding there is, Opus at 6 kbit/s
EDGE: Final = Bytes(1024 * 1024)  #: bytes at either end of a file, where its header and its index lie


def refuse_too_long(services: Services, recording: AssetInfo) -> None:
    """Raises `MediaTooLarge` for what is longer than is analysed. Files that cannot be so long are not looked into, but
    for hours of nothing in a few bytes, which their analysis refuses. Where the store has no files, whole files are
    fetched only when their ends say that they are too long; if these lie the other way, their analysis tells."""
    limits = Limits.of(services.settings)
    if recording.size < limits.duration * SPARSEST or (recording.duration or math.inf) <= limits.duration:
        return
    try:
        _look(services, recording, limits)
    except UnreadableMedia:
        return  # as its analysis will tell


def _look(services: Services, recording: AssetInfo, limits: Limits) -> None:
    path = services.assets.local_path(recording)
    if path is not None:
        probe(path, limits)
        return
    with services.kernel.folder() as folder:
        if _seems_too_long(services, recording, folder, limits):
            probe(services.assets.materialize(recording, folder), limits)


def _seems_too_long(services: Services, recording: AssetInfo, folder: Path, limits: Limits) -> bool:
    """By the two ends of it in a file that is hollow between them: enough for headers, and whatever is not packed."""
    hollow = folder / "ends"
    with hollow.open("wb") as file:
        for start in {0, max(0, recording.size - EDGE)}:
            file.seek(start)
            for chunk in services.store.read(recording.key, start, start + EDGE):
                file.write(chunk)
    try:
        return (probe(hollow, limits).declared or 0.0) > limits.duration
    except MediaTooLarge:
        return True
