"""Reading of recordings that may be longer than memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from pansori.domain.units import SampleRateHz
from pansori.dsp import mapped
from pansori.engines.base import Samples

Mono = npt.NDArray[np.float32]  #: shape [frames]
Watch = Callable[[float], None]  #: told the fraction that is done; raises `Cancelled`


def blocks(samples: Samples, frames: int = mapped.FRAMES) -> Iterator[Samples]:
    """The samples in blocks [channels, ≤ frames], each contiguous and in memory until the next."""
    for block in mapped.blocks(samples, frames):
        yield np.ascontiguousarray(block)


def mean_of_channels(samples: Samples) -> Mono:
    """Of samples [channels, frames]. Channel by channel, for they lie in turn in the files that are decoded to, where
    NumPy's mean takes ten times as long."""
    mean = np.array(samples[0], dtype=np.float32)
    for channel in samples[1:]:
        mean += channel
    mean /= len(samples)
    return mean


def mono_file(samples: Samples, rate: SampleRateHz, wanted: SampleRateHz, path: Path) -> Mono:
    """The mean of the channels at `wanted` samples a second, as a view into the new file `path`."""
    import soxr

    resampler = soxr.ResampleStream(rate, wanted, 1, dtype="float32")
    with path.open("wb") as file:
        for block in mapped.blocks(samples):
            file.write(resampler.resample_chunk(mean_of_channels(block)).tobytes())
        file.write(resampler.resample_chunk(np.zeros(0, np.float32), last=True).tobytes())
    frames = path.stat().st_size // 4
    if not frames:  # shorter than one frame at the wanted rate
        return np.zeros(1, np.float32)
    mono: Mono = np.memmap(path, dtype=np.float32, mode="r", shape=(frames,))
    return mono


def decibels(power: Any) -> Any:
    """Ten times the common logarithm; minus infinity of zero."""
    with np.errstate(divide="ignore"):
        return 10 * np.log10(power)
