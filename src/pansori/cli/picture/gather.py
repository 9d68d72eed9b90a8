"""From a finished job to what its picture is drawn from."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import soundfile

from pansori.cli.picture.lrc import read_lines
from pansori.cli.picture.midi import read_notes
from pansori.cli.picture.model import Drawing
from pansori.cli.picture.svg import draw
from pansori.cli.services import content
from pansori.domain.jobs import ArtifactView, JobView
from pansori.engines.compose.base import Song
from pansori.workflows import Services

COLUMNS = 552


def draw_song(services: Services, job: JobView) -> str:
    """The SVG of a job of kind `song` that has succeeded."""
    by_role = {artifact.role: artifact for artifact in job.artifacts}
    kept = {name: value for name, value in (job.result or {}).items() if name in Song.model_fields}
    song = Song.model_validate(kept)
    master, vocal, midi, lrc = (by_role.get(role) for role in ("master", "stem.vocal", "midi", "lrc"))
    if lrc is not None:
        song = song.model_copy(update={"lines": read_lines(_content(services, lrc).decode(), song.duration)})
    drawing = Drawing(
        song=song,
        genre=" ".join(str(job.task.get("genre") or "").split())[:80],
        peaks=_peaks(services, master) if master else (),
        vocal_peaks=_peaks(services, vocal) if vocal else (),
        notes=read_notes(_content(services, midi)) if midi else (),
    )
    return draw(drawing)


def _content(services: Services, artifact: ArtifactView) -> bytes:
    return b"".join(content(services, artifact))


def _peaks(services: Services, artifact: ArtifactView) -> Sequence[float]:
    """The greatest magnitude in each of `COLUMNS` equal pieces. The file is our own FLAC, so it is read here."""
    samples, _ = soundfile.read(io.BytesIO(_content(services, artifact)), dtype="float32", always_2d=True)
    loudest = np.abs(samples).max(axis=1)
    pieces = np.array_split(loudest, min(COLUMNS, max(len(loudest), 1)))
    return [float(min(piece.max(initial=0.0), 1.0)) for piece in pieces]
