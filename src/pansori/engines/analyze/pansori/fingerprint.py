"""Fingerprints: of the samples to the bit, and of the harmony to the ear."""

from __future__ import annotations

import base64
import hashlib

import numpy as np
import numpy.typing as npt
import scipy

from pansori.domain.errors import Text
from pansori.domain.units import SampleRateHz
from pansori.engines.analyze.measure import Refusal
from pansori.engines.analyze.pansori.blocks import Mono, Watch, blocks
from pansori.engines.analyze.schema import FingerprintMeasures
from pansori.engines.base import Recording, Samples

LONGEST = 120.0  #: seconds of which the print is taken
STEP = 0.125  #: seconds from one word of the print to the next
FRAME_SECONDS = 0.37
AT_ONCE = 64  #: frames
LOWEST, HIGHEST = 110.0, 3520.0  #: Hz; seven octaves hold most harmony
SMOOTHED = 5  #: words: what is played a little late falls into the same
SHIFTS = 16  #: words by which two prints may be apart: two seconds

TOO_SHORT = Refusal.of("too_short", Text("The recording is too short for it.", "이 값을 재기에는 녹음이 너무 짧아요."))
SILENT = Refusal.of("silence", Text("There is nothing but silence.", "아무 소리도 없어요."))


def measure_fingerprint(recording: Recording, mono: Mono, mono_rate: SampleRateHz, watch: Watch) -> FingerprintMeasures:
    return FingerprintMeasures.of(
        {
            "samples_sha256": _hash(recording.samples, recording.rate, watch),
            "chroma_print": chroma_print(mono, mono_rate),
        }
    )


def _hash(samples: Samples, rate: SampleRateHz, watch: Watch) -> str:
    """Of rate, channels and samples as interleaved 32-bit floats, little-endian."""
    digest = hashlib.sha256(f"{rate} {samples.shape[0]}\n".encode())
    done = 0
    for block in blocks(samples):
        digest.update(np.ascontiguousarray(block.T, dtype="<f4").tobytes())
        done += block.shape[1]
        watch(done / samples.shape[1])
    return digest.hexdigest()


def chroma_print(mono: Mono, rate: SampleRateHz) -> str | Refusal:
    """A word of 24 bits for every eighth of a second, in base64.

    Of the twelve pitch classes' smoothed power, the first bits say which grew within half a second, the others which
    are stronger than their upper neighbour. So neither level, equaliser nor codec matter much. After Y. Ke, D. Hoiem
    and R. Sukthankar, "Computer vision for music identification", CVPR 2005, and the chroma features of Chromaprint.
    """
    chroma = _chroma(mono[: round(LONGEST * rate)], rate)
    if len(chroma) <= SMOOTHED:
        return TOO_SHORT
    if not chroma.any():
        return SILENT
    kernel = np.ones(SMOOTHED) / SMOOTHED
    smooth = np.stack([np.convolve(row, kernel, mode="same") for row in chroma.T], axis=1)
    grown = smooth[4:] > smooth[:-4]
    stronger = smooth > np.roll(smooth, -1, axis=1)
    bits = np.concatenate((grown, stronger[4:]), axis=1)
    return base64.b64encode(np.packbits(bits, axis=1).tobytes()).decode()


def similarity(one: str, other: str) -> float:
    """How alike two prints are: 1 for the same sound, about 0.5 for unrelated ones. They may begin two seconds
    apart."""
    first, second = _bits(one), _bits(other)
    best = 0.0
    for shift in range(-SHIFTS, SHIFTS + 1):
        left, right = first[max(shift, 0) :], second[max(-shift, 0) :]
        length = min(len(left), len(right))
        if length:
            best = max(best, float(np.mean(left[:length] == right[:length])))
    return best


def _bits(fingerprint: str) -> npt.NDArray[np.uint8]:
    words = np.frombuffer(base64.b64decode(fingerprint), dtype=np.uint8).reshape(-1, 3)
    return np.unpackbits(words, axis=1)


def _chroma(mono: Mono, rate: SampleRateHz) -> npt.NDArray[np.float64]:
    """Power of the pitch classes, C first, shape [words, 12], each row relative to its largest."""
    size, hop = scipy.fft.next_fast_len(round(FRAME_SECONDS * rate), real=True), round(STEP * rate)
    if len(mono) < size:
        return np.zeros((0, 12))
    frequencies = np.fft.rfftfreq(size, 1 / rate)
    used = slice(*np.searchsorted(frequencies, (LOWEST, HIGHEST)).tolist())
    classes = np.round(69 + 12 * np.log2(frequencies[used] / 440.0)).astype(int) % 12
    member = np.eye(12, dtype=np.float32)[classes]
    window = np.hanning(size).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop]
    rows = []
    for first in range(0, len(frames), AT_ONCE):
        bins = scipy.fft.rfft(frames[first : first + AT_ONCE] * window, axis=1)[:, used]
        power = np.square(bins.real) + np.square(bins.imag)
        rows.append((power @ member).astype(np.float64))
    chroma = np.concatenate(rows)
    return np.asarray(chroma / np.maximum(chroma.max(axis=1, keepdims=True), 1e-12))
