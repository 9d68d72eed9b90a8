"""Ogg Vorbis ends in the middle of a packet, of which demuxers tell strange lengths at some rates."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from pansori.media import decode, probe

BLOCK = 2_048  #: samples: the longest block that the encoder makes; decoders end with a whole one


@pytest.mark.parametrize(("rate", "channels"), [(8_000, 1), (22_050, 2), (48_000, 1)])
def test_it_is_as_long_as_its_sound(tmp_path: Path, rate: int, channels: int) -> None:
    path = tmp_path / "song.ogg"
    tone = np.sin(np.arange(rate * 2 + 77) * 0.05) * 0.3
    soundfile.write(path, np.stack([tone] * channels, axis=1), rate, format="OGG")
    assert probe(path).duration == pytest.approx(2 + 77 / rate, abs=0.01)
    decoded = decode(path)
    assert (decoded.rate, decoded.samples.shape[0]) == (rate, channels)
    assert abs(decoded.samples.shape[1] - len(tone)) <= BLOCK
