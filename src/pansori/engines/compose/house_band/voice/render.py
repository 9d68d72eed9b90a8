"""A run of syllables, sung in one go: the pieces of speech laid out on the melody and given back to WORLD."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Decibels, Hertz, SampleRateHz, Seconds
from pansori.engines.compose.house_band.model import SungNote
from pansori.engines.compose.house_band.voice import timbre
from pansori.engines.compose.house_band.voice.analysis import BINS, FFT_SIZE, FRAME, Analysed, Floats, Singles
from pansori.engines.compose.house_band.voice.intonation import Manner, contour, hertz
from pansori.engines.compose.house_band.voice.timing import Timed, knots
from pansori.espeak import SOURCE_RATE

LEVEL = Decibels(-23.0)  # RMS of a vowel at medium strength, in dB below full scale
LEAD, TRAIL = Seconds(0.01), Seconds(0.05)  # silence rendered before and after
_BLEND = Seconds(0.018)  # half the time in which one piece of speech becomes the next
_ATTACK, _RELEASE = 0.015, 0.07  # seconds
_SILENCE = 1e-12  # power
_GAIN_LEAST, _GAIN_MOST = Decibels(-30.0), Decibels(15.0)
_HISS, _HISS_MOST = Decibels(3.0), Decibels(6.0)
_EVEN_SHARE, _EVEN_MOST, _EVEN_RAMP = 0.8, Decibels(8.0), Seconds(0.04)
_SWELL_FROM = Seconds(0.6)  # longer notes swell and fade


@dataclass(frozen=True)
class Run:
    """Syllables without a rest between them, ready to be sung."""

    syllables: tuple[Timed, ...]
    notes: tuple[tuple[SungNote, ...], ...]  #: of each syllable
    levels: tuple[Decibels, ...]  #: of each syllable, relative to `LEVEL`
    energy: float

    @property
    def start(self) -> Seconds:
        return Seconds(self.syllables[0].onset - LEAD)

    @property
    def frames(self) -> int:
        return int(np.ceil((self.syllables[-1].end + TRAIL - self.start) / FRAME)) + 2


@dataclass(frozen=True)
class Pieces:
    """Everything but pitch: what all singers of a run have in common, frame by frame."""

    times: Floats
    log_envelope: Singles  #: [frames, BINS], levels set
    aperiodicity: Singles  #: [frames, BINS]
    voiced: npt.NDArray[np.bool_]


def lay_out(run: Run, speech: Analysed) -> Pieces:
    """Where each syllable's speech falls, its neighbours blended where they meet."""
    times: Floats = run.start + np.arange(run.frames, dtype=np.float64) * FRAME
    envelope = np.zeros((run.frames, BINS), np.float32)
    aperiodicity = np.zeros_like(envelope)
    voicing, weights = np.zeros(run.frames, np.float32), np.zeros(run.frames, np.float32)
    for timed, notes, level in zip(run.syllables, run.notes, run.levels, strict=True):
        first = max(0, int(np.floor((timed.onset - _BLEND - times[0]) / FRAME)))
        here = slice(first, int(np.ceil((timed.end + _BLEND - times[0]) / FRAME)) + 1)
        at = np.clip(knots(timed, speech).at(times[here]), 0.0, len(speech.voiced) - 1.001)
        weight = _weight(times[here], timed)
        log = _between(speech.log_envelope, at)
        open_vowel = _opening(timed, notes, speech)
        log = open_vowel(log)
        gain: float | Floats = _gain(open_vowel(_middle(timed, speech)), notes, run.energy) + level
        gain = gain + _swell(times[here], timed) + _evenness(times[here], at, timed, speech)
        gain = gain + _hiss(at, gain - level, speech)
        envelope[here] += weight[:, None] * (log + (gain * timbre.DECIBEL).astype(np.float32)[:, None])
        aperiodicity[here] += weight[:, None] * _between(speech.aperiodicity, at)
        voicing[here] += weight * speech.voiced[np.rint(at).astype(np.intp)]
        weights[here] += weight
    sounding = weights > 1e-4
    share = np.where(sounding, weights, np.float32(1.0))[:, None]
    envelope /= share
    envelope += np.log(_fades(times, run)).astype(np.float32)[:, None]
    envelope[~sounding] = np.log(_SILENCE)
    aperiodicity /= share
    aperiodicity[~sounding] = 1.0
    return Pieces(times, envelope, aperiodicity, voicing > 0.5 * share[:, 0])


def _between(rows: Singles, at: Floats) -> Singles:
    """Rows at fractional positions."""
    index = at.astype(np.intp)
    part = (at - index).astype(np.float32)[:, None]
    return np.asarray(rows[index] * (1.0 - part) + rows[index + 1] * part)


