"""Filters and dynamics of the mixing desk. Sound is float32 of shape [channels, samples] and is changed in place.

Filters run in double precision over blocks, so that a song of ten minutes needs no second copy of itself. Everything
that changes level over time is a curve of gains at a coarse control rate, the same for all channels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.signal import sosfilt

from pansori.domain.units import Decibels, Hertz, Lufs, SampleRateHz, Seconds
from pansori.dsp.loudness import LoudnessMeter
from pansori.engines.base import Samples

Curve = npt.NDArray[np.float64]  #: one value for each hop of `HOP` samples
Section = tuple[float, float, float, float, float, float]  #: b0, b1, b2, a0, a1, a2 of a biquad, a0 being 1

HOP = 64  #: samples in one step of a control curve: 1.5 ms at 44.1 kHz
BLOCK = 4096 * HOP
FLOOR_DB = -120.0


def decibels(ratio: npt.NDArray[np.float64] | float) -> npt.NDArray[np.float64]:
    """20·log10, with silence at -120 dB."""
    return np.asarray(20.0 * np.log10(np.maximum(ratio, 10.0 ** (FLOOR_DB / 20.0))))


def linear(gain: float) -> float:
    """The factor that a gain in decibels stands for."""
    return float(10.0 ** (gain / 20.0))


_CHECK: ContextVar[Callable[[], None]] = ContextVar("check", default=lambda: None)


@contextmanager
def interruptible(check: Callable[[], None]) -> Iterator[None]:
    """While this lasts, work on sound calls `check` before every block; what it raises ends the work halfway."""
    token = _CHECK.set(check)
    try:
        yield
    finally:
        _CHECK.reset(token)


def blocks(length: int, *, backwards: bool = False) -> Iterator[slice]:
    """Consecutive slices that cover `length` samples, the last one first where it goes `backwards`."""
    starts = range(0, length, BLOCK)
    for start in reversed(starts) if backwards else starts:
        _CHECK.get()()
        yield slice(start, min(start + BLOCK, length))


def loudest(samples: Samples) -> float:
    """The greatest magnitude; 0 for no samples."""
    return max(float(np.max(samples, initial=0.0)), -float(np.min(samples, initial=0.0)))


def loudness(samples: Samples, rate: SampleRateHz) -> Lufs:
    """Integrated loudness (ITU-R BS.1770)."""
    meter = LoudnessMeter(rate, samples.shape[0])
    for part in blocks(samples.shape[1]):
        meter.add(samples[:, part])
    return meter.integrated()


# -- filters: R. Bristow-Johnson, Cookbook formulae for audio EQ biquad filter coefficients (W3C note, 2021) --------


def _angles(frequency: Hertz | float, q: float, rate: SampleRateHz) -> tuple[float, float]:
    omega = 2.0 * np.pi * min(frequency, 0.45 * rate) / rate
    return float(np.cos(omega)), float(np.sin(omega) / (2.0 * q))


def _section(b: tuple[float, float, float], a: tuple[float, float, float]) -> Section:
    return (b[0] / a[0], b[1] / a[0], b[2] / a[0], 1.0, a[1] / a[0], a[2] / a[0])


def high_pass(frequency: Hertz | float, rate: SampleRateHz, q: float = 0.7071) -> Section:
    cos, alpha = _angles(frequency, q, rate)
    return _section(((1 + cos) / 2, -(1 + cos), (1 + cos) / 2), (1 + alpha, -2 * cos, 1 - alpha))


def low_pass(frequency: Hertz | float, rate: SampleRateHz, q: float = 0.7071) -> Section:
    cos, alpha = _angles(frequency, q, rate)
    return _section(((1 - cos) / 2, 1 - cos, (1 - cos) / 2), (1 + alpha, -2 * cos, 1 - alpha))


def peak(frequency: Hertz | float, gain: Decibels | float, rate: SampleRateHz, q: float = 1.0) -> Section:
    cos, alpha = _angles(frequency, q, rate)
    a = linear(gain / 2)
    return _section((1 + alpha * a, -2 * cos, 1 - alpha * a), (1 + alpha / a, -2 * cos, 1 - alpha / a))


def _shelf(frequency: Hertz | float, gain: Decibels | float, rate: SampleRateHz, sign: float) -> Section:
    """`sign` 1: the shelf lies below `frequency`; -1: above. Slope 1."""
    cos, alpha = _angles(frequency, 0.7071, rate)
    a = linear(gain / 2)
    root = 2 * np.sqrt(a) * alpha
    up, down = a + 1, a - 1
    return _section(
        (
            a * (up - sign * down * cos + root),
            sign * 2 * a * (down - sign * up * cos),
            a * (up - sign * down * cos - root),
        ),
        (up + sign * down * cos + root, -sign * 2 * (down + sign * up * cos), up + sign * down * cos - root),
    )


def low_shelf(frequency: Hertz | float, gain: Decibels | float, rate: SampleRateHz) -> Section:
    return _shelf(frequency, gain, rate, 1.0)


def high_shelf(frequency: Hertz | float, gain: Decibels | float, rate: SampleRateHz) -> Section:
    return _shelf(frequency, gain, rate, -1.0)


def equalise(samples: Samples, *sections: Section) -> None:
    """Run the biquads one after the other."""
    sos = np.array(sections, dtype=np.float64)
    state = np.zeros((len(sections), samples.shape[0], 2))
    for part in blocks(samples.shape[1]):
        samples[:, part], state = sosfilt(sos, samples[:, part].astype(np.float64), axis=1, zi=state)


# -- dynamics --------


@dataclass(frozen=True)
class Compressor:
    """Levels over `threshold` (dB RMS, of full scale) grow only by 1/`ratio`."""

    threshold: Decibels
    ratio: float
    attack: Seconds
    release: Seconds
    knee: Decibels


def hops(length: int) -> int:
    """How many steps of a control curve cover `length` samples."""
    return -(-length // HOP)


def levels(samples: Samples) -> Curve:
    """RMS in decibels of each hop, the loudest channel's."""
    curve = np.empty(hops(samples.shape[1]))
    for part in blocks(samples.shape[1]):
        chunk = samples[:, part].astype(np.float64)
        chunk = np.pad(chunk, ((0, 0), (0, -chunk.shape[1] % HOP)))
        power = np.mean(chunk.reshape(chunk.shape[0], -1, HOP) ** 2, axis=2).max(axis=0)
        start = part.start // HOP
        curve[start : start + power.shape[0]] = decibels(np.sqrt(power))
    return curve


