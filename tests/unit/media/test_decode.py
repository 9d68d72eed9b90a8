"""Files from anywhere: read where they can be, refused by name where not, and never dangerous."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pansori.domain.errors import MediaTooLarge, UnreadableMedia
from pansori.domain.media import AudioFormat
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.media import Limits, decode, encode, probe
from support.media import RATE, Samples, tone, wave_file
from support.waiting import eventually


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


def test_samples_are_kept_without_a_file_in_the_folder(tmp_path: Path) -> None:
    source, folder = wave_file(tmp_path / "song.wav"), tmp_path / "scratch"
    folder.mkdir()
    decoded = decode(source, folder=folder)
    assert list(folder.iterdir()) == []
    np.testing.assert_allclose(decoded.samples, tone(), atol=1e-4)
    decoded.samples[:] = 0  # a copy on write, not the file
    np.testing.assert_allclose(decode(source).samples, tone(), atol=1e-4)


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
        os.urandom(5_000),
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


def test_a_cover_is_no_film_and_a_picture_no_sound(tmp_path: Path) -> None:
    import av

    path = tmp_path / "film.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=10)
        stream.width, stream.height, stream.pix_fmt = 16, 16, "yuv420p"
        container.mux(stream.encode(av.VideoFrame(16, 16, "yuv420p")))
        container.mux(stream.encode(None))
    with pytest.raises(UnreadableMedia, match="no sound"):
        probe(path)


DECODE_SLOWLY = """
import sys
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
        writer = os.open(pipe, os.O_WRONLY)  # waits until the decoder has opened it
        decoders = decoders_of(pipe)
        assert decoders
    finally:
        parent.kill()
        parent.wait()
    eventually(lambda: not decoders_of(pipe), timeout=10)
    os.close(writer)


def decoders_of(path: Path) -> list[str]:
    """Process ids of decoders that were asked to open `path`."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it ended meanwhile
        if b"_decoder.py" in command and str(path).encode() in command:
            found.append(folder.name)
    return found
