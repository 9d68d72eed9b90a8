"""WAV files that are read in this process: the same as by the decoder, to the bit; and what is left to it."""

from __future__ import annotations

import struct
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.media import Limits, decode, probe, read_plain
from pansori.media.plain import probe_plain
from support.recordings import hiss

LIMITS = Limits()


def written(folder: Path, subtype: str, channels: int = 1, rate: int = 16_000, file_format: str = "WAV") -> Path:
    path = folder / "sound.wav"
    soundfile.write(
        path, np.stack([hiss(0.1, rate, seed) for seed in range(channels)]).T, rate, subtype, None, file_format
    )
    return path


@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_32"])
@pytest.mark.parametrize("channels", [1, 2])
def test_it_is_what_the_decoder_makes_of_it(tmp_path: Path, subtype: str, channels: int) -> None:
    path = written(tmp_path, subtype, channels)
    plain, decoded = read_plain(path, LIMITS), decode(path)
    assert plain is not None
    assert probe_plain(path, LIMITS) == plain.probe == decoded.probe == probe(path)
    assert (plain.rate, plain.damaged) == (decoded.rate, decoded.damaged)
    assert np.array_equal(plain.samples, decoded.samples)
    assert plain.samples.dtype == np.float32


@pytest.mark.parametrize("subtype", ["FLOAT", "ULAW", "PCM_24"])
def test_other_codings_are_left_to_the_decoder(tmp_path: Path, subtype: str) -> None:
    assert read_plain(written(tmp_path, subtype), LIMITS) is None


@pytest.mark.parametrize("file_format", ["FLAC", "AIFF", "RF64"])
def test_and_other_formats(tmp_path: Path, file_format: str) -> None:
    assert read_plain(written(tmp_path, "PCM_16", file_format=file_format), LIMITS) is None


@pytest.mark.parametrize(
    "limits",
    [Limits(duration=Seconds(0.05)), Limits(size=Bytes(100)), Limits(rate=SampleRateHz(8_000)), Limits(channels=0)],
)
def test_what_exceeds_a_bound_is_left_to_who_names_it(tmp_path: Path, limits: Limits) -> None:
    assert read_plain(written(tmp_path, "PCM_16"), limits) is None


def test_a_chunk_that_says_it_ends_elsewhere_is_left_to_the_decoder(tmp_path: Path) -> None:
    path = written(tmp_path, "PCM_16")
    content = path.read_bytes()
    for length in (15, 17, 2**31, 2**32 - 1):  # of what comes before the samples
        path.write_bytes(content[:16] + struct.pack("<I", length) + content[20:])
        assert read_plain(path, LIMITS) is None
    short = content[:4] + struct.pack("<I", 20) + content[8:]  # a file that is over before its samples
    path.write_bytes(short)
    assert read_plain(path, LIMITS) is None


def test_no_memory_is_asked_for_that_a_header_alone_speaks_of(tmp_path: Path) -> None:
    path = written(tmp_path, "PCM_16")
    content, long = path.read_bytes(), struct.pack("<I", 2**30)
    path.write_bytes(content[:4] + long + content[8:40] + long + content[44:])
    tracemalloc.start()
    try:
        assert read_plain(path, LIMITS) is None
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


def test_headers_are_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path, "PCM_16")
    content = path.read_bytes()
    broken = [content[:end] for end in (0, 1, 11, 12, 20, 36, 43, 44, 45, len(content) - 1)]
    for place, value in ((22, 0), (22, 9), (34, 0)):  # channels, bits
        broken.append(content[:place] + struct.pack("<H", value) + content[place + 2 :])
    broken.append(content[:24] + struct.pack("<I", 0) + content[28:])
    broken.append(content[:40] + struct.pack("<I", 2**32 - 1) + content[44:])
    for content in broken:
        path.write_bytes(content)
        assert read_plain(path, LIMITS) is None
