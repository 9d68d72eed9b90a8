"""Music made of plain tones and clicks, of which everything is known, for those who measure analysers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

RATE = 22_050
Sound = npt.NDArray[np.float32]


def silence(seconds: float) -> Sound:
    return np.zeros(round(seconds * RATE), np.float32)


def noise(seconds: float, level: float = 0.1, seed: int = 0) -> Sound:
    return (level * np.random.default_rng(seed).standard_normal(round(seconds * RATE))).astype(np.float32)


def tone(seconds: float, pitch: float, level: float = 0.2, *, harmonics: int = 6, decay: float = 0.0) -> Sound:
    """A note of MIDI number `pitch`, whose overtones fall; `decay`: how fast it fades, per second."""
    times = np.arange(round(seconds * RATE)) / RATE
    frequency = 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)
    parts = [0.6**k * np.sin(2.0 * np.pi * frequency * (k + 1) * times) for k in range(harmonics)]
    faded = np.minimum(1.0, np.minimum(times, times[::-1]) / 0.005) * np.exp(-decay * times)
    note: Sound = (level * np.sum(parts, axis=0) * faded).astype(np.float32)
    return note


def struck(times: Iterable[float], seconds: float, frequency: float, levels: Iterable[float], decay: float) -> Sound:
    """A drum of sine waves at `frequency`, or of noise where that is 0, struck at `times`."""
    size = round(0.15 * RATE)
    shape = np.exp(-decay * np.arange(size) / RATE)
    body = (
        np.sin(2.0 * np.pi * frequency * np.arange(size) / RATE)
        if frequency
        else np.random.default_rng(1).standard_normal(size)
    )
    sound = np.zeros(round(seconds * RATE) + size)
    for time, level in zip(times, levels, strict=True):
        start = round(time * RATE)
        if start + size <= len(sound):
            sound[start : start + size] += level * body * shape
    beats: Sound = sound[: round(seconds * RATE)].astype(np.float32)
    return beats


def beat(seconds: float, tempo: float, *, metre: int = 4, first: float = 0.2, division: int = 2) -> Sound:
    """Drums: kick on one (and three), snare on the other beats (of three: softly on two and three), hats between."""
    step = 60.0 / tempo
    beats = np.arange(first, seconds - 0.2, step)
    places = np.arange(len(beats)) % metre
    strong = places % 2 == 0 if metre == 4 else places == 0
    hats = np.arange(first, seconds - 0.2, step / division)
    kick = struck(beats[strong], seconds, 60.0, [0.8] * int(strong.sum()), 25.0)
    snare = struck(beats[~strong], seconds, 0.0, [0.25] * int((~strong).sum()), 40.0)
    return kick + snare + struck(hats, seconds, 7_000.0, [0.05] * len(hats), 80.0)


def progression(chords: Sequence[tuple[int, str]], seconds: float, *, level: float = 0.08) -> Sound:
    """Each chord (pitch class, and `maj`, `min` or `7`) for `seconds`, its root in the bass."""
    return np.concatenate([_chord(root, quality, seconds, level) for root, quality in chords])


QUALITIES = {"maj": (0, 4, 7), "min": (0, 3, 7), "7": (0, 4, 7, 10)}  #: semitones above the root


def _chord(root: int, quality: str, seconds: float, level: float) -> Sound:
    notes = enumerate(QUALITIES[quality])
    pitches = [36 + root, *(48 + (root + step) % 12 + 12 * (k > 0) for k, step in notes)]
    chord: Sound = np.sum([tone(seconds, pitch, level, decay=1.0) for pitch in pitches], axis=0, dtype=np.float32)
    return chord
