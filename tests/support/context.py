"""A run context that keeps everything in memory, for running engines in tests without any kernel."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pansori.domain.errors import Cancelled
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import RunContext, Samples
from pansori.media import media_type, probe


@dataclass(frozen=True)
class Sound:
    samples: Samples
    sample_rate: SampleRateHz

    @property
    def duration(self) -> float:
        return float(self.samples.shape[1] / self.sample_rate)


@dataclass(frozen=True)
class File:
    name: str
    content: bytes
    media_type: str


@dataclass
class MemoryContext(RunContext):
    """`cancel_at`: the fraction of progress from which on the run is to end."""

    seed: int
    scratch: Path
    cancel_at: float | None = None
    sounds: dict[str, Sound] = field(default_factory=dict)
    files: dict[str, File] = field(default_factory=dict)
    reports: list[tuple[str, float]] = field(default_factory=list)
    reports_when_cancelled: int | None = None

    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        self.reports.append((stage, fraction))
        if self.cancel_at is not None and fraction >= self.cancel_at and self.reports_when_cancelled is None:
            self.reports_when_cancelled = len(self.reports)

    def check_cancelled(self) -> None:
        if self.reports_when_cancelled is not None:
            raise Cancelled("cancelled by the test")

    def save_audio(self, role: str, samples: Samples, sample_rate: SampleRateHz) -> None:
        assert samples.dtype == np.float32
        assert samples.ndim == 2
        self.sounds[role] = Sound(samples.copy(), sample_rate)

    def save_file(self, role: str, name: str, content: bytes, media_type: str) -> None:
        self.files[role] = File(name, content, media_type)

    def save_media(self, role: str, path: Path, *, name: str) -> Seconds:
        duration = probe(path).duration
        self.files[role] = File(name, path.read_bytes(), media_type(path))
        return duration

    def digest(self) -> str:
        """One number for every output, to the bit."""
        total = hashlib.sha256()
        for role, sound in sorted(self.sounds.items()):
            total.update(f"{role} {sound.sample_rate} {sound.samples.shape}".encode())
            total.update(sound.samples.tobytes())
        for role, file in sorted(self.files.items()):
            total.update(f"{role} {file.name} {file.media_type}".encode() + file.content)
        return total.hexdigest()
