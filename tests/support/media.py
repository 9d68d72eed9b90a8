"""Sounds and files for tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from pansori.domain.units import Hertz, SampleRateHz

Samples = npt.NDArray[np.float32]  #: [channels, frames]
RATE = SampleRateHz(44_100)
A4 = Hertz(440.0)


def tone(
    seconds: float = 1.0, *, hertz: float = A4, rate: int = RATE, channels: int = 2, level: float = 0.25
) -> Samples:
    """A sine with a soft attack, a little different in each channel, [channels, frames]."""
    time = np.arange(round(seconds * rate)) / rate
    attack = np.minimum(1.0, time / 0.01)
    waves = [level * attack * np.sin(2 * np.pi * hertz * (1 + index / 100) * time) for index in range(channels)]
    return np.array(waves, dtype=np.float32)


def wave_file(path: Path, samples: Samples | None = None, rate: int = RATE) -> Path:
    """A 16-bit WAV at `path`, written by libsndfile."""
    soundfile.write(path, (tone() if samples is None else samples).T, rate, format="WAV", subtype="PCM_16")
    return path


def decoders_of(path: Path) -> list[int]:
    """Process ids of decoders that have `path` open; where there is `/proc`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it ended meanwhile
            if b"_decoder.py" in (folder / "cmdline").read_bytes() and path in _opened(folder):
                found.append(int(folder.name))
    return found


def _opened(process: Path) -> Iterator[Path]:
    for file in (process / "fd").iterdir():
        with suppress(OSError):
            yield file.readlink()
