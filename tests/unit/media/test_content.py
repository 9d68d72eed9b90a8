"""Types are told by content, whatever the name says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pansori.domain.media import AudioFormat
from pansori.media import encode, media_type
from support.media import RATE, tone

UNKNOWN = "application/octet-stream"


def told(folder: Path, data: bytes) -> str:
    path = folder / "misleading.png"
    path.write_bytes(data)
    return media_type(path)


@pytest.mark.parametrize("audio_format", AudioFormat)
def test_what_we_write_is_told_as_what_it_is(audio_format: AudioFormat, tmp_path: Path) -> None:
    path = tmp_path / "song.txt"
    encode(tone(0.5), RATE, audio_format, path)
    assert media_type(path) == audio_format.media_type


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"", "text/plain; charset=utf-8"),
        ("가사 한 줄\n".encode(), "text/plain; charset=utf-8"),
        (b"\xef\xbb\xbf[00:01.00]line", "text/plain; charset=utf-8"),
        (b"<html><script>alert(1)</script>", "text/plain; charset=utf-8"),
        (b' {"a": [1, 2]}\n', "application/json"),
        (b"{not json}", "text/plain; charset=utf-8"),
        (b"[" * 100_000, "text/plain; charset=utf-8"),
        (b"caf\xe9", UNKNOWN),
        (b"a\0b", UNKNOWN),
        (bytes(range(256)), UNKNOWN),
        (b"MThd\0\0\0\6\0\1\0\1\0\x60", "audio/midi"),
        (b"\x89PNG\r\n\x1a\n\0\0", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
        (b'<?xml version="1.0"?>\n<!-- drawn -->\n<svg xmlns="http://www.w3.org/2000/svg"/>', "image/svg+xml"),
        (b"<!-- a --><!-- b -->\n<svg>", "image/svg+xml"),
        (b"<!---->" * 100_000 + b"<svg>", "image/svg+xml"),
        (b"<!---->" * 100_000 + b"no drawing", "text/plain; charset=utf-8"),
        (b"%PDF-1.7", "application/pdf"),
        (b"ID3\4\0\0\0\0\0\0fLaC", "audio/flac"),
        (b"ID3\4\0\0\0\0\0\0\xff\xfb", "audio/mpeg"),
        (b"\xff\xfb\x90\x64 but nothing behind it", UNKNOWN),
        (b"OggS" + bytes(24) + b"\x80theora", "video/ogg"),
        (b"\0\0\0\x20ftypisom", "video/mp4"),
        (b"\0\0\0\x14ftypqt  ", "video/quicktime"),
        (b"\x1aE\xdf\xa3\x01\0\0\0B\x82\x84webm" + b"A_OPUS", "audio/webm"),
        (b"\x1aE\xdf\xa3\x01\0\0\0B\x82\x84webm" + b"V_VP9A_OPUS", "video/webm"),
        (b"\x1aE\xdf\xa3\x01\0\0\0B\x82\x88matroska", "video/x-matroska"),
    ],
)
def test_signatures(data: bytes, kind: str, tmp_path: Path) -> None:
    assert told(tmp_path, data) == kind


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("content")


@given(st.binary(max_size=300) | st.sampled_from([b"ID3", b"\xff\xfb", b"RIFF", b"OggS", b"\xff\xf1"]))
def test_no_bytes_break_it(folder: Path, data: bytes) -> None:
    assert "/" in told(folder, data)


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none()))
def test_json_is_told(folder: Path, value: dict[str, str | int | None]) -> None:
    assert told(folder, json.dumps(value, ensure_ascii=True).encode()) == "application/json"
