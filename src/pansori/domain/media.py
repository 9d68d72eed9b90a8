"""What songs and recordings are delivered as: formats and qualities."""

from __future__ import annotations

from enum import StrEnum


class AudioFormat(StrEnum):
    MP3 = "mp3"
    WAV = "wav"
    FLAC = "flac"
    OPUS = "opus"
    M4A = "m4a"

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self]


MEDIA_TYPES: dict[AudioFormat, str] = {
    AudioFormat.MP3: "audio/mpeg",
    AudioFormat.WAV: "audio/wav",
    AudioFormat.FLAC: "audio/flac",
    AudioFormat.OPUS: "audio/ogg",
    AudioFormat.M4A: "audio/mp4",
}


class Quality(StrEnum):
    """How much work goes into a song."""

    DRAFT = "draft"  #: soon there: half the bandwidth, one singer, small files
    STANDARD = "standard"
    HIGH = "high"  #: at 48 kHz, every singer at full bandwidth, the largest files
