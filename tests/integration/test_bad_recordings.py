"""Files that are no recordings, or bad ones: an error that names what is wrong and its cure, or measures with reasons
where there are none."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from pansori.domain.errors import MediaTooLarge, UnreadableMedia
from pansori.domain.tasks import AnalyzeTask, Kind
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.engines.analyze.base import RECORDING
from pansori.engines.analyze.pansori import PansoriAnalyzer, PansoriAnalyzerOptions
from pansori.engines.analyze.schema import Analysis
from pansori.engines.base import Recording
from pansori.media import Limits, decode
from pansori.settings import Settings
from pansori.workflows.analysis.measuring import read_recording
from support.context import MemoryContext
from support.damage import KINDS, RATE, Decoders, damaged, decoders, encoded, long_silence, spoken
from support.media import Samples

EACH = 34  #: mutations of a kind: more than 300 of all
MEASURED = 6  #: of them one in so many is measured
LONGEST = Seconds(4 * 3600.0)


def analyzed(sound: Recording, folder: Path, kind: Kind | None = None) -> Analysis:
    """By the whole engine, and as it survives its own JSON."""
    context = MemoryContext(seed=0, scratch=folder)
    context.inputs = {RECORDING: sound}
    engine = PansoriAnalyzer(Settings(data_dir=folder))
    analysis = engine.run(AnalyzeTask(kind=kind), PansoriAnalyzerOptions(), context)
    assert Analysis.model_validate_json(analysis.model_dump_json()) == analysis
    return analysis


def read(data: bytes, folder: Path, settings: Settings | None = None) -> Recording:
    """A file of any name as a worker reads it; nothing lies around afterwards."""
    path, scratch = folder / "recording.wav", folder / "scratch"
    path.write_bytes(data)
    scratch.mkdir()
    try:
        return read_recording(path, "0" * 64, settings or Settings(data_dir=folder), scratch)
    finally:
        assert not list(scratch.iterdir())


def written(samples: Any, rate: int, **kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, samples, rate, **{"format": "WAV", "subtype": "PCM_16"} | kind)
    return file.getvalue()


# -- what is refused --------


def an_archive() -> bytes:
    """A ZIP bomb: ten megabytes of silence in ten kilobytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("song.wav", bytes(10_000_000))
    return file.getvalue()


def protected(entry: bytes) -> bytes:
    """An M4A file whose sample entry says that it is encrypted."""
    plain = encoded("m4a")
    assert plain.count(b"mp4a") == 1
    return plain.replace(b"mp4a", entry)


