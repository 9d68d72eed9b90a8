"""Pictures made of pixels, as PNG (ISO/IEC 15948) of 256 colours."""

from __future__ import annotations

import base64
import struct
import zlib
from typing import Final

import numpy as np
import numpy.typing as npt

from pansori.dsp.pictures import Picture

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
INDEXED: Final = (8, 3, 0, 0, 0)  #: eight bits, a palette; deflate, filters by line, not interlaced
STOPS: Final = ((0x15, 0x12, 0x0E), (0x4A, 0x1D, 0x1C), (0xB8, 0x3A, 0x24), (0xE9, 0xA1, 0x4F), (0xFD, 0xF6, 0xE3))


def _palette() -> bytes:
    """From ink by vermilion to paper, ever lighter, so that it reads in grey too; the same on light and dark pages."""
    places = np.linspace(0, len(STOPS) - 1, 256)
    colours = [np.interp(places, np.arange(len(STOPS)), channel) for channel in zip(*STOPS, strict=True)]
    return np.stack(colours, axis=1).round().astype(np.uint8).tobytes()


PALETTE: Final = _palette()


def image(picture: Picture, lowest: float, highest: float) -> str:
    """`pixels` as a `data:` address."""
    return "data:image/png;base64," + base64.b64encode(pixels(picture, lowest, highest)).decode()


def pixels(picture: Picture, lowest: float, highest: float) -> bytes:
    """The picture as PNG with its first row at the bottom. What is at or below `lowest` is ink, what is at or above
    `highest` paper."""
    scaled = np.clip((picture[::-1] - lowest) / max(highest - lowest, 1e-12), 0.0, 1.0)
    return _png((255 * scaled).round().astype(np.uint8))


def _png(places: npt.NDArray[np.uint8]) -> bytes:
    """`places`: in the palette, shape [rows, columns]."""
    rows, columns = places.shape
    lines = np.concatenate((np.zeros((rows, 1), np.uint8), places), axis=1)  # each begins with its filter: none
    header = struct.pack(">II5B", columns, rows, *INDEXED)
    chunks = ((b"IHDR", header), (b"PLTE", PALETTE), (b"IDAT", zlib.compress(lines.tobytes(), 9)), (b"IEND", b""))
    return SIGNATURE + b"".join(_chunk(name, content) for name, content in chunks)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
