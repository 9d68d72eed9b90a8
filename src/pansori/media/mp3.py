"""The frame before the music of an MP3 file that tells how long it is and what to cut at both ends.

It is an MPEG frame with no sound in it that holds Xing's tag (`Info`, as for a constant bitrate) and LAME's extension,
as described by G. Bouvigne, "MP3 Info Tag revision 1".
"""

from __future__ import annotations

import math
import struct

from pansori.domain.units import SampleRateHz

FRAME = 1152  #: samples in a frame of MPEG-1 layer III; half as many in one of MPEG-2
DELAY = 576  #: samples that LAME puts before the music; the decoder adds its own 529
BITRATES = (32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
LOW_BITRATES = (8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)  #: of MPEG-2
RATES = {44_100: 0, 48_000: 1, 32_000: 2}
LOW_RATES = {22_050: 0, 24_000: 1, 16_000: 2}  #: of MPEG-2
HOLDER = 128_000  #: bits a second of the frame, whose 384 bytes or more hold the tag
ENCODER = b"LAME3.100"


def info_frame(rate: SampleRateHz, channels: int, bitrate: int, *, frames: int, size: int) -> bytes:
    """`frames`: samples of music in each channel. `size`: bytes of the file, with this frame and without tags before
    and behind. Its length does not depend on these two."""
    low = rate in LOW_RATES
    header = _header(rate, channels)
    frame = FRAME // 2 if low else FRAME
    length = frame * HOLDER // 8 // rate
    silence = (17 if low else 32) if channels == 2 else (9 if low else 17)  # side information of a frame without sound
    blocks = math.ceil((frames + DELAY + 529) / frame) if frames else 0
    padding = max(0, blocks * frame - frames - DELAY)
    contents = bytes(min(255, percent * 256 // 100) for percent in range(100))  # as far in bytes as in time
    xing = struct.pack(">4sIII100sI", b"Info", 0b1111, blocks, size, contents, 0)
    lame = struct.pack(
        ">9sBB8sBB3sBBHI",
        ENCODER,
        1,  # revision 0, constant bitrate
        0,  # low pass: not told
        bytes(8),  # peak and gain: not told
        0,
        min(255, bitrate // 1000),
        (DELAY << 12 | padding).to_bytes(3, "big"),
        0,
        0,
        0,
        size,
    )
    body = header + bytes(silence) + xing + lame + bytes(2)  # checksum of the music: not told
    return (body + struct.pack(">H", _crc16(body[:190]))).ljust(length, b"\0")


def _header(rate: SampleRateHz, channels: int) -> bytes:
    """MPEG-1 (ISO/IEC 11172-3, 2.4.1.3) or MPEG-2 (13818-3, 2.4.2.3), layer III, without checksum."""
    low = rate in LOW_RATES
    index = (LOW_BITRATES if low else BITRATES).index(HOLDER // 1000) + 1
    mode = 0b01 if channels == 2 else 0b11  # joint stereo or mono
    return bytes((0xFF, 0xF3 if low else 0xFB, index << 4 | (LOW_RATES if low else RATES)[rate] << 2, mode << 6))


def _crc16(data: bytes) -> int:
    """CRC-16 with the polynomial x^16 + x^15 + x^2 + 1, bits reflected."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc
