"""Praat's measures of one piece of sound that is short enough to be held at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Hertz, SampleRateHz, Seconds
from pansori.engines.analyze.pansori.voice import settings as use
from pansori.engines.analyze.pansori.voice.cepstrum import mean_prominence
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings

Values = npt.NDArray[np.float64]
JITTERS: Final = ("local", "rap", "ppq5")
SHIMMERS: Final = ("local", "apq3", "apq5", "apq11")


@dataclass(frozen=True)
class Grid:
    """Values at equal steps, NaN where there is none. Times are of the whole recording."""

    start: Seconds
    step: Seconds
    values: Values  #: shape [n] or [rows, n]


@dataclass(frozen=True)
class Piece:
    """What Praat says of one piece. A number it leaves undefined is NaN."""

    pitch: Grid  #: Hz
    periods: int
    mean_period: Seconds
    jitter: Values  #: shape [3]: as in `JITTERS`
    shimmer: Values  #: shape [4]: as in `SHIMMERS`
    harmonicity: Grid  #: dB
    intensity: Grid  #: dB
    formants: Grid  #: Hz, shape [4, n]
    bandwidths: Grid  #: Hz, shape [4, n]


def sound(samples: npt.NDArray[np.floating[Any]], rate: SampleRateHz) -> Any:
    """A Praat `Sound` of mono samples."""
    import parselmouth

    return parselmouth.Sound(samples.astype(np.float64), sampling_frequency=float(rate))


def pitch_of(heard: Any, chosen: VoiceSettings) -> Any:
    """A Praat `Pitch`."""
    return heard.to_pitch_ac(
        time_step=use.PITCH_STEP or None,
        pitch_floor=chosen.pitch_floor,
        max_number_of_candidates=use.CANDIDATES,
        very_accurate=use.VERY_ACCURATE,
        silence_threshold=use.SILENCE,
        voicing_threshold=use.VOICING,
        octave_cost=use.OCTAVE_COST,
        octave_jump_cost=use.JUMP_COST,
        voiced_unvoiced_cost=use.VOICED_COST,
        pitch_ceiling=chosen.pitch_ceiling,
    )


def measure_piece(heard: Any, begin: Seconds, chosen: VoiceSettings) -> Piece:
    """`heard`: the piece as a Praat `Sound`, `begin`: where it begins in the recording."""
    from parselmouth.praat import call

    pitch = pitch_of(heard, chosen)
    frequency = pitch.selected_array["frequency"]
    pulses = call([heard, pitch], "To PointProcess (cc)")  # named so after its search, whatever found the pitch
    limits = (0, 0, use.SHORTEST_PERIOD, use.LONGEST_PERIOD, use.PERIOD_FACTOR)
    shimmers = (*limits, use.AMPLITUDE_FACTOR)
    harmonicity = heard.to_harmonicity_cc(
        time_step=use.HARMONICITY_STEP,
        minimum_pitch=chosen.pitch_floor,
        silence_threshold=use.HARMONICITY_SILENCE,
        periods_per_window=use.HARMONICITY_PERIODS,
    )
    intensity = heard.to_intensity(minimum_pitch=chosen.pitch_floor, subtract_mean=True)
    formants, bandwidths = _formants(heard, begin, chosen, frequency)
    hnr = harmonicity.values[0]
    return Piece(
        pitch=_grid(pitch, begin, np.where(frequency > 0, frequency, np.nan)),
        periods=int(call(pulses, "Get number of periods", *limits)),
        mean_period=Seconds(call(pulses, "Get mean period", *limits)),
        jitter=np.array([call(pulses, f"Get jitter ({name})", *limits) for name in JITTERS]),
        shimmer=np.array([call([heard, pulses], f"Get shimmer ({name})", *shimmers) for name in SHIMMERS]),
        harmonicity=_grid(harmonicity, begin, np.where(hnr > -200, hnr, np.nan)),
        intensity=_grid(intensity, begin, intensity.values[0]),
        formants=formants,
        bandwidths=bandwidths,
    )


def smoothed_prominence(heard: Any) -> float:
    """CPPS in dB, with the settings of Praat's manual ("PowerCepstrogram: Get CPPS…")."""
    from parselmouth.praat import call

    cepstra = call(
        heard, "To PowerCepstrogram", use.CEPSTRUM_FLOOR, use.CEPSTRUM_STEP, use.CEPSTRUM_CEILING, use.PREEMPHASIS
    )
    return mean_prominence(cepstra)


def formant_ceiling(chosen: VoiceSettings, median_pitch: float) -> Hertz:
    if chosen.formant_ceiling is not None:
        return chosen.formant_ceiling
    return use.LOW_CEILING if median_pitch < use.LOW_VOICE else use.HIGH_CEILING


def _formants(heard: Any, begin: Seconds, chosen: VoiceSettings, frequency: Values) -> tuple[Grid, Grid]:
    voiced = frequency[frequency > 0]
    ceiling = formant_ceiling(chosen, float(np.median(voiced)) if voiced.size else 0.0)
    found = heard.to_formant_burg(
        max_number_of_formants=use.FORMANTS,
        maximum_formant=ceiling,
        window_length=use.FORMANT_WINDOW,
        pre_emphasis_from=use.PREEMPHASIS,
    )
    times, numbers = found.xs(), range(1, use.REPORTED + 1)
    values = np.array([[found.get_value_at_time(number, time) for time in times] for number in numbers])
    widths = np.array([[found.get_bandwidth_at_time(number, time) for time in times] for number in numbers])
    return _grid(found, begin, values), _grid(found, begin, widths)


def _grid(sampled: Any, begin: Seconds, values: Values) -> Grid:
    return Grid(Seconds(begin + sampled.x1), Seconds(sampled.dx), values)
