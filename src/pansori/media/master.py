"""From a finished master to the file that is delivered, under its ceiling after decoding too.

Lossy coding adds peaks. So the file is encoded, decoded and measured, and encoded again with less gain where it
exceeds the ceiling.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pansori.domain.media import AudioFormat
from pansori.domain.units import Bytes, Dbtp, Decibels, SampleRateHz, Seconds
from pansori.media.decode import decode
from pansori.media.encode import Progress, Samples, encode
from pansori.media.tags import Tags, write_tags

CEILING = Dbtp(-1.0)
ROUNDS = 3
SHARES = (0.0, 0.9, 0.97, 1.0)  #: of the progress, at the ends of the rounds; most songs need one
MARGINS = (Decibels(0.02), Decibels(0.3))  #: by which more than the excess is taken, in the second and third round


@dataclass(frozen=True)
class EncodeReport:
    """What was written. `gain` is what was taken from the master, 0 or less; `true_peak` that of the decoded file."""

    gain: Decibels
    true_peak: Dbtp
    rounds: int
    duration: Seconds
    size: Bytes


def master_encode(
    samples: Samples,
    rate: SampleRateHz,
    audio_format: AudioFormat,
    path: Path,
    tags: Tags,
    *,
    ceiling: Dbtp = CEILING,
    bitrate: int | None = None,
    progress: Progress | None = None,
) -> EncodeReport:
    """Encode and tag. The gain is lowered by as much as the decoded true peak exceeds `ceiling`, in at most three
    rounds; the report says what was reached. Deterministic. `progress` may raise to stop; no file is left then."""
    from pansori.dsp.loudness import true_peak

    gain = Decibels(min(0.0, ceiling - true_peak(samples, rate)))
    for done in range(1, ROUNDS + 1):
        watch = _share(progress, SHARES[done - 1], SHARES[done]) if progress else None
        encode(_amplified(samples, gain), rate, audio_format, path, bitrate=bitrate, progress=watch)
        decoded = decode(path, folder=path.parent)
        peak = true_peak(decoded.samples, decoded.rate)
        if peak <= ceiling or done == ROUNDS:
            break
        gain = Decibels(gain - (peak - ceiling) - MARGINS[done - 1])
    write_tags(path, audio_format, tags)
    if progress:
        progress(1.0)
    seconds = Seconds(samples.shape[1] / rate)
    return EncodeReport(gain, peak, done, seconds, Bytes(path.stat().st_size))


def _amplified(samples: Samples, gain: Decibels) -> Samples:
    return samples * samples.dtype.type(10 ** (gain / 20)) if gain else samples


def _share(progress: Progress, begin: float, end: float) -> Progress:
    return lambda part: progress(begin + (end - begin) * part)
