"""How two channels lie to each other, and what is left of them in mono."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import Text
from pansori.engines.analyze.measure import Refusal
from pansori.engines.analyze.pansori.blocks import Watch, blocks, decibels
from pansori.engines.analyze.schema import StereoMeasures
from pansori.engines.base import Recording

FRAME = 4096
LOWEST = 62.5  #: Hz; octaves are counted from here
MOST_LOSS = 6.0  #: dB in one octave; unrelated channels lose 3
AUDIBLE = 1e-4  #: share of the power below which an octave may go unheard

NOT_STEREO = Refusal.of(
    "not_stereo", Text("The recording does not have two channels.", "두 채널로 된 녹음이 아니에요.")
)
SILENT = Refusal.of("silence", Text("There is nothing but silence.", "아무 소리도 없어요."))
ONE_SIDED = Refusal.of("one_sided", Text("One of the channels is silent.", "한쪽 채널에 소리가 없어요."))
CANCELLED = Refusal.of("cancelled_out", Text("Nothing at all is left in mono.", "모노로 합치면 아무 소리도 안 남아요."))


def measure_stereo(recording: Recording, watch: Watch) -> StereoMeasures:
    if recording.samples.shape[0] != 2:
        return StereoMeasures.refuse(NOT_STEREO)
    left, right, both = _powers(recording, watch)
    power_left, power_right, product = float(left.sum()), float(right.sum()), float(both.sum())
    total = power_left + power_right
    if total <= 0:
        return StereoMeasures.refuse(SILENT)
    mid, side = total / 2 + product, total / 2 - product  # of (L+R)/√2 and (L-R)/√2
    either = power_left > 0 and power_right > 0
    return StereoMeasures.of(
        {
            "correlation": product / float(np.sqrt(power_left * power_right)) if either else ONE_SIDED,
            "width": max(side, 0.0) / total,
            "balance": float(decibels(power_left / power_right)) if either else ONE_SIDED,
            "mono_loss": float(decibels(total / mid)) if mid > 1e-12 * total else CANCELLED,
            "mono_compatible": bool(_worst_octave(left, right, both, recording.rate) < MOST_LOSS),
        }
    )


def _powers(recording: Recording, watch: Watch) -> tuple[npt.NDArray[np.float64], ...]:
    """Power of left, of right and of their product by frequency, summed over time, each of shape [FRAME / 2 + 1]."""
    sums = np.zeros((3, FRAME // 2 + 1))
    window = np.hanning(FRAME).astype(np.float32)
    done = 0
    for block in blocks(recording.samples):
        padded = np.pad(block, ((0, 0), (0, -block.shape[1] % FRAME)))
        left, right = np.fft.rfft(padded.reshape(2, -1, FRAME) * window, axis=2)
        sums[0] += np.sum(np.abs(left) ** 2, axis=0)
        sums[1] += np.sum(np.abs(right) ** 2, axis=0)
        sums[2] += np.sum((left * right.conj()).real, axis=0)
        done += block.shape[1]
        watch(done / recording.samples.shape[1])
    return tuple(sums)


def _worst_octave(
    left: npt.NDArray[np.float64], right: npt.NDArray[np.float64], both: npt.NDArray[np.float64], rate: int
) -> float:
    """The most that an audible octave loses in mono, in dB."""
    octaves = np.floor(np.log2(np.maximum(np.fft.rfftfreq(FRAME, 1 / rate), LOWEST) / LOWEST)).astype(int)
    total = np.bincount(octaves, left + right)
    mid = np.maximum(np.bincount(octaves, (left + right) / 2 + both), 1e-12 * total)
    audible = total > AUDIBLE * total.sum()
    return float(np.max(decibels(total[audible] / mid[audible])))
