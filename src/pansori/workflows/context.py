"""An engine's run inside a step of a job."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pansori.domain.jobs import JsonDict
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import Recording, RunContext, Samples
from pansori.jobs import StepRun
from pansori.media import extension, media_type, probe, write_flac


class StepContext(RunContext):
    """Outputs become artifacts of the step, sound as 24-bit FLAC.

    `share`: which part of the whole job's progress the run is. `roles`: what a role of the engine's is called in the
    job, where that differs. `inputs`: what the run is given, by role.
    """

    def __init__(
        self,
        step: StepRun,
        seed: int,
        *,
        share: tuple[float, float] = (0.0, 1.0),
        roles: Mapping[str, str] | None = None,
        inputs: Mapping[str, Recording] | None = None,
    ) -> None:
        self._step = step
        self._begin, self._end = share
        self._roles = roles or {}
        self.inputs = inputs or {}
        self.seed = seed
        self.finished: dict[str, JsonDict] = {}
        """Files that were kept as they came, by role: `asset_id`, `media_type`, `duration` (seconds)."""
        self.scratch = step.scratch / "run"
        self.scratch.mkdir(exist_ok=True)

    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        fraction = min(max(fraction, 0.0), 1.0)
        self._step.progress(stage, self._begin + (self._end - self._begin) * fraction, message)

    def check_cancelled(self) -> None:
        self._step.check_cancelled()

    def save_audio(self, role: str, samples: Samples, sample_rate: SampleRateHz) -> None:
        role = self._roles.get(role, role)
        path = self._step.scratch / f"{role}.flac"
        write_flac(path, samples, sample_rate, bits=24)
        duration = Seconds(samples.shape[1] / sample_rate)
        self._step.add_file(role, path, name=path.name, media_type="audio/flac", duration=duration)
        path.unlink(missing_ok=True)

    def save_file(self, role: str, name: str, content: bytes, media_type: str) -> None:
        role = self._roles.get(role, role)
        path = self._step.scratch / f"{role}.bin"
        path.write_bytes(content)
        self._step.add_file(role, path, name=name, media_type=media_type)
        path.unlink(missing_ok=True)

    def save_media(self, role: str, path: Path, *, name: str) -> Seconds:
        kind, duration = media_type(path), probe(path).duration
        name = f"{name}.{extension(kind)}"
        asset = self._step.add_file(role, path, name=name, media_type=kind, duration=duration)
        self.finished[role] = {"asset_id": str(asset), "media_type": kind, "duration": duration}
        return duration
