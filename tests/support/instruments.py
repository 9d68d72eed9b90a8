"""Instruments of the house band's SoundFont, each alone."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import soxr

from pansori.domain.units import BeatsPerMinute, MidiPitch, SampleRateHz, Seconds
from pansori.engines.compose.house_band.model import Performance, PlayedNote
from pansori.engines.compose.house_band.sound.instruments import find_soundfont, play
from support.recordings import Sound

PLAYED_AT = SampleRateHz(44_100)
SCALE = (0, 2, 4, 5, 7, 9, 11)
LENGTHS = (0.25, 0.25, 0.5, 0.5, 0.75, 1.0)  #: seconds


def solo(program: int, lowest: int, seconds: float, rate: int, seed: int = 0) -> Sound:
    """A tune that wanders over two octaves of a major scale from the MIDI number `lowest`. Shape [frames]."""
    chance = np.random.default_rng(seed)
    notes, at, degree = [], 0.1, int(chance.integers(0, 7))
    while at < seconds - 0.6:
        length = float(chance.choice(LENGTHS))
        degree = int(np.clip(degree + chance.integers(-3, 4), 0, 13))
        pitch = lowest + 12 * (degree // 7) + SCALE[degree % 7]
        notes.append(_note(at, 0.95 * length, pitch, int(chance.integers(70, 115))))
        at += length
    return _played(program, notes, seconds, rate)


def comping(program: int, lowest: int, seconds: float, rate: int, seed: int = 0) -> Sound:
    """Triads and sevenths, a second or two each. Shape [frames]."""
    chance = np.random.default_rng(seed)
    notes, at = [], 0.1
    while at < seconds - 1.0:
        root, third = lowest + int(chance.choice(SCALE)), int(chance.choice((3, 4)))
        length = float(chance.choice((1.0, 2.0)))
        steps = (0, third, 7) if chance.random() < 0.6 else (0, third, 7, 10)
        notes += [_note(at, 0.97 * length, root + step, 90) for step in steps]
        at += length
    return _played(program, notes, seconds, rate)


def _note(start: float, length: float, pitch: int, velocity: int) -> PlayedNote:
    return PlayedNote(Seconds(start), Seconds(length), MidiPitch(pitch), velocity)


def _played(program: int, notes: Sequence[PlayedNote], seconds: float, rate: int) -> Sound:
    tune = Performance(Seconds(seconds), BeatsPerMinute(120.0), (), {"lead": tuple(notes)}, {"lead": program})
    [(_, samples)] = play(tune, PLAYED_AT, find_soundfont(None).path, lambda: None)
    mono = samples.mean(axis=0).astype(np.float64)
    return np.asarray(soxr.resample(mono / max(2 * float(np.max(np.abs(mono))), 1e-9), PLAYED_AT, rate))
