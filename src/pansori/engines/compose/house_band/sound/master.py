"""The last desk: tonal balance, glue, loudness and the limiter.

Everything done here is a filter or a gain over time that is the same for all stems, so the finished stems add up to
the finished song, sample by sample.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import minimum_filter1d
from scipy.signal import firwin, resample_poly

from pansori.domain.units import Dbtp, Decibels, Lufs, SampleRateHz, Seconds
from pansori.dsp.loudness import LoudnessMeter, true_peak
from pansori.engines.base import Samples
from pansori.engines.compose.house_band.sound.effects import (
    HOP,
    Compressor,
    Curve,
    apply_gain,
    ballistics,
    blocks,
    decibels,
    equalise,
    fade,
    high_pass,
    hops,
    levels,
    linear,
    loudest,
    loudness,
    reduction_above,
)
from pansori.engines.compose.house_band.sound.mix import Stems, sum_of
from pansori.engines.compose.house_band.sound.tone import MIX, correction

LOUDNESS = Lufs(-14.0)
CEILING = Dbtp(-1.5)  #: half a decibel is left for the peaks that lossy coding adds
TOLERANCE = 0.1  #: LU
OVERSAMPLING = 4
LOOK_AHEAD = 4  #: hops, 6 ms
RELEASE = Seconds(0.14)
GLUE = Compressor(Decibels(-13.0), 1.5, Seconds(0.03), Seconds(0.25), Decibels(8.0))
GLUE_AT = Lufs(-16.0)  #: loudness at which the mix meets the glue
MARGIN = 16  #: samples on both sides that one interpolated value depends on


@dataclass(frozen=True)
class Mastered:
    """What was reached; the stems were changed in place and sum to `song`."""

    song: Samples
    loudness: Lufs
    true_peak: Dbtp
    most_reduction: Decibels  #: of the limiter, at its deepest


def master(
    stems: Stems,
    rate: SampleRateHz,
    *,
    fade_out: Seconds,
    brightness: float = 0.0,
    target: Lufs = LOUDNESS,
    progress: Callable[[float], None] = lambda fraction: None,
) -> Mastered:
    """Bring the stems to the loudness `target` under `CEILING`. `brightness`: decibels of tilt beside the usual."""
    balancing = correction(sum_of(stems), rate, MIX, brightness)
    for number, samples in enumerate(stems.values()):
        progress(0.1 + 0.1 * number)
        equalise(samples, high_pass(25.0, rate), *balancing)
        fade(samples, rate, 0.002, fade_out)
    song = sum_of(stems)
    progress(0.5)
    curve = _glue(song, rate)
    apply_gain(song, curve)
    progress(0.6)
    gain, limiting = _limit(song, rate, target)
    del song  # as large as a stem
    progress(0.8)
    for samples in stems.values():
        apply_gain(samples, curve)
        apply_gain(samples, gain * limiting)
    song = sum_of(stems)
    progress(0.9)
    peak_level = true_peak(song, rate)
    highest = max(map(loudest, stems.values()))
    # Hundredths of a decibel, since interpolators differ; more only where stems that cancel each other would clip.
    excess = max(peak_level - CEILING, float(decibels(highest)), 0.0)
    if excess > 0.0:
        for samples in (song, *stems.values()):
            samples *= np.float32(linear(-excess - 0.001))
    return Mastered(
        song=song,
        loudness=loudness(song, rate),
        true_peak=Dbtp(peak_level - excess),
        most_reduction=Decibels(float(-20.0 * np.log10(limiting.min()))),
    )


# -- level --------


def _glue(song: Samples, rate: SampleRateHz) -> Curve:
    """Gains that set the song to `GLUE_AT` and press its loud passages together a little."""
    now = loudness(song, rate)
    gain = GLUE_AT - now if np.isfinite(now) else 0.0
    reduction = ballistics(reduction_above(levels(song) + gain, GLUE), GLUE.attack, GLUE.release, rate)
    return np.asarray(10.0 ** ((gain - reduction) / 20.0))


def _limit(song: Samples, rate: SampleRateHz, target: Lufs) -> tuple[float, Curve]:
    """A static gain and the limiter's curve that together give `target` under the ceiling."""
    peaks = true_peaks(song, rate)
    now = loudness(song, rate)
    gain = target - now if np.isfinite(now) else 0.0
    curve = limiter_curve(peaks * linear(gain), rate)
    for _ in range(4):
        reached = _limited_loudness(song, linear(gain) * curve, rate)
        if not np.isfinite(reached) or abs(target - reached) < TOLERANCE:
            break
        gain += target - reached
        curve = limiter_curve(peaks * linear(gain), rate)
    return linear(gain), curve


def _limited_loudness(song: Samples, curve: Curve, rate: SampleRateHz) -> Lufs:
    """The loudness that `song` would have with these gains; block by block, for a copy is as large as a stem."""
    meter = LoudnessMeter(rate, song.shape[0])
    for part in blocks(song.shape[1]):
        trial = song[:, part].copy()
        apply_gain(trial, curve[part.start // HOP : hops(part.stop) + 1])
        meter.add(trial)
    return meter.integrated()


def true_peaks(samples: Samples, rate: SampleRateHz) -> Curve:
    """The greatest magnitude in each hop, between the samples too (ITU-R BS.1770-5, annex 2: 4x oversampling)."""
    length = samples.shape[1]
    found = np.empty(hops(length))
    taps = firwin(2 * MARGIN * OVERSAMPLING + 1, 1 / OVERSAMPLING, window=("kaiser", 5.0)).astype(np.float32)
    for part in blocks(length):
        start, stop = max(part.start - MARGIN, 0), min(part.stop + MARGIN, length)
        fine = resample_poly(samples[:, start:stop], OVERSAMPLING, 1, axis=1, window=taps)
        fine = np.abs(fine[:, (part.start - start) * OVERSAMPLING :][:, : (part.stop - part.start) * OVERSAMPLING])
        fine = np.pad(fine.max(axis=0), (0, -fine.shape[1] % (HOP * OVERSAMPLING)))
        hop = part.start // HOP
        values = fine.reshape(-1, HOP * OVERSAMPLING).max(axis=1)
        found[hop : hop + len(values)] = values
    return found


def limiter_curve(peaks: Curve, rate: SampleRateHz, ceiling: Dbtp = CEILING) -> Curve:
    """Gains that keep each hop's peak under the ceiling, turned down before the peak comes and released after it.

    The minimum over the look-ahead, recovered exponentially, then averaged over the look-ahead: since every value
    that enters the average is below what the hop allows, so is the average."""
    allowed = np.minimum(1.0, linear(ceiling) / np.maximum(peaks, 1e-9))
    window = LOOK_AHEAD + 2  # from the hop before to the look-ahead: both ends of a hop's line are safe
    ahead = minimum_filter1d(allowed, window, origin=-(window // 2 - 1), mode="nearest")
    recover = 1.0 - float(np.exp(-HOP / (RELEASE * rate)))
    value = 1.0
    released = []
    for bound in ahead.tolist():
        value = min(bound, value + (1.0 - value) * recover)
        released.append(value)
    padded = np.concatenate([np.full(LOOK_AHEAD - 1, released[0]), released])
    return np.convolve(padded, np.full(LOOK_AHEAD, 1.0 / LOOK_AHEAD), mode="valid")
