"""With what Praat measures. The numbers are Praat's own defaults, in the order of its forms."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from pansori.domain.units import Hertz, SampleRateHz, Seconds


class VoiceSettings(BaseModel):
    """What users may choose of it."""

    model_config = ConfigDict(frozen=True)

    pitch_floor: Hertz = Hertz(75.0)
    pitch_ceiling: Hertz = Hertz(600.0)
    formant_ceiling: Hertz | None = None
    """None: 5000 Hz for low voices (median pitch below 160 Hz), 5500 Hz for others."""
    silence: float = Field(default=-25.0, lt=0)
    """dB against the loudest, below which a pause is."""
    shortest_pause: Seconds = Seconds(0.3)


PITCH_STEP: Final = 0.0  #: Praat's own choice: 0.75 / floor
VERY_ACCURATE: Final = False
CANDIDATES, SILENCE, VOICING, OCTAVE_COST, JUMP_COST, VOICED_COST = 15, 0.03, 0.45, 0.01, 0.35, 0.14
SHORTEST_PERIOD, LONGEST_PERIOD, PERIOD_FACTOR, AMPLITUDE_FACTOR = 1e-4, 0.02, 1.3, 1.6
HARMONICITY_STEP, HARMONICITY_SILENCE, HARMONICITY_PERIODS = 0.01, 0.1, 1.0
CEPSTRUM_FLOOR, CEPSTRUM_STEP, CEPSTRUM_CEILING, PREEMPHASIS = 60.0, 0.002, 5000.0, 50.0
CEPSTRUM_HIGHEST = 330.0  #: Hz; the peak is looked for from the floor up to it
CEPSTRUM_TIME, CEPSTRUM_QUEFRENCY = 0.02, 0.0005  #: seconds that are averaged
CEPSTRUM_FITTED = (0.001, 0.05)  #: seconds of quefrency that the line is fitted to, robustly, as it decays
FORMANTS, FORMANT_WINDOW = 5, 0.025
LOW_CEILING, HIGH_CEILING = Hertz(5000.0), Hertz(5500.0)
LOW_VOICE = Hertz(160.0)
REPORTED = 4  #: formants that are told; the fifth only makes the others right

HIGHEST_RATE = SampleRateHz(48_000)  #: at which voices are measured; what lies higher only costs time
WHOLE, PIECE = Seconds(180.0), Seconds(60.0)  #: what is longer is measured in pieces: Praat makes several copies
CEPSTRUM_WHOLE, CEPSTRUM_PIECE = Seconds(30.0), Seconds(10.0)  #: and a cepstrogram takes eighty times its sound
SEARCHED = Seconds(10.0)  #: before the end of a piece, for a quiet place to cut

TOLD: Final = {
    "pitch": {
        "method": "To Pitch (ac)",
        "very_accurate": VERY_ACCURATE,
        "candidates": CANDIDATES,
        "silence_threshold": SILENCE,
        "voicing_threshold": VOICING,
        "octave_cost": OCTAVE_COST,
        "octave_jump_cost": JUMP_COST,
        "voiced_unvoiced_cost": VOICED_COST,
    },
    "perturbation": {
        "shortest_period": SHORTEST_PERIOD,
        "longest_period": LONGEST_PERIOD,
        "maximum_period_factor": PERIOD_FACTOR,
        "maximum_amplitude_factor": AMPLITUDE_FACTOR,
    },
    "harmonicity": {
        "method": "To Harmonicity (cc)",
        "time_step": HARMONICITY_STEP,
        "silence_threshold": HARMONICITY_SILENCE,
        "periods_per_window": HARMONICITY_PERIODS,
    },
    "cepstrum": {
        "method": "PowerCepstrogram: Get CPPS",
        "pitch_floor": CEPSTRUM_FLOOR,
        "time_step": CEPSTRUM_STEP,
        "maximum_frequency": CEPSTRUM_CEILING,
        "preemphasis_from": PREEMPHASIS,
        "highest_pitch": CEPSTRUM_HIGHEST,
        "averaged": [CEPSTRUM_TIME, CEPSTRUM_QUEFRENCY],
        "fitted": list(CEPSTRUM_FITTED),
        "seconds_whole": CEPSTRUM_WHOLE,
        "seconds_at_once": CEPSTRUM_PIECE,
    },
    "formants": {"method": "To Formant (burg)", "number": FORMANTS, "window": FORMANT_WINDOW},
    "seconds_whole": WHOLE,
    "seconds_at_once": PIECE,
    "highest_rate": HIGHEST_RATE,
}
"""For the result: how it was measured."""