def rated(rate: int) -> bytes:
    """A WAV file whose header says so."""
    data = bytearray(encoded("wav"))
    data[24:28] = struct.pack("<I", rate)
    return bytes(data)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "text": (lambda: b"This is no recording.\n" * 100, "The file is text, not sound."),
    "a ZIP bomb": (an_archive, "The file is a ZIP archive, not sound."),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(100), "The file is a picture, not sound."),
    "nothing": (lambda: b"", "The file is empty."),
    "a header alone": (lambda: encoded("wav")[:44], "cannot be decoded"),
    "noise": (lambda: np.random.default_rng(1).bytes(5000), "cannot be decoded"),
    "Common Encryption": (lambda: protected(b"enca"), "copy protection (DRM)"),
    "FairPlay": (lambda: protected(b"drms"), "copy protection (DRM)"),
    "Audible": (lambda: protected(b"aavd"), "copy protection (DRM)"),
    "a sample a second": (lambda: rated(1), "1 samples a second"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_recording_is_refused_by_name_and_with_a_cure(name: str, tmp_path: Path) -> None:
    make, why = REFUSED[name]
    with pytest.raises(UnreadableMedia) as caught:
        read(make(), tmp_path)
    error = caught.value
    assert why in error.message.en
    assert error.message.ko != error.message.en
    assert error.cure is not None
    assert str(tmp_path) not in str(error)


@pytest.mark.parametrize("seconds", [3 * 3600, 1000 * 3600])
def test_hours_in_a_small_file_are_too_long_before_any_room_is_taken(seconds: float, tmp_path: Path) -> None:
    data = long_silence(min(seconds, 3 * 3600))
    assert len(data) < 30_000
    if seconds > 3 * 3600:  # its header lies too
        data = data[:18] + data[18:21] + bytes([data[21] | 0x0F]) + b"\xff" * 4 + data[26:]
    with pytest.raises(MediaTooLarge, match="too long: more than 3600 seconds") as caught:
        read(data, tmp_path, Settings(data_dir=tmp_path, max_recording=Seconds(3600.0)))
    assert caught.value.field == "seconds"
    assert caught.value.cure is not None


def test_how_long_a_recording_may_be_is_a_setting() -> None:
    usual = Limits.of(Settings())
    assert usual.duration == LONGEST
    assert usual.decoded >= LONGEST * 44_100 * 2 * 4
    assert Limits.of(Settings(max_recording=Seconds(60.0), max_upload=Bytes(5))).duration == 60.0
    assert Limits.of(Settings(max_upload=Bytes(5))).size == 5


# -- what is measured --------


def noisy(channels: int, rate: int) -> Samples:
    return np.random.default_rng(0).normal(0, 0.1, (rate // 2, channels)).astype(np.float32)


STRANGE: dict[str, tuple[Callable[[], bytes], dict[str, object]]] = {
    "truncated": (lambda: encoded("mp3")[:1500], {"codec": "mp3float"}),
    "a length that is a lie": (lambda: _longer(encoded("wav")), {"duration": 0.6}),
    "one sample": (lambda: written(np.array([0.5]), 44_100), {"duration": 1 / 44_100}),
    "eight channels": (lambda: written(noisy(8, 48_000), 48_000), {"channels": 8}),
    "192 kHz": (lambda: written(noisy(1, 192_000), 192_000), {"sample_rate": 192_000}),
    "8 kHz, µ-law": (lambda: encoded("mulaw"), {"sample_rate": 8_000, "codec": "pcm_mulaw"}),
    "24 bits": (lambda: encoded("s24"), {"codec": "pcm_s24le"}),
    "no numbers": (lambda: written(_not_finite(), 48_000, subtype="FLOAT"), {"codec": "pcm_f32le"}),
    "an offset alone": (lambda: written(np.full((24_000, 2), 0.5), 48_000), {"channels": 2}),
    "digital silence": (lambda: written(np.zeros((24_000, 2)), 48_000), {"channels": 2}),
    "a film": (lambda: _film(), {"video": True}),
}


def _longer(data: bytes) -> bytes:
    at = data.index(b"data") + 4
    return data[:at] + struct.pack("<I", 0x7FFFFFF0) + data[at + 4 :]


def _not_finite() -> Samples:
    return np.tile(np.array([np.nan, np.inf, -np.inf, 1e30, 0.5], np.float32), 4_000)


def _film() -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as container:
        pictures = container.add_stream("mpeg4", rate=10)
        pictures.width, pictures.height = 16, 16
        sound = container.add_stream("aac", rate=RATE, layout="mono")
        for number in range(6):
            frame = av.VideoFrame.from_ndarray(np.zeros((16, 16, 3), np.uint8), format="rgb24")
            frame.pts = number
            container.mux(pictures.encode(frame))
        for start in range(0, spoken().shape[1] - 1024, 1024):
            heard = av.AudioFrame.from_ndarray(spoken()[:, start : start + 1024], format="fltp", layout="mono")
            heard.sample_rate, heard.pts = RATE, start
            container.mux(sound.encode(heard))
        for stream in (pictures, sound):
            container.mux(stream.encode(None))
    return file.getvalue()


@pytest.mark.parametrize("name", STRANGE)
def test_what_is_strange_is_measured_or_told_why_not(name: str, tmp_path: Path) -> None:
    make, facts = STRANGE[name]
    analysis = analyzed(read(make(), tmp_path), tmp_path, Kind.SINGING)  # of which all is measured
    told = analysis.format.model_dump()
    duration = facts.get("duration", told["duration"])
    assert told["duration"] == pytest.approx(duration, rel=0.01)
    assert {key: told[key] for key in facts} | {"duration": duration} == facts | {"duration": duration}


@pytest.mark.parametrize("name", ["digital silence", "an offset alone"])
def test_where_nothing_sounds_the_reason_is_told(name: str, tmp_path: Path) -> None:
    analysis = analyzed(read(STRANGE[name][0](), tmp_path), tmp_path)
    assert analysis.signal is not None
    assert analysis.signal.dc_offset.value == (0.5 if name == "an offset alone" else 0.0)
    assert analysis.music is not None
    assert analysis.music.tempo.refused is not None
    assert analysis.voice is not None
    assert analysis.voice.f0_mean.refused is not None


# -- files with accidents --------


def outcome(decoder: Decoders, data: bytes, folder: Path, *, measure: bool) -> str:
    """What came of a file: `measured`, `read`, or the decoder's error; anything else fails."""
    answer = decoder.read(data)
    if answer.killed is not None:
        return f"killed by {answer.killed}"
    if "error" in answer.told:
        assert answer.told["error"] in ("unreadable", "silent", "too_large", "protected")
        return str(answer.told["error"])
    samples, rate = answer.samples.T, answer.told["rate"]
    assert samples.shape == (answer.told["channels"], answer.told["frames"])
    assert np.all(np.abs(samples) <= 16.0)
    assert 4_000 <= rate <= 192_000
    if not measure:
        return "read"
    fields = {name: answer.told[name] for name in ("container", "codec", "video", "damaged")}
    sound = Recording(
        samples=samples,
        rate=SampleRateHz(rate),
        media_type="audio/wav",
        size=Bytes(len(data)),
        sha256="0" * 64,
        **fields,
    )
    analyzed(sound, folder)
    return "measured"


@pytest.mark.parametrize("kind", KINDS)
def test_changed_bytes_give_an_error_or_measures(kind: str, tmp_path: Path) -> None:
    limits = Limits(duration=Seconds(60.0), time=Seconds(20.0))
    scratch = tmp_path / "engine"
    scratch.mkdir()
    with decoders(tmp_path, limits) as decoder:
        assert outcome(decoder, encoded(kind), scratch, measure=True) == "measured"
        found = [
            outcome(decoder, damaged(encoded(kind), seed), scratch, measure=seed % MEASURED == 0)
            for seed in range(EACH)
        ]
    assert not [one for one in found if one.startswith("killed")]
    assert {"unreadable", "read"} <= set(found)


def test_a_decoder_that_takes_too_much_is_ended_and_says_of_what(tmp_path: Path) -> None:
    path = tmp_path / "long.flac"
    path.write_bytes(long_silence(3 * 3600))
    with pytest.raises(MediaTooLarge) as caught:
        decode(path, Limits(duration=LONGEST, time=Seconds(0.01)), folder=tmp_path)
    assert caught.value.field == "cpu"
    assert list(tmp_path.iterdir()) == [path]
