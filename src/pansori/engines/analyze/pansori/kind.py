"""What a recording is: music, speech, singing, noise or silence, told by how it sounds."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.tasks import Kind
from pansori.domain.units import SampleRateHz, Seconds
from pansori.dsp import mapped
from pansori.engines.analyze.measure import Estimate
from pansori.engines.analyze.pansori.blocks import Mono, Watch

SILENT = 10 ** (-70 / 20)  #: of full scale, the highest sample
EXCERPTS, EXCERPT = 12, Seconds(10.0)  #: so much is listened to, spread over the whole
FRAME = Seconds(0.02)
LOUD = 20.0  #: dB below the loudest; what is softer tells little
PITCH_FLOOR, PITCH_CEILING = 55.0, 700.0
THINNED = 3  #: of so many samples one is kept to find pitch in: up to 3.7 kHz there is voice, and above it mostly noise
NOTE = Seconds(0.32)  #: the shortest stretch in which a note is told from a glide
STEADY, WIDEST = 0.25, 3.0  #: semitones, by which a note drifts and a vibrato swings at most
RUMBLE = 75.0  #: Hz; below lie the mains and the wind, and no voice
SPECTRUM = 4096

Values = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Traits:
    """What the kinds differ in, of the loud parts. All but `moved` and `jumps` are shares from 0 to 1."""

    voiced: float  #: of loud frames, in which one voice has a pitch
    clear: float  #: median strength of that pitch
    steady: float  #: of voiced frames, in which the pitch stays
    gaps: float  #: of all frames, that are far softer than their surroundings
    bass: float  #: of the power, that comes and goes below what voices have
    flat: float  #: flatness of the spectrum within its bands: 1 of noise of any colour
    moved: float  #: dB, how far the level moves around its mean in tenths of a second
    pure: float  #: of the power, that is in the strongest partial
    jumps: float  #: per second of voiced sound, how often pitch leaps


def tell_kind(mono: Mono, rate: SampleRateHz, watch: Watch) -> Estimate[Kind]:
    """The likeliest kind and the others. `mono`: shape [frames]."""
    if max((float(np.max(np.abs(block))) for block in mapped.blocks(mono)), default=0.0) < SILENT:
        return Estimate(Kind.SILENCE, 1.0)
    scores = score(traits(excerpts(mono, rate), rate, watch))
    ranked = sorted(scores.items(), key=lambda one: -one[1])
    return Estimate(ranked[0][0], ranked[0][1], tuple(ranked[1:]))


def excerpts(mono: Mono, rate: SampleRateHz) -> list[Mono]:
    """Parts of the recording, spread over it, without those in which nothing is heard."""
    size = round(EXCERPT * rate)
    if len(mono) <= EXCERPTS * size:
        parts = [mono[at : at + size] for at in range(0, len(mono), size)]
    else:
        parts = [mono[at : at + size] for at in np.linspace(0, len(mono) - size, EXCERPTS).astype(int)]
    heard = [part for part in parts if len(part) > rate // 10 and float(np.max(np.abs(part))) >= SILENT]
    return heard or [mono]


def traits(parts: list[Mono], rate: SampleRateHz, watch: Watch) -> Traits:
    found = []
    for number, part in enumerate(parts, 1):
        found.append(_traits(np.asarray(part, dtype=np.float64), rate))
        mapped.release(part)
        watch(number / len(parts))
    weights = [len(part) for part in parts]
    return Traits(*(float(value) for value in np.average(np.array(found), axis=0, weights=weights)))


def score(heard: Traits) -> dict[Kind, float]:
    """How likely each kind is; they add up to 1. Rules of thumb whose bounds lie between what the kinds were measured
    to have: see the tests."""
    even = _over(heard.flat, 0.8, 0.04) * _under(heard.moved, 3.5, 1.0)
    rough = _over(heard.flat, 0.93, 0.015) * _under(heard.gaps, 0.15, 0.04)  # swells, as wind and applause do
    hiss = max(even, rough) * _under(heard.voiced, 0.25, 0.08)
    # noise makes the pitch of a single voice weaker; where there is none, several sound at once
    clearest = 0.88 - 0.12 * float(np.clip((heard.flat - 0.3) / 0.4, 0.0, 1.0))
    one = _over((heard.clear - clearest) / 0.025 + (0.5 - heard.jumps) / 0.25, 0.0, 1.0)
    alone = one * _under(heard.bass, 0.03, 0.008) * _over(heard.voiced, 0.3, 0.1)
    alone *= 1 - _over(heard.pure, 0.98, 0.004) * _under(heard.moved, 0.3, 0.05)  # a sine wave is no voice
    sung = _over(heard.steady, 0.6, 0.1) * _over(heard.voiced, 0.6, 0.1)
    weights = {
        Kind.NOISE: hiss,
        Kind.SPEECH: (1 - hiss) * alone * (1 - sung),
        Kind.SINGING: (1 - hiss) * alone * sung,
        Kind.MUSIC: (1 - hiss) * (1 - alone),
    }
    total = sum(weights.values())
    return {kind: weight / total for kind, weight in weights.items()}


def _over(value: float, bound: float, width: float) -> float:
    return float(1 / (1 + np.exp(np.clip((bound - value) / width, -50, 50))))


def _under(value: float, bound: float, width: float) -> float:
    return 1 - _over(value, bound, width)


def _traits(part: Values, rate: SampleRateHz) -> tuple[float, ...]:
    clean = scipy.signal.sosfilt(scipy.signal.butter(8, RUMBLE, "highpass", fs=rate, output="sos"), part)
    level = _levels(clean, rate)
    loud = level > level.max() - LOUD
    voice = scipy.signal.resample_poly(clean, 1, THINNED)
    frequency, strength = _pitch(voice, rate / THINNED, len(level))
    voiced = (frequency > 0) & loud
    steady, jumps = _steadiness(np.where(voiced, frequency, np.nan))
    spectra = _spectra(part)
    bright = _levels(np.diff(part, prepend=0.0), rate)  # so that rumble is no movement
    coarse = bright[: len(bright) // 5 * 5].reshape(-1, 5).max(axis=1) if len(bright) >= 5 else bright
    local = np.convolve(10 ** (level / 20), np.ones(50) / min(50, len(level)), mode="same")[: len(level)]
    return (
        voiced.sum() / max(loud.sum(), 1),
        float(np.median(strength[voiced])) if voiced.any() else 0.0,
        steady,
        float(np.mean(10 ** (level / 20) < 0.5 * local)),
        _bass(spectra, rate),
        _flatness(spectra.mean(axis=0), rate),
        float(np.std(np.maximum(coarse, coarse.max() - 50))),
        _purity(spectra.mean(axis=0)),
        jumps,
    )


def _bass(spectra: Values, rate: SampleRateHz) -> float:
    """Share of the power that comes and goes between 25 and 70 Hz; hum, which stays, is not counted."""
    frequencies = np.fft.rfftfreq(SPECTRUM, 1 / rate)
    band = spectra[:, (frequencies > 25) & (frequencies < 70)].sum(axis=1)
    low, high = np.percentile(band, (10, 90))
    return float((high - low) / max(float(spectra.sum(axis=1).mean()), 1e-20))


def _purity(power: Values) -> float:
    """Share of the strongest line of the spectrum, as wide as the window makes it."""
    top = int(np.argmax(power))
    return float(power[max(top - 3, 0) : top + 4].sum() / max(float(power.sum()), 1e-20))


def _flatness(power: Values, rate: SampleRateHz) -> float:
    """Flatness within each third of an octave, so that noise of any colour is flat and tones are not."""
    edges = np.geomspace(200, min(8000.0, 0.45 * rate), 17)
    found = []
    for low, high in pairwise(np.rint(edges * SPECTRUM / rate).astype(int).tolist()):
        part = power[low:high] + 1e-14
        found.append(float(np.exp(np.mean(np.log(part))) / np.mean(part)))
    return float(np.mean(found))


def _levels(part: Values, rate: SampleRateHz) -> Values:
    size = round(FRAME * rate)
    frames = part[: max(len(part) // size, 1) * size]
    frames = frames.reshape(-1, size) if len(frames) >= size else frames[None, :]
    levels: Values = 10 * np.log10(np.mean(np.square(frames), axis=1) + 1e-14)
    return levels


def _pitch(part: Values, rate: float, frames: int) -> tuple[Values, Values]:
    """Pitch in Hz, 0 where there is none, and its strength, at the middle of every frame of level."""
    import parselmouth

    if len(part) < 3.1 * rate / PITCH_FLOOR:
        return np.zeros(frames), np.zeros(frames)
    pitch = parselmouth.Sound(part, rate).to_pitch_ac(pitch_floor=PITCH_FLOOR, pitch_ceiling=PITCH_CEILING)
    array = pitch.selected_array
    times = (np.arange(frames) + 0.5) * FRAME
    at = np.rint((times - pitch.x1) / pitch.dx).astype(int)
    inside = (at >= 0) & (at < len(array))
    at = np.clip(at, 0, len(array) - 1)
    return np.where(inside, array["frequency"][at], 0.0), np.where(inside, array["strength"][at], 0.0)


def _steadiness(frequency: Values) -> tuple[float, float]:
    """The share of voiced frames in stretches of `NOTE` whose halves have the same mean pitch, which vibrato keeps and
    the melody of speech does not; and how often a second pitch leaps by four semitones and more."""
    semitones = 12 * np.log2(frequency / 440.0)
    voiced = ~np.isnan(semitones)
    half = round(NOTE / FRAME) // 2
    if len(semitones) < 2 * half or np.count_nonzero(voiced) < 2 * half:
        return 0.0, 0.0
    windows = np.lib.stride_tricks.sliding_window_view(semitones, 2 * half)
    drift = np.abs(windows[:, :half].mean(axis=1) - windows[:, half:].mean(axis=1))
    still = np.flatnonzero((drift < STEADY) & (np.ptp(windows, axis=1) < WIDEST))
    steady = np.zeros(len(semitones), dtype=bool)
    for at in still:
        steady[at : at + 2 * half] = True
    leaps = np.abs(np.diff(semitones)) > 4
    return float(steady[voiced].mean()), float(leaps.sum() / (voiced.sum() * FRAME))


def _spectra(part: Values) -> Values:
    """Power by time and frequency."""
    padded = np.pad(part, (0, -len(part) % SPECTRUM)).reshape(-1, SPECTRUM)
    power: Values = np.abs(np.fft.rfft(padded * np.hanning(SPECTRUM), axis=1)) ** 2
    return power
