"""The melody as a singer's pitch: glides, scoops, vibrato and a little drift around notes that stay in tune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pansori.domain.units import Cents, MidiPitch, Seconds
from pansori.engines.compose.house_band.model import SungNote
from pansori.engines.compose.house_band.voice.analysis import FRAME, Floats

_GLIDE = 0.05  # seconds from one note to the next
_SCOOP = Cents(110.0)  # how far below its note a phrase begins
_SCOOP_TIME = 0.035  # time constant in seconds
_VIBRATO_AFTER, _VIBRATO_FADE = 0.25, 0.25  # seconds
_VIBRATO_FROM = 0.42  # a shorter note has none
_VIBRATO_DEPTH, _VIBRATO_DEPTH_LONG = Cents(30.0), Cents(45.0)
_VIBRATO_RATE = 5.5  # Hz
_IN_TUNE, _DRIFT = Cents(0.0), Cents(4.0)


@dataclass(frozen=True)
class Manner:
    """How one singer of a group differs from the others."""

    detune: Cents = _IN_TUNE
    drift: Cents = _DRIFT
    breath: float = 0.3  #: 0–1, noise in the voice
    harmony: bool = False  #: sings the notes' `harmony` where they have one


def hertz(pitch: Floats) -> Floats:
    """MIDI pitch to frequency, A4 = 440 Hz."""
    return np.asarray(440.0 * 2.0 ** ((pitch - 69.0) / 12.0))


def contour(notes: Sequence[SungNote], times: Floats, manner: Manner, random: np.random.Generator) -> Floats:
    """MIDI pitch, with fractions, at each of `times`. The first note comes after a rest."""
    targets = [_target(note, manner) for note in notes]
    pitch = np.full(len(times), float(targets[0]))
    for before, after, note in zip(targets, targets[1:], notes[1:], strict=False):
        width = min(_GLIDE * (1.0 + 0.04 * abs(after - before)), 0.5 * note.duration)
        # Most of a glide lies before the beat, in the consonants.
        pitch += (after - before) * _step((times - note.start) / width + 0.25)
    pitch -= _scoop(notes[0], times) * random.uniform(0.6, 1.2) / 100.0
    pitch += _vibrato(notes, times, random) / 100.0
    pitch += (manner.detune + manner.drift * _slow_noise(len(times), random)) / 100.0
    return pitch


def _scoop(note: SungNote, times: Floats) -> Floats:
    """In cents below the note: how a phrase is begun."""
    depth = _SCOOP * min(1.0, note.duration / 0.3)
    return np.asarray(depth * np.exp(-np.maximum(times - note.start + 0.02, 0.0) / _SCOOP_TIME))


def _target(note: SungNote, manner: Manner) -> MidiPitch:
    return note.harmony if manner.harmony and note.harmony is not None else note.pitch


def _step(position: Floats) -> Floats:
    """0 before −½, 1 after ½, smooth between."""
    x = np.clip(position + 0.5, 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x))


def _vibrato(notes: Sequence[SungNote], times: Floats, random: np.random.Generator) -> Floats:
    """In cents. Each long note's begins at zero, deepens, and is gone where the next note begins."""
    cents = np.zeros(len(times))
    for note in notes:
        rate, depth_share = _VIBRATO_RATE + random.uniform(-0.3, 0.3), random.uniform(0.85, 1.15)
        if note.duration < _VIBRATO_FROM:
            continue
        since = times - (note.start + _VIBRATO_AFTER)
        left = note.start + note.duration - times
        long = min(1.0, max(0.0, (note.duration - 0.6) / 1.2))
        depth = (_VIBRATO_DEPTH + long * (_VIBRATO_DEPTH_LONG - _VIBRATO_DEPTH)) * depth_share
        shape = np.clip(since / _VIBRATO_FADE, 0.0, 1.0) * np.clip(left / 0.06, 0.0, 1.0)
        cents += depth * shape * np.sin(2.0 * np.pi * rate * since)
    return cents


def _slow_noise(count: int, random: np.random.Generator) -> Floats:
    """Gaussian wander below about 2 Hz, mean 0, deviation 1."""
    knots = max(4, round(count * FRAME / 0.2) + 4)
    values = random.standard_normal(knots)
    smooth = np.interp(np.linspace(1, knots - 2, count), np.arange(knots), values)
    width = max(1, round(Seconds(0.1) / FRAME))
    kernel = np.hanning(width + 2)[1:-1]
    padded = np.pad(smooth, width, mode="edge")
    return np.asarray(np.convolve(padded, kernel / kernel.sum(), mode="same")[width : width + count])
