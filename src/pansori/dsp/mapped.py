"""Sound that lies in a file mapped into memory, as it does after decoding: what was read stays resident until it is
let go."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

FRAMES = 1 << 18  #: in one block: some seconds


def blocks(samples: npt.NDArray[np.floating[Any]], frames: int = FRAMES) -> Iterator[npt.NDArray[np.floating[Any]]]:
    """Views of `samples` [..., frames] one after another along the last axis, each let go after it was looked at."""
    for start in range(0, samples.shape[-1], frames):
        yield samples[..., start : start + frames]
        release(samples)


def release(samples: npt.NDArray[np.floating[Any]]) -> None:
    """Give the pages of a mapped file back, of which `samples` is a view; they are read again when they are looked at.
    Nothing happens to samples that lie in memory. What was written into a private mapping is lost: they are for
    reading."""
    base: Any = samples
    while isinstance(base, np.ndarray):
        base = base.base
    if isinstance(base, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        base.madvise(mmap.MADV_DONTNEED)