def _weight(times: Floats, timed: Timed) -> Singles:
    """1 within the syllable, falling to 0 over twice `_BLEND` at its ends."""
    rising = (times - (timed.onset - _BLEND)) / (2 * _BLEND)
    falling = (timed.end + _BLEND - times) / (2 * _BLEND)
    return np.asarray(np.clip(np.minimum(rising, falling), 0.0, 1.0), dtype=np.float32)


def _swell(times: Floats, timed: Timed) -> Floats:
    """Decibels: a long note grows and then gives way."""
    length = timed.coda - timed.vowel
    strength = np.clip((length - _SWELL_FROM) / 0.8, 0.0, 1.0)
    return np.asarray(strength * np.interp((times - timed.vowel) / length, [0.0, 0.35, 1.0], [-0.8, 0.8, -2.5]))


def _evenness(times: Floats, at: Floats, timed: Timed, speech: Analysed) -> Floats:
    """Decibels that keep a held vowel level: spoken, it fades soon, and stretched it would fade for seconds."""
    first, last = _held(timed, speech)
    usual = speech.loudness[first:last].mean()
    missing = (usual - speech.loudness[np.rint(at).astype(np.intp)]) / timbre.DECIBEL
    inside = np.clip(np.minimum(times - timed.vowel, timed.coda - times) / _EVEN_RAMP, 0.0, 1.0)
    return np.asarray(inside * np.clip(_EVEN_SHARE * missing, -_EVEN_MOST, _EVEN_MOST))


def _hiss(at: Floats, gain: float | Floats, speech: Analysed) -> Floats:
    """Decibels for what is voiceless, on top of `gain`, which brings the syllable's vowel to the common level: a
    little stronger than spoken, but no sharper than `_HISS_MOST` below the vowel."""
    frames = np.rint(at).astype(np.intp)
    # The mean of WORLD's envelope over all bins, negative frequencies too, is the power of noise.
    noise = speech.loudness[frames] / timbre.DECIBEL + 10.0 * np.log10(2.0 / FFT_SIZE) + gain
    stronger = np.minimum(_HISS, LEVEL - _HISS_MOST - noise)
    return np.asarray(np.where(speech.voiced[frames], 0.0, stronger))


def _held(timed: Timed, speech: Analysed) -> tuple[int, int]:
    """First and last frame (exclusive) of the middle of the held vowel."""
    low, high = timed.spoken.span.hold
    first = int(speech.position(timed.spoken.sound, low + 0.2 * (high - low)))
    last = int(np.ceil(speech.position(timed.spoken.sound, low + 0.8 * (high - low))))
    return first, max(first + 1, last)


def _fades(times: Floats, run: Run) -> Floats:
    """Power, up to 1: in at the start, out at the end."""
    rising = np.clip((times - run.syllables[0].onset) / _ATTACK + 0.2, 0.0, 1.0)
    falling = np.clip((run.syllables[-1].end - times) / _RELEASE, 0.0, 1.0)
    return np.asarray(np.maximum(rising**2 * falling, _SILENCE))


def _middle(timed: Timed, speech: Analysed) -> Singles:
    """The held vowel's envelope, [1, BINS]."""
    first, last = _held(timed, speech)
    return np.asarray(speech.log_envelope[first:last].mean(axis=0, keepdims=True))


def _opening(timed: Timed, notes: Sequence[SungNote], speech: Analysed) -> timbre.Opening:
    highest = max(note.pitch for note in notes)
    return timbre.Opening(_middle(timed, speech)[0], Hertz(float(hertz(np.array(float(highest))))))


def _gain(middle: Singles, notes: Sequence[SungNote], energy: float) -> float:
    """Decibels that bring the vowel, sung at its pitch, to the common level."""
    pitch = Hertz(float(hertz(np.array(float(notes[0].pitch)))))
    power = timbre.harmonic_power(middle[0] + timbre.colour(BINS, energy), pitch)
    # WORLD's envelope is a power density over the source's sampling rate; a partial is there twice, as ±f.
    level = 10.0 * np.log10(max(2.0 * power / SOURCE_RATE, _SILENCE))
    return float(np.clip(LEVEL - level, _GAIN_LEAST, _GAIN_MOST))


def synthesise(
    pieces: Pieces, run: Run, sample_rate: SampleRateHz, manner: Manner, random: np.random.Generator
) -> Floats:
    """The run by one singer, from `run.start` on; [samples]."""
    import pyworld

    bins = (BINS - 1) * (sample_rate // SOURCE_RATE) + 1
    notes = [note for of_syllable in run.notes for note in of_syllable]
    pitch = hertz(contour(notes, pieces.times, manner, random))
    envelope = timbre.widen(pieces.log_envelope, pieces.voiced, bins)
    envelope[pieces.voiced] += timbre.colour(bins, run.energy)
    return np.asarray(
        pyworld.synthesize(
            np.where(pieces.voiced, pitch, 0.0),
            np.exp(envelope, dtype=np.float64),
            timbre.breathe(pieces.aperiodicity, bins, manner.breath),
            sample_rate,
            FRAME * 1000,
        )
    )
