"""What a file is, told by its bytes and never by its name."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

UNKNOWN = "application/octet-stream"
HEAD = 64 * 1024  #: bytes looked at; enough to find the tracks of a Matroska file behind its index
TEXT_MAX = 16 * 1024 * 1024  #: longer texts are not read whole, so they stay unknown

EXTENSIONS = {
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/flac": "flac",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/aac": "aac",
    "audio/aiff": "aiff",
    "audio/midi": "mid",
    "audio/webm": "weba",
    "video/mp4": "mp4",
    "video/quicktime": "mov",
    "video/webm": "webm",
    "video/x-matroska": "mkv",
    "video/ogg": "ogv",
    "image/png": "png",
    "image/jpeg": "jpg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/svg+xml": "svg",
    "application/json": "json",
    "application/pdf": "pdf",
    "application/zip": "zip",
    "text/plain; charset=utf-8": "txt",
}
"""Every type that is told, with the extension of its keys."""

SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"fLaC", "audio/flac"),
    (b"MThd", "audio/midi"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
)
COMMENT = r"<!--(?:(?!-->).)*-->"  #: ends at the first end: what may end at any makes many comments take for ever
SVG = re.compile(rf"\s*(<\?xml[^>]*\?>\s*)?({COMMENT}\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]", re.DOTALL)
CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
MPEG_SAMPLES = {1: 384, 2: 1152, 3: 1152}  #: in a frame of each layer, MPEG-1
MPEG_RATES = (44_100, 48_000, 32_000)
MPEG_BITRATES = {
    (True, 1): (32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (True, 2): (32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (True, 3): (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (False, 1): (32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (False, 2): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (False, 3): (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""Kilobits a second by (is MPEG-1, layer), ISO/IEC 11172-3 and 13818-3; index 0 of the header is left out."""


def media_type(path: Path) -> str:
    """The type of the file's content, `application/octet-stream` where it is none we know.

    Only the first bytes are looked at, by no decoder, so hostile files can do no harm here; whether the rest can be
    decoded is told by `probe`. HTML is plain text, so that nobody's browser runs it.
    """
    with path.open("rb") as file:
        head = file.read(HEAD)
        size = path.stat().st_size
    if found := _of_media(head):
        return found
    return _text(path.read_bytes) if size <= TEXT_MAX and not CONTROLS.search(head[:512].decode("latin-1")) else UNKNOWN


def type_of_head(head: bytes, size: int) -> str:
    """The same of a file of which only the first `HEAD` bytes are at hand: texts that are longer stay unknown."""
    if found := _of_media(head):
        return found
    return _text(lambda: head) if size <= len(head) else UNKNOWN


def _of_media(head: bytes) -> str | None:
    tellers = (_by_signature, _riff, _ogg, _iso_media, _matroska, _id3, _mpeg_audio)
    return next((found for tell in tellers if (found := tell(head))), None)


def extension(kind: str) -> str:
    """Without its dot; `bin` for the unknown."""
    return EXTENSIONS.get(kind, "txt" if kind.startswith("text/") else "bin")


def type_of_extension(name: str) -> str:
    """The type whose keys end so; `application/octet-stream` for none."""
    return next((kind for kind, known in EXTENSIONS.items() if known == name), UNKNOWN)


def _by_signature(head: bytes) -> str | None:
    return next((kind for signature, kind in SIGNATURES if head.startswith(signature)), None)


def _riff(head: bytes) -> str | None:
    form, kind = head[:4], head[8:12]
    if form in (b"RIFF", b"RF64", b"BW64") and kind == b"WAVE":
        return "audio/wav"
    if form == b"RIFF" and kind == b"WEBP":
        return "image/webp"
    return "audio/aiff" if form == b"FORM" and kind in (b"AIFF", b"AIFC") else None


def _ogg(head: bytes) -> str | None:
    if not head.startswith(b"OggS"):
        return None
    return "video/ogg" if b"\x80theora" in head[:4096] else "audio/ogg"


def _iso_media(head: bytes) -> str | None:
    if head[4:8] != b"ftyp":
        return None
    brand = head[8:12]
    if brand == b"qt  ":
        return "video/quicktime"
    return "audio/mp4" if brand in (b"M4A ", b"M4B ", b"M4P ") else "video/mp4"


def _matroska(head: bytes) -> str | None:
    if not head.startswith(b"\x1aE\xdf\xa3"):
        return None
    if b"webm" not in head[:64]:
        return "video/x-matroska"
    return "audio/webm" if b"A_" in head and b"V_VP" not in head and b"V_AV1" not in head else "video/webm"


def _id3(head: bytes) -> str | None:
    """An ID3v2 tag stands before MP3, but also before FLAC and AAC."""
    if not head.startswith(b"ID3") or len(head) < 10:
        return None
    length = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(head[6:10], (21, 14, 7, 0), strict=True))
    behind = head[length:].lstrip(b"\0")
    if behind.startswith(b"fLaC"):
        return "audio/flac"
    return "audio/aac" if _adts(behind) else "audio/mpeg"


def _mpeg_audio(head: bytes) -> str | None:
    """Two frames in a row, so that chance makes no music of noise."""
    if _adts(head):
        return "audio/aac"
    length = _mpeg_frame(head)
    return "audio/mpeg" if length and (len(head) == length or _mpeg_frame(head[length:])) else None


def _mpeg_frame(head: bytes) -> int:
    """Length in bytes of the MPEG audio frame that begins here; 0 where none does."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return 0
    version, layer = head[1] >> 3 & 3, 4 - (head[1] >> 1 & 3)
    bitrate, rate = head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or layer == 4 or bitrate in (0, 15) or rate == 3:
        return 0
    first = version == 3
    hertz = MPEG_RATES[rate] >> {3: 0, 2: 1, 0: 2}[version]
    samples = 576 if layer == 3 and not first else MPEG_SAMPLES[layer]
    slots = samples * MPEG_BITRATES[first, layer][bitrate - 1] * 125 // hertz
    padding = head[2] >> 1 & 1
    return (slots // 4 + padding) * 4 if layer == 1 else slots + padding


def _adts(head: bytes) -> bool:
    """Two AAC frames in a row (ISO/IEC 13818-7, 6.2)."""

    def frame(at: int) -> int:
        part = head[at : at + 7]
        if len(part) < 7 or part[0] != 0xFF or part[1] & 0xF6 != 0xF0:
            return 0
        return (part[3] & 3) << 11 | part[4] << 3 | part[5] >> 5

    length = frame(0)
    return length > 7 and frame(length) > 7


def _text(read: Callable[[], bytes]) -> str:
    try:
        text = read().decode("utf-8-sig")
    except UnicodeDecodeError:
        return UNKNOWN
    if CONTROLS.search(text):
        return UNKNOWN
    if SVG.match(text):
        return "image/svg+xml"
    return "application/json" if text.lstrip()[:1] in ("{", "[") and _is_json(text) else "text/plain; charset=utf-8"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True
