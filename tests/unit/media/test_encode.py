"""Files are what was asked for: their sound, their length, their peaks, and their bytes each time."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import soundfile
from mutagen.mp3 import MP3, BitrateMode

from pansori.domain.errors import Cancelled, StorageFull
from pansori.domain.media import AudioFormat
from pansori.domain.units import Dbtp, SampleRateHz
from pansori.dsp.loudness import true_peak
from pansori.media import (
    Tags,
    decode,
    encode,
    master_encode,
    media_type,
    probe,
    read_flac,
    read_tags,
    write_flac,
)
from support.media import RATE, Samples, tone

LOSSLESS = (AudioFormat.WAV, AudioFormat.FLAC)


def loud(seconds: float = 2.0, seed: int = 0) -> Samples:
    """Limited noise and tones that lossy codecs answer with higher peaks, at full scale."""
    noise = np.random.default_rng(seed).standard_normal((2, round(seconds * RATE))) * 0.5
    samples: Samples = np.clip(noise + tone(seconds, level=0.7), -1, 1).astype(np.float32)
    return samples


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize(("rate", "channels"), [(44_100, 2), (48_000, 1)])
def test_what_is_written_is_heard(audio_format: AudioFormat, rate: int, channels: int, tmp_path: Path) -> None:
    path, samples = tmp_path / "song", tone(1.3, rate=rate, channels=channels)
    encode(samples, SampleRateHz(rate), audio_format, path)
    decoded = decode(path)
    assert media_type(path) == audio_format.media_type
    assert decoded.samples.shape[0] == channels
    assert not decoded.damaged
    assert probe(path).duration == pytest.approx(1.3, abs=0.01)
    if decoded.rate != rate:
        assert (audio_format, decoded.rate) == (AudioFormat.OPUS, 48_000)
        return
    frames = samples.shape[1]
    assert frames <= decoded.samples.shape[1] <= frames + 1024  # AAC's last block is not cut by its decoder
    error = decoded.samples[:, 500 : frames - 500] - samples[:, 500 : frames - 500]
    assert np.max(np.abs(error)) < (1e-6 if audio_format in LOSSLESS else 0.03)  # so in time to the sample


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("rate", [22_050, 96_000])
def test_rates_that_a_format_does_not_have_are_resampled(audio_format: AudioFormat, rate: int, tmp_path: Path) -> None:
    path = tmp_path / "song"
    encode(tone(0.7, rate=rate), SampleRateHz(rate), audio_format, path)
    found = probe(path)
    assert found.duration == pytest.approx(0.7, abs=0.02)
    assert found.rate in {rate, 44_100, 48_000}
    heard = decode(path).samples[0]
    spectrum = np.abs(np.fft.rfft(heard * np.hanning(len(heard))))
    assert np.argmax(spectrum) * found.rate / len(heard) == pytest.approx(440, abs=2)


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_the_decoded_file_keeps_the_ceiling_and_its_bytes(audio_format: AudioFormat, tmp_path: Path) -> None:
    path, again = tmp_path / "song", tmp_path / "again"
    tags = Tags(title="노래", engine="house_band", seed=7, recipe='{"a":1}')
    told = list[float]()
    report = master_encode(loud(), RATE, audio_format, path, tags, ceiling=Dbtp(-1.0), progress=told.append)
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert master_encode(loud(), RATE, audio_format, again, tags, ceiling=Dbtp(-1.0)) == report
    assert again.read_bytes() == path.read_bytes()
    decoded = decode(path)
    assert true_peak(decoded.samples, decoded.rate) == pytest.approx(report.true_peak, abs=1e-6)
    assert -4.0 < report.true_peak <= -1.0
    assert report.gain < -1.0
    assert report.size == path.stat().st_size
    assert report.duration == pytest.approx(2.0)
    assert read_tags(path, audio_format) == tags


def test_a_master_below_the_ceiling_is_not_changed(tmp_path: Path) -> None:
    report = master_encode(tone(0.5), RATE, AudioFormat.FLAC, tmp_path / "song", Tags())
    assert (report.gain, report.rounds) == (0.0, 1)


@pytest.mark.parametrize("bits", [16, 24])
def test_flac_keeps_every_bit(bits: int, tmp_path: Path) -> None:
    path, samples = tmp_path / "stem.flac", tone(0.5)
    write_flac(path, samples, RATE, bits=16 if bits == 16 else 24)
    heard, rate = read_flac(path)
    assert rate == RATE
    assert np.max(np.abs(heard - samples)) <= 2.0 ** (1 - bits)


def test_what_exceeds_full_scale_is_clipped_and_not_wrapped(tmp_path: Path) -> None:
    path, samples = tmp_path / "song.wav", tone(0.2, level=3.0)
    encode(samples, RATE, AudioFormat.WAV, path, bits=16)
    np.testing.assert_allclose(decode(path).samples, np.clip(samples, -1, 1), atol=1e-4)


@pytest.mark.parametrize("channels", [1, 2])
def test_wav_of_16_bits_is_libsndfiles_to_the_byte(channels: int, tmp_path: Path) -> None:
    samples = np.random.default_rng(0).uniform(-1.2, 1.2, (channels, 70_000)).astype(np.float32)
    encode(samples, RATE, AudioFormat.WAV, tmp_path / "ours.wav", bits=16)
    soundfile.write(tmp_path / "theirs.wav", np.clip(samples.T, -1, 1), RATE, "PCM_16", format="WAV")
    assert (tmp_path / "ours.wav").read_bytes() == (tmp_path / "theirs.wav").read_bytes()


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_progress_is_told_and_may_stop_it(audio_format: AudioFormat, tmp_path: Path) -> None:
    path, told = tmp_path / "song", list[float]()
    encode(tone(5.0), RATE, audio_format, path, progress=told.append)
    assert told == sorted(told)
    assert len(told) > 2
    assert told[-1] == 1.0

    def stop(part: float) -> None:
        if part > 0.5:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        encode(tone(5.0), RATE, audio_format, path, progress=stop)
    assert not path.exists()


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_a_full_disk_is_called_that(audio_format: AudioFormat, tmp_path: Path) -> None:
    """The limit on file sizes ends a write as a full disk does."""
    path, before = tmp_path / "song", resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))
    try:
        with pytest.raises(StorageFull):
            encode(tone(2.0), RATE, audio_format, path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not path.exists()


@pytest.mark.parametrize(("channels", "frames"), [(3, 100), (0, 100), (2, 0)])
def test_shapes_that_are_no_song(channels: int, frames: int, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"channels, not|no samples"):
        encode(np.zeros((channels, frames), np.float32), RATE, AudioFormat.MP3, tmp_path / "song")
    assert not (tmp_path / "song").exists()


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_a_hundredth_of_a_second_is_a_song(audio_format: AudioFormat, tmp_path: Path) -> None:
    master_encode(tone(0.01, channels=1), RATE, audio_format, tmp_path / "song", Tags(title="."))
    assert media_type(tmp_path / "song") == audio_format.media_type


@pytest.mark.parametrize("channels", [1, 2])
def test_players_find_the_length_of_an_mp3(channels: int, tmp_path: Path) -> None:
    path, samples = tmp_path / "song", tone(2.0, channels=channels)
    encode(samples, RATE, AudioFormat.MP3, path)
    info = cast("Any", MP3(path).info)
    assert info.length == pytest.approx(2.0, abs=1e-4)
    assert (info.channels, info.bitrate_mode, info.sketchy) == (channels, BitrateMode.CBR, False)
    assert decode(path).samples.shape == samples.shape
