"""A voice measured as a whole: Praat's numbers of all pieces, and how it is spoken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pansori.domain.errors import Text
from pansori.domain.units import Hertz, SampleRateHz, Seconds
from pansori.dsp.mapped import release
from pansori.engines.analyze.measure import Curve, Estimate, Refusal, Span
from pansori.engines.analyze.pansori.blocks import Watch, mean_of_channels
from pansori.engines.analyze.pansori.voice import settings as use
from pansori.engines.analyze.pansori.voice.praat import (
    JITTERS,
    SHIMMERS,
    Grid,
    Piece,
    Values,
    measure_piece,
    smoothed_prominence,
    sound,
)
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from pansori.engines.analyze.pansori.voice.speech import TOO_LITTLE, Speech, read_speech
from pansori.engines.analyze.schema import FormantMeasures, VoiceMeasures
from pansori.engines.base import Recording, Samples

SHORTEST = Seconds(0.1)  #: a sound that has a few periods of the lowest pitch
FEWEST_PERIODS = 12  #: for the quotient of eleven periods
LEAST_SNR, LEAST_HNR = 6.0, 1.5  #: dB, below which periods and harmonicity are those of the noise

TOO_SHORT = Refusal.of("too_short", Text("The recording is too short for it.", "이 값을 재기에는 녹음이 너무 짧아요."))
UNVOICED = Refusal.of("unvoiced", Text("Nothing in it is voiced.", "유성음이 없어요."))
NOT_SPEECH = Refusal.of(
    "not_speech",
    Text("It is sung, and rates of speech are about what is spoken.", "노래라서 말 빠르기를 재는 것은 의미가 없어요."),
)
NOISY = Refusal.of(
    "noisy",
    Text(
        "The noise is nearly as loud as the voice, so that it would be measured instead.",
        "잡음이 목소리만큼 커서, 재면 목소리가 아니라 잡음의 값이 나와요.",
    ),
)
NO_TRANSCRIBER = Refusal.of(
    "no_transcriber",
    Text(
        "No engine that writes down whatever is said is chosen.",
        "아무 말이나 받아쓸 수 있는 엔진이 정해져 있지 않아요.",
    ),
)


def measure_voice(recording: Recording, chosen: VoiceSettings, watch: Watch, *, sung: bool) -> VoiceMeasures:
    """`sung`: what is sung has no rates of speech."""
    if recording.duration < max(SHORTEST, 6.4 / chosen.pitch_floor):
        return VoiceMeasures.refuse(TOO_SHORT)
    pieces = []
    for begin, end in cuts(recording):
        heard = _heard(recording.samples[:, begin:end], recording.rate)
        pieces.append(measure_piece(heard, Seconds(begin / recording.rate), chosen))
        release(recording.samples)
        watch(0.8 * end / recording.samples.shape[1])
    prominences = list(_prominences(recording, watch))
    pitch, intensity = _joined([one.pitch for one in pieces]), _joined([one.intensity for one in pieces])
    speech = read_speech(intensity, pitch, chosen)
    watch(1.0)
    return VoiceMeasures.of(
        {
            **_pitch(pitch),
            **_periodicity(pieces, speech),
            "cpps": _weighted(prominences),
            **_formants(pieces, pitch),
            "intensity_mean": _energy_mean(intensity.values),
            "intensity": Curve.of(intensity.values, start=intensity.start, step=intensity.step),
            **_rates(speech, sung=sung),
            **dict.fromkeys(("transcript", "speakers", "word_rate"), NO_TRANSCRIBER),
        }
    )


def cuts(recording: Recording) -> Iterator[tuple[int, int]]:
    """Frames at which the recording is cut into pieces, at the quietest tenth of a second near each end."""
    samples, rate = recording.samples, recording.rate
    frames, at = samples.shape[1], 0
    while frames - at > (use.PIECE if at else use.WHOLE) * rate:
        end = at + min(round(use.PIECE * rate), (frames - at) // 2 + round(use.SEARCHED / 2 * rate))  # no scrap is left
        first = end - round(use.SEARCHED * rate)
        tenth = rate // 10
        level = np.square(mean_of_channels(samples[:, first:end]))[: (end - first) // tenth * tenth]
        quietest = int(np.argmin(level.reshape(-1, tenth).sum(axis=1)))
        end = first + quietest * tenth + tenth // 2
        yield at, end
        at = end
    yield at, frames


def _heard(samples: Samples, rate: SampleRateHz) -> Any:
    """The mean of the channels as a Praat `Sound`."""
    mono = mean_of_channels(samples)
    if rate <= use.HIGHEST_RATE:
        return sound(mono, rate)
    import soxr

    return sound(soxr.resample(mono, rate, use.HIGHEST_RATE, quality="VHQ"), use.HIGHEST_RATE)


def _prominences(recording: Recording, watch: Watch) -> Iterator[tuple[float, float]]:
    """CPPS of parts and their seconds; a short rest belongs to the part before it."""
    samples, rate = recording.samples, recording.rate
    parts = round(recording.duration / use.CEPSTRUM_PIECE) if recording.duration > use.CEPSTRUM_WHOLE else 1
    edges = np.linspace(0, samples.shape[1], parts + 1).astype(int)
    for begin, end in pairwise(edges.tolist()):
        part = samples[:, begin:end]
        if np.any(part):
            yield smoothed_prominence(_heard(part, rate)), (end - begin) / rate
        release(samples)
        watch(0.8 + 0.2 * end / samples.shape[1])


def _joined(grids: Sequence[Grid]) -> Grid:
    """One grid over the whole, at the first one's steps; those of later pieces lie between them by less than half a
    step. Where two overlap the later counts."""
    if len(grids) == 1:
        return grids[0]
    start, step = grids[0].start, grids[0].step
    count = max(round((grid.start - start) / step) + grid.values.shape[-1] for grid in grids)
    values = np.full((*grids[0].values.shape[:-1], count), np.nan)
    for grid in grids:
        at = round((grid.start - start) / step)
        values[..., at : at + grid.values.shape[-1]] = grid.values
    return Grid(start, step, values)


def _pitch(pitch: Grid) -> dict[str, object]:
    known = pitch.values[~np.isnan(pitch.values)]
    found: dict[str, object] = {"voiced_fraction": known.size / max(pitch.values.size, 1)}
    names = ("mean", "median", "deviation", "minimum", "maximum", "range")
    if not known.size:
        return found | dict.fromkeys([*(f"f0_{name}" for name in names), "f0", "voiced"], UNVOICED)
    low, high = np.percentile(known, (5, 95))
    values = (
        np.mean(known), np.median(known), np.std(known, ddof=1) if known.size > 1 else 0.0,
        np.min(known), np.max(known), 12 * np.log2(high / low),
    )  # fmt: skip
    return found | {
        **{f"f0_{name}": float(value) for name, value in zip(names, values, strict=True)},
        "f0": Curve.of(pitch.values, start=pitch.start, step=pitch.step),
        "voiced": spans(~np.isnan(pitch.values), pitch),
    }


def spans(inside: npt.NDArray[np.bool_], grid: Grid) -> tuple[Span, ...]:
    """Stretches in which the condition holds, half a step to both sides of their frames."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], inside, [False])).astype(np.int8)))
    return tuple(
        Span(
            start=Seconds(round(max(grid.start + (first - 0.5) * grid.step, 0.0), 4)),
            end=Seconds(round(grid.start + (last - 0.5) * grid.step, 4)),
        )
        for first, last in edges.reshape(-1, 2)
    )


