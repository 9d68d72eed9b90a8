"""What of a sound is looked at: its spectrum and its pitch classes over time, no finer than a picture shows them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from pansori.domain.units import Cents, Hertz, SampleRateHz, Seconds

Samples = npt.NDArray[np.float32]  #: shape [channels, frames]
Picture = npt.NDArray[np.float32]  #: shape [rows, columns], time from left to right

WINDOW = Seconds(0.016)  #: of the spectrogram: short enough for syllables, long enough for formants
TONAL_WINDOW = Seconds(0.37)  #: of the chromagram: neighbouring notes are told apart from C3 on
LOOKS = 4  #: windows in one column
AT_ONCE = 128  #: windows
LOWEST, HIGHEST = Hertz(65.0), Hertz(2100.0)  #: of notes: C2 to C7
SPREAD = 0.25  #: semitones by which a partial may miss its note
CONCERT_A, A = 440.0, 9  #: Hz, and its place in the octave from C
FLOOR = 1e-10  #: power below which there is nothing, full scale being 1


def spectrogram(samples: Samples, rate: SampleRateHz, *, rows: int, columns: int, highest: Hertz) -> Picture:
    """Levels in dB, frequencies at equal steps from 0 in the first row to `highest` in the last one, raised by 6 dB an
    octave as speech falls."""
    size = _size(WINDOW, rate)
    at = np.linspace(0.0, min(float(highest) * size / rate, size / 2), rows)
    low = np.clip(at.astype(np.int64), 0, size // 2 - 1)
    share = (at - low).astype(np.float32)
    rise = (np.maximum(at, 0.5) / size * rate / 1000.0) ** 2  # to the power; 1 kHz stays
    seen = [
        (power[:, low] * (1 - share) + power[:, low + 1] * share) * rise for power in _powers(samples, size, columns)
    ]
    return _columns(10 * np.log10(np.maximum(np.concatenate(seen), FLOOR)), columns)


def chromagram(samples: Samples, rate: SampleRateHz, *, columns: int, tuning: Cents) -> Picture:
    """How strong each of the twelve pitch classes is, from C in the first row; the strongest of a column has 1, and all
    of a silent column 0. `tuning`: of A against 440 Hz."""
    size = _size(TONAL_WINDOW, rate)
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    inside = (frequencies >= LOWEST) & (frequencies <= HIGHEST)
    notes = 12 * np.log2(frequencies[inside] / CONCERT_A) - tuning / 100 + A
    nearest = np.rint(notes)
    folding = np.zeros((len(notes), 12), np.float32)
    closeness = np.exp(-0.5 * ((notes - nearest) / SPREAD) ** 2)
    folding[np.arange(len(notes)), nearest.astype(np.int64) % 12] = closeness
    seen = [np.sqrt(power[:, inside]) @ folding for power in _powers(samples, size, columns)]
    strengths = _columns(np.concatenate(seen), columns)
    strongest = strengths.max(axis=0)
    chroma: Picture = np.where(strongest > np.sqrt(FLOOR), strengths / np.maximum(strongest, 1e-12), 0.0)
    return chroma


def _size(window: Seconds, rate: SampleRateHz) -> int:
    """The power of two that is nearest to the window's samples."""
    return 1 << max(round(float(np.log2(window * rate))), 4)


def _columns(seen: Picture, columns: int) -> Picture:
    """The mean of each column's looks. `seen`: shape [columns * LOOKS, rows]."""
    picture: Picture = seen.reshape(columns, LOOKS, -1).mean(axis=1).T.astype(np.float32)
    return picture


def _powers(samples: Samples, size: int, columns: int) -> Iterator[Picture]:
    """Power spectra [≤ AT_ONCE, size / 2 + 1] of windows spread evenly; a sine of full scale has 1."""
    window = np.hanning(size).astype(np.float32)
    scale = np.float32((2 / window.sum()) ** 2)
    count = columns * LOOKS
    centres = ((np.arange(count) + 0.5) * samples.shape[1] / count).astype(np.int64)
    for first in range(0, count, AT_ONCE):
        places = centres[first : first + AT_ONCE, None] + np.arange(size)[None, :] - size // 2
        outside = (places < 0) | (places >= samples.shape[1])
        found = samples[:, np.clip(places, 0, samples.shape[1] - 1)].mean(axis=0)
        found[outside] = 0.0
        yield scale * np.abs(np.fft.rfft(found * window, axis=1)).astype(np.float32) ** 2
