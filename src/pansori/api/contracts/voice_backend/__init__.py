"""The voice backend: speech is heard, answered and spoken by three servers, each of which this program can be too."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final
from uuid import UUID

from pansori.api.contracts.voice_backend._atot import LARGE_BODIES
from pansori.api.contracts.voice_backend._atot import router as atot
from pansori.api.contracts.voice_backend._backend import router as backend
from pansori.api.contracts.voice_backend._ttot import router as ttot
from pansori.api.contracts.voice_backend._tts import router as tts
from pansori.api.contracts.voice_backend._uploads import router as uploads
from pansori.domain.jobs import JsonDict
from pansori.workflows import Services, voice

MESSAGE: Final = "This is the Backend Server"
ATOT_MESSAGE: Final = "This is the ATOT Server"
TTOT_MESSAGE: Final = "This is the TTOT Server"
TTS_MESSAGE: Final = "This is the TTS Server"
ORIGINS: Final = ("http://localhost:8000", "http://localhost:5000", "http://localhost:8002")
"""Origins whose pages the document lets call the backend."""


def introduce(services: Services, owner: UUID, number: int | None) -> JsonDict:
    """A user of the account, who is made where there is none. None: its own."""
    return asdict(voice.greet(services, owner, number))


__all__ = [
    "ATOT_MESSAGE",
    "LARGE_BODIES",
    "MESSAGE",
    "ORIGINS",
    "TTOT_MESSAGE",
    "TTS_MESSAGE",
    "atot",
    "backend",
    "introduce",
    "ttot",
    "tts",
    "uploads",
]