def _periodicity(pieces: Sequence[Piece], speech: Speech | Refusal) -> dict[str, object]:
    """Jitter, shimmer and harmonicity, where they are the voice's."""
    hnr = _mean(_joined([one.harmonicity for one in pieces]).values)
    found = {**_perturbations(pieces), "hnr": hnr}
    snr = None if isinstance(speech, Refusal) or isinstance(speech.snr, Refusal) else speech.snr
    noisy = isinstance(hnr, float) and (hnr < LEAST_HNR or (snr is not None and snr < LEAST_SNR))
    return dict.fromkeys(found, NOISY) if noisy else found


def _perturbations(pieces: Sequence[Piece]) -> dict[str, object]:
    """Of all pieces, each weighted by its periods; jitter, being relative, by their length too."""
    periods = np.array([one.periods for one in pieces], dtype=float)
    lengths = np.nan_to_num(np.array([one.mean_period for one in pieces])) * periods
    jitters = [_weighted(list(zip([one.jitter[at] for one in pieces], lengths, strict=True))) for at in range(3)]
    shimmers = [_weighted(list(zip([one.shimmer[at] for one in pieces], periods, strict=True))) for at in range(4)]
    names = [f"jitter_{name}" for name in JITTERS] + [f"shimmer_{name}" for name in SHIMMERS]
    if not periods.sum():
        return dict.fromkeys(names, UNVOICED)
    few = periods.sum() < FEWEST_PERIODS
    return {name: TOO_LITTLE if few else value for name, value in zip(names, jitters + shimmers, strict=True)}


def _formants(pieces: Sequence[Piece], pitch: Grid) -> dict[str, object]:
    joined, widths = _joined([one.formants for one in pieces]), _joined([one.bandwidths for one in pieces])
    times = joined.start + joined.step * np.arange(joined.values.shape[1])
    at = np.clip(np.rint((times - pitch.start) / pitch.step).astype(int), 0, pitch.values.size - 1)
    voiced = ~np.isnan(pitch.values[at])
    if not voiced.any():
        return {"formants": UNVOICED, "formant_curves": UNVOICED}
    told = []
    for number, (row, band) in enumerate(zip(joined.values, widths.values, strict=True), 1):
        values, bands = row[voiced], band[voiced]
        known = ~np.isnan(values)
        if known.any():
            told.append(
                FormantMeasures(
                    number=number,
                    mean=Hertz(float(np.mean(values[known]))),
                    median=Hertz(float(np.median(values[known]))),
                    bandwidth=Hertz(float(np.median(bands[known]))),
                )
            )
    curves = tuple(
        Curve.of(np.where(voiced, row, np.nan), start=joined.start, step=joined.step) for row in joined.values
    )
    return {"formants": tuple(told), "formant_curves": curves}


def _rates(speech: Speech | Refusal, *, sung: bool) -> dict[str, object]:
    names = ("syllables", "speaking_rate", "articulation_rate", "pauses", "snr")
    if isinstance(speech, Refusal):
        return dict.fromkeys(names, speech)
    found: dict[str, object] = {"pauses": speech.pauses, "snr": speech.snr}
    if sung:
        return found | dict.fromkeys(names[:3], NOT_SPEECH)
    return found | {
        "syllables": Estimate(speech.syllables, 0.7),
        "speaking_rate": Estimate(speech.syllables / speech.duration, 0.7),
        "articulation_rate": Estimate(speech.syllables / speech.spoken, 0.7),
    }


def _mean(values: Values) -> object:
    known = values[~np.isnan(values)]
    return float(np.mean(known)) if known.size else UNVOICED


def _weighted(parts: Sequence[tuple[float, float]]) -> object:
    known = [(value, weight) for value, weight in parts if np.isfinite(value) and weight > 0]
    if not known:
        return UNVOICED
    return float(np.average([value for value, _ in known], weights=[weight for _, weight in known]))


def _energy_mean(levels: Values) -> float:
    return float(10 * np.log10(np.nanmean(10 ** (levels / 10))))
