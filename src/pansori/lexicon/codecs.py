"""Codecs, as people call what FFmpeg has its own names for."""

from __future__ import annotations

from typing import Final

NAMES: Final = {
    "mp3float": "MP3",
    "mp3": "MP3",
    "flac": "FLAC",
    "vorbis": "Vorbis",
    "opus": "Opus",
    "libopus": "Opus",
    "aac": "AAC",
    "alac": "ALAC",
    "pcm_u8": "PCM, 8 bit",
    "pcm_s16le": "PCM, 16 bit",
    "pcm_s16be": "PCM, 16 bit",
    "pcm_s24le": "PCM, 24 bit",
    "pcm_s24be": "PCM, 24 bit",
    "pcm_s32le": "PCM, 32 bit",
    "pcm_f32le": "PCM, 32 bit float",
    "pcm_f64le": "PCM, 64 bit float",
    "pcm_mulaw": "µ-law",
    "pcm_alaw": "A-law",
}


def codec_name(codec: str) -> str:
    """`codec`: as a decoder of FFmpeg is called. One that has no other name keeps it."""
    return NAMES.get(codec, codec)
