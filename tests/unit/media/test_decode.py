"""Files from anywhere: read where they can be, refused by name where not, and never dangerous."""

from __future__ import annotations

import os
import random
import resource
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from mutagen.mp4 import MP4, MP4Cover

from pansori.domain.errors import MediaTooLarge, StorageFull, UnreadableMedia
from pansori.domain.media import AudioFormat
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.media import Limits, decode, encode, probe
from support.media import RATE, Samples, decoders_of, tone, wave_file
from support.waiting import eventually

PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63606060000000040001f61738550000000049454e44ae426082"
)  #: a PNG of one black pixel


def write(folder: Path, data: bytes, name: str = "song.wav") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_facts(tmp_path: Path) -> None:
    found = probe(wave_file(tmp_path / "song.mp3", tone(1.5)))
    assert (found.container, found.codec, found.rate, found.channels) == ("wav", "pcm_s16le", RATE, 2)
    assert found.duration == pytest.approx(1.5)
    assert not found.video
    assert not found.damaged


@pytest.mark.parametrize("name", ["song.wav", "song.flac", "song.mp3"])
def test_decoding_tells_what_probing_does(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    soundfile.write(path, tone(1.3).T, RATE)
    found = decode(path).probe
    assert replace(found, duration=Seconds(0.0)) == replace(probe(path), duration=Seconds(0.0))
    assert found.duration == pytest.approx(1.3, abs=0.06)  # MP3 has whole frames


def test_samples_are_kept_without_a_file_in_the_folder(tmp_path: Path) -> None:
    source, folder = wave_file(tmp_path / "song.wav"), tmp_path / "scratch"
    folder.mkdir()
    decoded = decode(source, folder=folder)
    assert list(folder.iterdir()) == []
    np.testing.assert_allclose(decoded.samples, tone(), atol=1e-4)
    decoded.samples[:] = 0  # a copy on write, not the file
    np.testing.assert_allclose(decode(source).samples, tone(), atol=1e-4)


@pytest.mark.parametrize("kind", ["PCM_16", "FLOAT"])
def test_what_is_longer_than_is_written_at_once_is_whole(kind: str, tmp_path: Path) -> None:
    """Both kinds of samples: whole numbers, and those that have to be looked at."""
    path = tmp_path / "song.wav"
    soundfile.write(path, np.random.default_rng(0).uniform(-1, 1, 300_000), RATE, subtype=kind)
    np.testing.assert_array_equal(decode(path).samples[0], soundfile.read(path, dtype="float32")[0])


@pytest.mark.parametrize(("channels", "rate"), [(1, 8_000), (8, 44_100), (2, 192_000)])
def test_many_channels_and_high_rates(channels: int, rate: int, tmp_path: Path) -> None:
    samples = tone(0.3, channels=channels, rate=rate)
    decoded = decode(wave_file(tmp_path / "song.wav", samples, rate))
    assert decoded.rate == rate
    np.testing.assert_allclose(decoded.samples, samples, atol=1e-4)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0",
        b"hello, I am a text named song.wav\n" * 50,
        np.random.default_rng(1).bytes(5_000),
        b"RIFF\xff\xff\xff\xffWAVEfmt ",
        b"fLaC" + bytes(100),
        b"OggS" + bytes(100),
        b"ID3\4\0\0\x7f\x7f\x7f\x7f" + bytes(100),
        b"\0\0\0\x20ftypM4A " + bytes(200),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
    ],
    ids=range(10),
)
def test_what_is_no_sound_is_refused(data: bytes, tmp_path: Path) -> None:
    path = write(tmp_path, data)
    for look in (probe, decode):
        with pytest.raises(UnreadableMedia) as caught:
            look(path)
        assert caught.value.cure is None or caught.value.message.ko
        assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("form", ["#EXTM3U\n#EXTINF:1,\n{}\n#EXT-X-ENDLIST\n", "ffconcat version 1.0\nfile '{}'\n"])