def ballistics(reduction: Curve, attack: Seconds | float, release: Seconds | float, rate: SampleRateHz) -> Curve:
    """Smooth a curve of gain reductions (dB, positive) with an attack where it grows and a release where it falls.

    The branching one-pole detector of Giannoulis, Massberg and Reiss (JAES 60/6, 2012), eq. 16."""
    rise = float(np.exp(-HOP / (max(attack, 1e-4) * rate)))
    fall = float(np.exp(-HOP / (max(release, 1e-4) * rate)))
    value = 0.0
    smoothed = []
    for target in reduction.tolist():
        pole = rise if target > value else fall
        value = target + (value - target) * pole
        smoothed.append(value)
    return np.array(smoothed)


def reduction_above(level: Curve, compressor: Compressor) -> Curve:
    """Gain reduction (dB, positive) that a static compressor with a soft knee gives to levels; ibid., eq. 4."""
    over = level - compressor.threshold
    slope = 1.0 - 1.0 / compressor.ratio
    knee = max(float(compressor.knee), 1e-6)
    soft = slope * (over + knee / 2) ** 2 / (2 * knee)
    return np.where(over > knee / 2, slope * over, np.where(over < -knee / 2, 0.0, soft))


def apply_gain(samples: Samples, gain: Curve) -> None:
    """Multiply by a curve of linear gains, drawn as straight lines between the hops' beginnings."""
    nodes = np.append(gain, gain[-1])
    ramp = np.arange(HOP) / HOP
    for part in blocks(samples.shape[1]):
        first = part.start // HOP
        count = hops(part.stop - part.start)
        left, right = nodes[first : first + count, None], nodes[first + 1 : first + count + 1, None]
        curve = (left + (right - left) * ramp).reshape(-1)[: part.stop - part.start]
        samples[:, part] *= curve.astype(np.float32)


def compress(samples: Samples, rate: SampleRateHz, compressor: Compressor) -> Curve:
    """Compress, all channels alike. Returns the gain reduction in decibels, positive."""
    wanted = reduction_above(levels(samples), compressor)
    reduction = ballistics(wanted, compressor.attack, compressor.release, rate)
    apply_gain(samples, 10.0 ** (-reduction / 20.0))
    return reduction


def soften_sibilants(samples: Samples, rate: SampleRateHz, most: Decibels) -> None:
    """De-esser: everything above 5.5 kHz is turned down, by `most` at most, where it is about as loud as the whole."""
    whole, work = levels(samples), samples.copy()
    equalise(work, high_pass(5500.0, rate), high_pass(5500.0, rate))
    high = levels(work)
    wanted = np.clip((high - whole + 9.0) / 6.0, 0.0, 1.0)
    wanted[high < -70.0] = 0.0
    work[:] = samples
    equalise(work, high_shelf(5000.0, -most, rate))
    work -= samples
    apply_gain(work, ballistics(wanted, 0.002, 0.04, rate))
    samples += work


def fade(samples: Samples, rate: SampleRateHz, fade_in: Seconds | float, fade_out: Seconds | float) -> None:
    """Raised-cosine fades to true silence at both ends."""
    length = samples.shape[1]
    rise, fall = min(int(fade_in * rate), length), min(int(fade_out * rate), length)
    if rise:
        samples[:, :rise] *= _raised_cosine(rise)
    if fall:
        samples[:, length - fall :] *= _raised_cosine(fall)[::-1]


def _raised_cosine(count: int) -> npt.NDArray[np.float32]:
    """From 0 towards 1 in `count` samples."""
    return (0.5 - 0.5 * np.cos(np.pi * np.arange(count) / count)).astype(np.float32)
