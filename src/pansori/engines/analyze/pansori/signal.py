"""What is to be said of any signal: levels, silence, clipping, hum."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import Text
from pansori.domain.units import Hertz, SampleRateHz
from pansori.dsp.mapped import release
from pansori.dsp.peaks import peaks
from pansori.engines.analyze.measure import Refusal
from pansori.engines.analyze.pansori.blocks import Mono, Watch, blocks, decibels
from pansori.engines.analyze.schema import SignalMeasures, Waveform
from pansori.engines.base import Recording, Samples

POINTS = 2000  #: of the waveform
SILENCE = 10 ** (-60 / 20)
SHORTEST_CLIP = 3  #: samples at one level
FLAT = 1e-4  #: two steps of 16 bits; what differs less is one level
EDGE = 1e-3  #: part of the level by which a clipped run is left, where the top of a slow wave is left by less
CLIPPED_FROM = 0.25  #: of full scale; a flat top below that was not made by a converter
FRAME = 8192
ROLLED_OFF = 0.999  #: of the power

MAINS = (50.0, 60.0)
HARMONICS = 4
WINDOW = 2.0  #: seconds of one spectrum in which hum is looked for
MOST_WINDOWS = 600  #: spread over a longer recording
QUIET = 10  #: percentile over time: hum goes on when the music does not
PROMINENT, CLEAR = 10.0, 15.0  #: dB over the neighbourhood, for two harmonics and for one of them

SILENT = Refusal.of("silence", Text("There is nothing but silence.", "아무 소리도 없어요."))
NO_HUM = Refusal.of("no_hum", Text("No hum of the mains is heard.", "전원 험이 들리지 않아요."))
TOO_SHORT = Refusal.of("too_short", Text("The recording is too short for it.", "이 값을 재기에는 녹음이 너무 짧아요."))

Power = npt.NDArray[np.float64]


@dataclass
class _Sums:
    """What is collected on the one way through the samples."""

    total: npt.NDArray[np.float64]  #: by channel
    power: float = 0.0
    first: int | None = None
    last: int = 0
    spectrum: Power = field(default_factory=lambda: np.zeros(FRAME // 2 + 1))


def measure_signal(recording: Recording, mono: Mono, mono_rate: SampleRateHz, watch: Watch) -> SignalMeasures:
    """`mono`: the same sound as one channel, in which hum is looked for."""
    samples, rate = recording.samples, recording.rate
    sums = _sum_up(samples, watch)
    frames = samples.shape[1]
    drawn = peaks(samples, POINTS).max(axis=0)
    peak = float(drawn.max())
    level = float(decibels(sums.power / samples.size))
    means = sums.total / frames
    clipped, runs = count_clipped(samples, peak) if peak >= CLIPPED_FROM else (0, 0)
    hum = find_hum(mono, mono_rate)
    return SignalMeasures.of(
        {
            "peak": 20 * float(np.log10(peak)) if peak > 0 else SILENT,
            "rms": level if peak > 0 else SILENT,
            "crest_factor": 20 * float(np.log10(peak)) - level if peak > 0 else SILENT,
            "dc_offset": float(means[np.argmax(np.abs(means))]),
            "clipped_samples": clipped,
            "clipped_runs": runs,
            "leading_silence": (frames if sums.first is None else sums.first) / rate,
            "trailing_silence": (frames if sums.first is None else frames - 1 - sums.last) / rate,
            "hum_frequency": hum if isinstance(hum, Refusal) else hum[0],
            "hum_level": hum if isinstance(hum, Refusal) else hum[1],
            "bandwidth": _bandwidth(sums.spectrum, rate),
            "waveform": Waveform.model_validate(
                {"step": recording.duration / len(drawn), "values": tuple(np.round(drawn, 4).tolist())}
            ),
        }
    )


def _sum_up(samples: Samples, watch: Watch) -> _Sums:
    sums = _Sums(np.zeros(samples.shape[0]))
    window = np.hanning(FRAME).astype(np.float32)
    done = 0
    for block in blocks(samples):
        sums.total += block.sum(axis=1, dtype=np.float64)
        sums.power += float(np.sum(np.square(block), dtype=np.float64))
        heard = np.flatnonzero(np.any(np.abs(block) > SILENCE, axis=0))
        if heard.size:
            sums.first = done + int(heard[0]) if sums.first is None else sums.first
            sums.last = done + int(heard[-1])
        padded = np.pad(block, ((0, 0), (0, -block.shape[1] % FRAME)))
        bins = np.fft.rfft(padded.reshape(block.shape[0], -1, FRAME) * window, axis=2)
        sums.spectrum += np.sum(np.abs(bins) ** 2, axis=(0, 1))
        done += block.shape[1]
        watch(done / samples.shape[1])
    return sums


def count_clipped(samples: Samples, peak: float) -> tuple[int, int]:
    """How many samples lie in runs that a limit has cut flat, and how many runs.

    A run is three or more samples of a channel at one side's highest level (full scale, where the peak is over that),
    which the signal enters or leaves by a step: the top of a slow wave is as flat, but has no edge.
    """
    level = min(peak, 1.0)
    found = [_flat_runs(sign * row, level) for block in blocks(samples) for row in block for sign in (1.0, -1.0)]
    return sum(count for count, _ in found), sum(runs for _, runs in found)


def _flat_runs(row: npt.NDArray[np.float32], level: float) -> tuple[int, int]:
    high = np.flatnonzero(row >= level * (1 - FLAT))
    if high.size < SHORTEST_CLIP:
        return 0, 0
    parts = np.split(high, np.flatnonzero(np.diff(high) > 1) + 1)
    count = runs = 0
    for part in parts:
        before, after = max(int(part[0]) - 1, 0), min(int(part[-1]) + 1, len(row) - 1)
        edge = level - min(float(row[before]), float(row[after]))
        if len(part) >= SHORTEST_CLIP and edge > EDGE * level:
            count, runs = count + len(part), runs + 1
    return count, runs


def _bandwidth(spectrum: Power, rate: SampleRateHz) -> Hertz | Refusal:
    """The frequency below which 99.9 % of the power lie."""
    if not spectrum.any():
        return SILENT
    share = np.cumsum(spectrum) / spectrum.sum()
    return Hertz(float(np.searchsorted(share, ROLLED_OFF)) * rate / FRAME)


def find_hum(mono: Mono, rate: SampleRateHz) -> tuple[Hertz, float] | Refusal:
    """Frequency of the mains and level of its hum in dBFS.

    Hum is what stands out at 50 or 60 Hz and the first harmonics even in the quietest parts of the recording, where
    bass notes of the same pitch pause.
    """
    size = round(WINDOW * rate)
    if len(mono) < 2 * size:
        return TOO_SHORT
    window = np.hanning(size)
    most = round((max(MAINS) * HARMONICS + 20) * WINDOW)
    starts = range(0, len(mono) - size + 1, max(size // 2, (len(mono) - size) // MOST_WINDOWS))
    spectra = np.zeros((len(starts), most))
    for row, at in enumerate(starts):
        spectra[row] = np.abs(np.fft.rfft(mono[at : at + size] * window)[:most]) ** 2
        release(mono)
    spectra *= 4 / window.sum() ** 2 / 2  # of a sine, its mean square
    quiet = np.percentile(spectra, QUIET, axis=0)
    found = [(mains, *_hum_at(quiet, mains)) for mains in MAINS]
    heard = [(strength, mains, power) for mains, strength, power in found if strength]
    if not heard:
        return NO_HUM
    _, mains, power = max(heard)
    return Hertz(mains), float(decibels(power))


def _hum_at(spectrum: Power, mains: float) -> tuple[float, float]:
    """How far the harmonics stand out in dB, all together, and their power; (0, 0) where they do not."""
    above, power = [], 0.0
    for number in range(1, HARMONICS + 1):
        at = round(mains * number * WINDOW)
        peak = float(spectrum[at - 1 : at + 2].max())
        around = float(np.median(np.concatenate((spectrum[at - 16 : at - 4], spectrum[at + 5 : at + 17]))))
        if peak > 1e-12 and (prominence := float(decibels(peak / max(around, 1e-20)))) >= PROMINENT:
            above.append(prominence)
            power += peak
    if len(above) < 2 or max(above) < CLEAR:
        return 0.0, 0.0
    return sum(above), power
