"""How loud a recording is from moment to moment, as pictures of waveforms show it."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pansori.dsp.mapped import FRAMES, release


def peaks(samples: npt.NDArray[np.float32], points: int) -> npt.NDArray[np.float32]:
    """The largest magnitude in each of `points` equal parts of the time, shape [channels, points], 0 and up. Fewer
    points where there are fewer samples. `samples`: shape [channels, frames], at least one frame."""
    frames = samples.shape[1]
    starts = np.linspace(0, frames, min(points, frames), endpoint=False).astype(np.int64)
    at_once = max(1, len(starts) * FRAMES // frames)
    found = []
    for first in range(0, len(starts), at_once):
        begin, cuts = starts[first], starts[first : first + at_once]
        end = starts[first + at_once] if first + at_once < len(starts) else frames
        part = samples[:, begin:end]
        # two passes instead of one over np.abs: no copy
        high = np.maximum.reduceat(part, cuts - begin, axis=1)
        low = np.minimum.reduceat(part, cuts - begin, axis=1)
        found.append(np.maximum(high, -low))
        release(samples)
    return np.concatenate(found, axis=1)