@pytest.mark.parametrize("name", ["list.m3u8", "song.wav"])
def test_lists_that_point_to_other_files_are_not_followed(form: str, name: str, tmp_path: Path) -> None:
    other = wave_file(tmp_path / "secret.wav")
    with pytest.raises(UnreadableMedia):
        decode(write(tmp_path, form.format(other).encode(), name))


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_a_truncated_file_gives_what_is_left(audio_format: AudioFormat, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    encode(tone(3.0), RATE, audio_format, whole)
    path = write(tmp_path, whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    decoded = decode(path)
    assert 0.5 < decoded.samples.shape[1] / decoded.rate < 3.0
    assert np.max(np.abs(decoded.samples)) < 1.0


@pytest.mark.parametrize("audio_format", AudioFormat)
@pytest.mark.parametrize("seed", [0, 1])
def test_damaged_files_are_read_or_refused(audio_format: AudioFormat, seed: int, tmp_path: Path) -> None:
    """Bytes changed at random, many of them in the header."""
    path = tmp_path / "song"
    encode(tone(0.5), RATE, audio_format, path)
    data, dice = bytearray(path.read_bytes()), random.Random(seed)
    for _ in range(10):
        data[dice.randrange(dice.choice([64, 512, len(data)]))] = dice.randrange(256)
    path.write_bytes(data)
    try:
        outcome = "read" if np.all(np.abs(decode(path).samples) <= 16.0) else "out of bounds"
    except (UnreadableMedia, MediaTooLarge) as error:
        outcome = str(error)
    assert outcome == "read" or outcome.startswith("The file ")
    assert "the decoder ended" not in outcome


def test_a_codec_that_nobody_knows(tmp_path: Path) -> None:
    data = bytearray(wave_file(tmp_path / "honest.wav").read_bytes())
    data[20:22] = struct.pack("<H", 0x7ABC)
    with pytest.raises(UnreadableMedia, match="no decoder knows"):
        probe(write(tmp_path, bytes(data)))


def test_a_header_that_lies_about_the_length(tmp_path: Path) -> None:
    data = bytearray(wave_file(tmp_path / "honest.wav", tone(1.0)).read_bytes())
    data[40:44] = struct.pack("<I", 0x7FFFFFF0)  # three hours and more
    path = write(tmp_path, bytes(data))
    assert probe(path).duration == pytest.approx(1.0, abs=0.01)
    assert decode(path).samples.shape == (2, RATE)


def test_a_header_that_lies_about_the_channels(tmp_path: Path) -> None:
    data = bytearray(wave_file(tmp_path / "honest.wav").read_bytes())
    data[22:24] = struct.pack("<H", 60_000)
    with pytest.raises((UnreadableMedia, MediaTooLarge)):
        decode(write(tmp_path, bytes(data)))


def test_numbers_that_are_none_become_finite(tmp_path: Path) -> None:
    samples: Samples = np.tile(np.array([np.nan, np.inf, -np.inf, 1e30, 0.5], np.float32), (2, 1_000))
    path = tmp_path / "song.wav"
    soundfile.write(path, samples.T, RATE, format="WAV", subtype="FLOAT")
    heard = decode(path).samples
    assert heard[0, :5].tolist() == [0.0, 16.0, -16.0, 16.0, 0.5]


@pytest.mark.parametrize(
    ("limits", "bound"),
    [
        (Limits(size=Bytes(1000)), "bytes"),
        (Limits(duration=Seconds(0.5)), "seconds"),
        (Limits(channels=1), "channels"),
        (Limits(rate=SampleRateHz(22_050)), "rate"),
        (Limits(time=Seconds(0.001)), "cpu"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bounds_are_named(limits: Limits, bound: str, tmp_path: Path) -> None:
    path = wave_file(tmp_path / "song.wav")
    for look in (probe, decode):
        with pytest.raises(MediaTooLarge) as caught:
            look(path, limits)
        assert caught.value.field == bound
        assert "{" not in caught.value.message.en + caught.value.message.ko


def test_the_samples_are_bounded(tmp_path: Path) -> None:
    path = wave_file(tmp_path / "song.wav")
    with pytest.raises(MediaTooLarge) as caught:
        decode(path, Limits(decoded=Bytes(100_000)))
    assert caught.value.field == "decoded"
    assert "100000" in caught.value.message.en


def test_no_room_for_the_samples(tmp_path: Path) -> None:
    """The limit on file sizes, which the decoder inherits, ends a write as a full disk does."""
    path = wave_file(tmp_path / "song.wav", tone(2.0))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(StorageFull):
            decode(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def film(path: Path, *, sound: bool) -> Path:
    with av.open(str(path), "w", format="mp4") as container:
        pictures = container.add_stream("mpeg4", rate=10)
        pictures.width, pictures.height, pictures.pix_fmt = 16, 16, "yuv420p"
        voice = container.add_stream("aac", rate=RATE, layout="mono") if sound else None
        container.mux(pictures.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(pictures.encode(None))
        if voice:
            frame = av.AudioFrame.from_ndarray(tone(1024 / RATE, channels=1), format="fltp", layout="mono")
            frame.sample_rate = RATE
            container.mux(voice.encode(frame))
            container.mux(voice.encode(None))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="the system does not limit address space")
def test_memory_is_bounded(tmp_path: Path) -> None:
    """A decoder without any may also crash, which harms nobody here."""
    with pytest.raises((MediaTooLarge, UnreadableMedia)):
        decode(wave_file(tmp_path / "song.wav"), Limits(memory=Bytes(0)))


def test_films(tmp_path: Path) -> None:
    with pytest.raises(UnreadableMedia, match="no sound"):
        probe(film(tmp_path / "silent", sound=False))
    found = probe(film(tmp_path / "film", sound=True))
    assert found.video
    assert found.codec == "aac"


def test_a_cover_is_no_film(tmp_path: Path) -> None:
    path = tmp_path / "song"
    encode(tone(0.5), RATE, AudioFormat.M4A, path)
    song = MP4(path)
    song["covr"] = [MP4Cover(PIXEL, MP4Cover.FORMAT_PNG)]
    song.save()
    assert not probe(path).video


DECODE_SLOWLY = """
import sys
from dataclasses import replace
from pathlib import Path
from pansori.media import decode
decode(Path(sys.argv[1]))
"""


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks for children in /proc")
def test_the_decoder_ends_with_its_parent(tmp_path: Path) -> None:
    """The file is a pipe that never ends, so the decoder is still at it when its parent is killed."""
    pipe = tmp_path / "song.wav"
    os.mkfifo(pipe)
    parent = subprocess.Popen([sys.executable, "-c", DECODE_SLOWLY, str(pipe)])
    try:
        writer = eventually(lambda: open_for_writing(pipe)) or 0
        eventually(lambda: decoders_of(pipe))
    finally:
        parent.kill()
        parent.wait()
    eventually(lambda: not decoders_of(pipe))
    os.close(writer)


def open_for_writing(pipe: Path) -> int | None:
    """None: nobody has opened it for reading yet."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        return None
