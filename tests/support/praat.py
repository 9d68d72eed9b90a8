"""What Praat itself says of a voice, called as its scripts call it, beside what is measured here."""

from __future__ import annotations

import numpy as np
import parselmouth
from parselmouth.praat import call

from pansori.engines.analyze.pansori.voice.measure import measure_voice
from pansori.engines.analyze.pansori.voice.settings import VoiceSettings
from support.recordings import Sound, hiss, recording, vowel

RATE = 22_050
WITHIN = 0.01  #: of Praat's number
PERTURBATIONS = {
    "jitter_local": "Get jitter (local)",
    "jitter_rap": "Get jitter (rap)",
    "jitter_ppq5": "Get jitter (ppq5)",
    "shimmer_local": "Get shimmer (local)",
    "shimmer_apq3": "Get shimmer (apq3)",
    "shimmer_apq5": "Get shimmer (apq5)",
    "shimmer_apq11": "Get shimmer (apq11)",
}


def rough(seconds: float, pitch: float = 140.0, seed: int = 3) -> Sound:
    """A vowel whose pitch and level tremble, with a little breath. Shape [frames]."""
    frames = round(seconds * RATE)
    chance = np.random.default_rng(seed)
    knots = np.arange(0, frames, 200)
    tremble = np.interp(np.arange(frames), knots, chance.standard_normal(len(knots)))
    swell = np.interp(np.arange(frames), knots, chance.standard_normal(len(knots)))
    return vowel(pitch * (1 + 0.01 * tremble), RATE) * (1 + 0.05 * swell) + hiss(seconds, RATE, level=0.002)


def said(sound: Sound) -> dict[str, float]:
    """Praat's own numbers of `sound` [frames], by the names that the measures have here."""
    praat = parselmouth.Sound(sound.astype(np.float32).astype(np.float64), RATE)
    pitch = call(praat, "To Pitch", 0.0, 75.0, 600.0)
    pulses = call([praat, pitch], "To PointProcess (cc)")
    limits = (0, 0, 0.0001, 0.02, 1.3)
    return {
        "f0_mean": call(pitch, "Get mean", 0, 0, "Hertz"),
        "f0_median": call(pitch, "Get quantile", 0, 0, 0.5, "Hertz"),
        "hnr": call(call(praat, "To Harmonicity (cc)", 0.01, 75.0, 0.1, 1.0), "Get mean", 0, 0),
        **{
            name: call(pulses, command, *limits)
            if name.startswith("jitter")
            else call([praat, pulses], command, *limits, 1.6)
            for name, command in PERTURBATIONS.items()
        },
    }


def apart(sound: Sound) -> dict[str, float]:
    """How far each measure of `sound` [frames] is from Praat's number, as a share of that."""
    heard = measure_voice(recording(sound, RATE), VoiceSettings(), lambda _: None, sung=False)
    return {name: abs(getattr(heard, name).value / number - 1.0) for name, number in said(sound).items()}
