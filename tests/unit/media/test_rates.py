"""Sampling rates: which a format has, and that resampling keeps length and sound."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
from mutagen.mp3 import MP3, BitrateMode

from pansori.domain.media import AudioFormat
from pansori.domain.tasks import SAMPLE_RATES
from pansori.domain.units import SampleRateHz
from pansori.media import Samples, decode, delivered_rate, encode, resample


def tone(seconds: float, rate: int, channels: int = 2) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    return np.tile(0.5 * np.sin(2 * np.pi * 440.0 * time), (channels, 1)).astype(np.float32)


@pytest.mark.parametrize("rate", SAMPLE_RATES)
@pytest.mark.parametrize("channels", [1, 2])
@pytest.mark.parametrize("bitrate", [128_000, 320_000])
def test_an_mp3_has_every_rate_and_tells_its_length(
    rate: SampleRateHz, channels: int, bitrate: int, tmp_path: Path
) -> None:
    """MPEG-2 ends at 160 kbit/s."""
    path = tmp_path / "song"
    encode(tone(2.0, rate, channels), rate, AudioFormat.MP3, path, bitrate=bitrate)
    info = cast("Any", MP3(path).info)
    assert (info.sample_rate, info.channels, info.sketchy) == (rate, channels, False)
    assert info.bitrate_mode is BitrateMode.CBR
    assert info.bitrate == pytest.approx(min(bitrate, 320_000 if rate >= 32_000 else 160_000), rel=1e-3)
    assert info.length == pytest.approx(2.0, abs=1e-4)
    decoded = decode(path)
    assert decoded.rate == rate
    assert abs(decoded.samples.shape[1] - 2 * rate) <= 1152


@pytest.mark.parametrize("rate", SAMPLE_RATES)
def test_each_format_says_what_it_delivers(rate: SampleRateHz, tmp_path: Path) -> None:
    for audio_format in AudioFormat:
        wanted = delivered_rate(audio_format, rate)
        assert wanted == (48_000 if audio_format is AudioFormat.OPUS else rate)
        encode(tone(0.5, rate), rate, audio_format, tmp_path / "song")
        assert decode(tmp_path / "song").rate == wanted


@pytest.mark.parametrize("wanted", SAMPLE_RATES)
def test_resampled_sound_is_the_same_sound(wanted: SampleRateHz) -> None:
    rate, seconds = SampleRateHz(44_100), 1.237
    frames = round(seconds * wanted)
    heard = resample(tone(seconds, rate), rate, wanted, frames)
    assert heard.shape == (2, frames)
    assert heard.dtype == np.float32
    inside = slice(wanted // 10, -wanted // 10)
    np.testing.assert_allclose(heard[:, inside], tone(seconds, wanted)[:, :frames][:, inside], atol=2e-3)
