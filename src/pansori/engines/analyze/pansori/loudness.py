"""Loudness by EBU R 128, from FFmpeg's filter `ebur128`.

The filter moves its windows by a tenth of a second, which is what BS.1770 gates by, but may miss the loudest one; that
is looked for here in steps of ten milliseconds, with the same weighting.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.errors import Text
from pansori.domain.units import Seconds
from pansori.dsp.loudness import OFFSET, WEIGHTS, k_weighting, true_peak
from pansori.engines.analyze.measure import Curve, Label, Refusal
from pansori.engines.analyze.pansori.blocks import Watch, blocks, decibels
from pansori.engines.analyze.schema import LoudnessMeasures, SectionLoudness
from pansori.engines.base import Recording

HOP = Seconds(0.1)  #: between two readings
BLOCK, WINDOW = Seconds(0.4), Seconds(3.0)  #: of momentary and of short-term loudness
HOPS_PER_BLOCK = 4
FINE_HOP = Seconds(0.01)  #: in which the loudest window is looked for
FINE_HOPS_AT_ONCE = 500
GATE = -70.0  #: LUFS
RELATIVE_GATE = 10.0  #: LU
NOTHING = -120.0  #: LUFS; below it the filter means that there is no reading yet
LAYOUTS = {1: "mono", 2: "stereo", 3: "3.0", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}

TOO_SHORT = Refusal.of(
    "too_short",
    Text("The recording is shorter than the window of this measure.", "이 값을 재는 구간보다 녹음이 짧아요."),
)
TOO_QUIET = Refusal.of(
    "too_quiet", Text("Nothing is louder than the gate at -70 LUFS.", "-70 LUFS 게이트보다 큰 소리가 없어요.")
)
NO_SECTIONS = Refusal.of("no_sections", Text("No sections of music are known.", "음악의 구간을 알 수 없어요."))


@dataclass(frozen=True)
class Readings:
    """Every tenth of a second, at its end: `momentary` and `short_term` in LUFS, NaN before their first window is
    full; `integrated` and `range` of all before the end."""

    momentary: npt.NDArray[np.float64]
    short_term: npt.NDArray[np.float64]
    integrated: float
    range: float


def measure_loudness(recording: Recording, sections: Sequence[Label] | None, watch: Watch) -> LoudnessMeasures:
    """`sections`: of the music, where they are known."""
    readings = read_loudness(recording, watch)
    audible = readings.integrated > GATE
    least = TOO_SHORT if np.all(np.isnan(readings.momentary)) else TOO_QUIET
    fine = _fine_powers(recording)
    peak = true_peak(recording.samples, recording.rate)
    short = not np.all(np.isnan(readings.short_term))
    found = {
        "integrated": readings.integrated if audible else least,
        "loudness_range": (readings.range if short else TOO_SHORT) if audible else least,
        "max_momentary": _loudest(fine, BLOCK),
        "max_short_term": _loudest(fine, WINDOW),
        "true_peak": peak if np.isfinite(peak) else TOO_QUIET,
        "peak_to_loudness": peak - readings.integrated if audible else least,
        "momentary": Curve.of(readings.momentary, start=HOP, step=HOP) if readings.momentary.size else TOO_SHORT,
        "short_term": Curve.of(readings.short_term, start=HOP, step=HOP) if short else TOO_SHORT,
        "sections": tuple(section_loudness(readings.momentary, one) for one in sections) if sections else NO_SECTIONS,
    }
    return LoudnessMeasures.of(found)


def read_loudness(recording: Recording, watch: Watch) -> Readings:
    """What the filter says of the whole recording."""
    told: list[tuple[float, float]] = []
    integrated, spread = GATE, 0.0
    for metadata in _metadata(recording, watch):
        told.append((float(metadata["lavfi.r128.M"]), float(metadata["lavfi.r128.S"])))
        integrated, spread = float(metadata["lavfi.r128.I"]), float(metadata["lavfi.r128.LRA"])
    values = np.array(told, dtype=np.float64).reshape(-1, 2)
    values[: HOPS_PER_BLOCK - 1, 0] = np.nan
    values[: round(WINDOW / HOP) - 1, 1] = np.nan
    return Readings(values[:, 0], values[:, 1], integrated, spread)


def _metadata(recording: Recording, watch: Watch) -> Iterator[dict[str, str]]:
    """The readings of the filter as they come, one a tenth of a second."""
    import av

    channels, rate = recording.samples.shape[0], recording.rate
    layout = LAYOUTS.get(channels, f"{channels}c")
    graph = av.filter.Graph()
    source = graph.add_abuffer(sample_rate=rate, format="flt", layout=layout, time_base=Fraction(1, rate))
    graph.link_nodes(source, graph.add("ebur128", "metadata=1:framelog=quiet"), graph.add("abuffersink")).configure()

    def ready() -> Iterator[dict[str, str]]:
        while True:
            try:
                metadata = graph.pull().metadata
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            if "lavfi.r128.M" in metadata:
                yield metadata

    done = 0
    for block in blocks(recording.samples):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block.T).reshape(1, -1), format="flt", layout=layout)
        frame.sample_rate, frame.pts = rate, done
        graph.push(frame)
        yield from ready()
        done += block.shape[1]
        watch(done / recording.samples.shape[1])
    graph.push(None)
    yield from ready()


def _fine_powers(recording: Recording) -> npt.NDArray[np.float64]:
    """K-weighted power of all channels (BS.1770-5, Annex 1) in every `FINE_HOP`."""
    channels, rate = recording.samples.shape[0], recording.rate
    weights = np.array(WEIGHTS.get(channels, (1.0,) * channels))
    sections, size = k_weighting(rate), max(round(FINE_HOP * rate), 1)
    state, found = np.zeros((len(sections), channels, 2)), []
    for block in blocks(recording.samples, size * FINE_HOPS_AT_ONCE):
        weighted, state = scipy.signal.sosfilt(sections, block, axis=1, zi=state)
        power = (weights @ np.square(weighted))[: block.shape[1] // size * size]
        found.append(power.reshape(-1, size).mean(axis=1))
    return np.concatenate(found)


def _loudest(fine: npt.NDArray[np.float64], window: Seconds) -> float | Refusal:
    length = round(window / FINE_HOP)
    if len(fine) < length:
        return TOO_SHORT
    sums = np.cumsum(np.concatenate(([0.0], fine)))
    power = float(np.max(sums[length:] - sums[:-length])) / length
    loudest = OFFSET + float(decibels(max(power, 1e-30)))
    return loudest if loudest > NOTHING else TOO_QUIET


def section_loudness(momentary: npt.NDArray[np.float64], section: Label) -> SectionLoudness:
    """Gated as BS.1770-5 gates a whole: momentary loudness every tenth of a second is that of its gating blocks.
    `momentary`: as in `Readings`."""
    first, end = round(section.start / HOP) + HOPS_PER_BLOCK - 1, round(section.end / HOP)
    inside = momentary[first:end]
    audible = inside[inside > GATE]
    integrated = None
    if audible.size:
        power = 10 ** (audible / 10)
        kept = power[audible > decibels(power.mean()) - RELATIVE_GATE]
        integrated = round(float(decibels(kept.mean())), 2)
    return SectionLoudness(start=section.start, end=section.end, label=section.label, integrated=integrated)
