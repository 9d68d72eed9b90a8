"""How loud a recording is from moment to moment, as pictures of waveforms show it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def peaks(samples: npt.NDArray[np.float32], points: int) -> npt.NDArray[np.float32]:
    """The largest magnitude in each of `points` equal parts of the time, shape [channels, points], 0 and up. Fewer
    points where there are fewer samples. `samples`: shape [channels, frames], at least one frame."""
    frames = samples.shape[1]
    starts = np.linspace(0, frames, min(points, frames), endpoint=False).astype(np.int64)
    # two passes instead of one over np.abs: no copy of the whole recording
    high = np.maximum.reduceat(samples, starts, axis=1)
    low = np.minimum.reduceat(samples, starts, axis=1)
    found: npt.NDArray[np.float32] = np.maximum(high, -low)
    return found
