"""An engine's run beside any job: somebody waits for what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from pansori.domain.media import AudioFormat
from pansori.domain.units import SampleRateHz, Seconds
from pansori.engines.base import Recording, RunContext, Samples
from pansori.media import Limits, clean_name, decode, encode, media_type, probe
from pansori.settings import Settings

WAV: Final = AudioFormat.WAV.media_type
BITS: Final = 16  #: of speech


def nothing() -> None:
    """Nobody calls it off."""


class Aside(RunContext):
    """Sound that is saved becomes a file in `folder`, whatever it came as: a WAV, unless `form` says otherwise."""

    def __init__(
        self,
        folder: Path,
        settings: Settings,
        *,
        recording: tuple[str, Recording] | None = None,
        look: Callable[[], None] = nothing,
        form: AudioFormat = AudioFormat.WAV,
    ) -> None:
        """`recording`: what the run is given, and in which role. `look` is called often, and raises to end the run."""
        self.scratch = folder
        self.seed = 0
        self.inputs = dict([recording]) if recording else {}
        self._limits = Limits.of(settings)
        self._look = look
        self._form = form

    def _path(self, role: str) -> Path:
        return self.scratch / f"{role}.{self._form}"

    def sound(self, role: str) -> Path | None:
        """What was saved in that role. None: nothing."""
        path = self._path(role)
        return path if path.exists() else None

    def progress(self, stage: str, fraction: float, message: str = "") -> None:
        self._look()

    def check_cancelled(self) -> None:
        self._look()

    def save_audio(self, role: str, samples: Samples, sample_rate: SampleRateHz) -> None:
        encode(samples, sample_rate, self._form, self._path(role), bits=BITS)

    def save_file(self, role: str, name: str, content: bytes, media_type: str) -> None:
        (self.scratch / clean_name(name)).write_bytes(content)

    def save_media(self, role: str, path: Path, *, name: str) -> Seconds:
        duration = probe(path, self._limits).duration
        if media_type(path) == self._form.media_type:
            path.rename(self._path(role))
        else:
            came = decode(path, self._limits, folder=self.scratch)
            self.save_audio(role, came.samples[:2], came.rate)
        return duration
