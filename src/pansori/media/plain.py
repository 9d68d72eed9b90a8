"""WAV files of whole numbers, which is what microphones give: so simple that they are read in this process, in the time
that starting the decoder takes alone. Nothing in them is believed; whatever is unusual is left to the decoder."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Final

from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.media.decode import Decoded, Limits, Probe, Samples

LARGEST: Final = Bytes(32 * 1024 * 1024)  #: of a file, for its samples are held in memory
CODECS: Final = {1: "pcm_u8", 2: "pcm_s16le", 4: "pcm_s32le"}  #: by bytes of a sample, as the decoder calls them
LEAST_RATE: Final = 1_000


def probe_plain(path: Path, limits: Limits) -> Probe | None:
    """As `probe` tells it. None: as of `read_plain`."""
    found = _content(path, limits)
    return found and found[0]


def read_plain(path: Path, limits: Limits) -> Decoded | None:
    """As `decode` reads it, to the bit. None: it is something else, or not whole, or exceeds a bound."""
    found = _content(path, limits)
    if found is None:
        return None
    probe, content, width = found
    return Decoded(_samples(content, width, probe.channels), probe.rate, damaged=False, probe=probe)


def _content(path: Path, limits: Limits) -> tuple[Probe, bytes, int] | None:
    """What it is, its samples, and the bytes of one."""
    size = Bytes(path.stat().st_size)
    if size > min(LARGEST, limits.size):
        return None
    try:
        with wave.open(str(path), "rb") as file:
            shape = file.getparams()
            length = shape.nframes * shape.nchannels * shape.sampwidth
            if length > size:  # as much memory would be asked for, before it is seen that nothing is there
                return None
            content = file.readframes(shape.nframes)
    except (wave.Error, EOFError, RuntimeError):  # the last of a chunk that says it ends elsewhere
        return None
    duration = Seconds(shape.nframes / max(shape.framerate, 1))
    found = Probe(
        container="wav",
        codec=CODECS.get(shape.sampwidth, ""),
        duration=duration,
        rate=SampleRateHz(shape.framerate),
        channels=shape.nchannels,
        size=size,
        video=False,
        damaged=False,
        declared=duration,
    )
    whole = 0 < len(content) == length
    bounded = LEAST_RATE <= found.rate <= limits.rate and found.channels <= min(limits.channels, 2)
    if not (found.codec and whole and bounded and found.duration <= limits.duration):
        return None
    return found, content, shape.sampwidth


def _samples(content: bytes, width: int, channels: int) -> Samples:
    import numpy as np

    whole = np.frombuffer(content, dtype={1: "u1", 2: "<i2", 4: "<i4"}[width]).reshape(-1, channels)
    if width == 1:
        return np.ascontiguousarray((whole.T.astype(np.float32) - 128) / 128)
    return np.ascontiguousarray(whole.T.astype(np.float32) / np.float32(2 ** (8 * width - 1)))
