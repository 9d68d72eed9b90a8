"""A client of `/v1/voice`, and sound for it."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import numpy as np
import soxr
from websockets.sync.client import ClientConnection, connect

from pansori.espeak import SOURCE_RATE, speak
from support.waiting import PATIENCE

RATE: Final = 16_000
PIECE: Final = RATE // 20  #: samples of a frame

Message = dict[str, Any]


class Talker:
    """One connection. `messages`: all that have come so far, the sound of each under `sound`."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection
        self.messages: list[Message] = []

    def tell(self, kind: str, **fields: Any) -> None:
        self.connection.send(json.dumps({"type": kind, **fields}))

    def start(self, **fields: Any) -> Message:
        self.tell("start", **fields)
        return self.until("ready")

    def hear(self) -> Message:
        """The next message."""
        message: Message = json.loads(self.connection.recv(PATIENCE))
        if message["type"] == "audio":
            message["sound"] = self.connection.recv(PATIENCE)
        self.messages.append(message)
        return message

    def until(self, kind: str, *, such: Callable[[Message], bool] = lambda message: True) -> Message:
        """The first message of that kind that comes from now on."""
        while True:
            message = self.hear()
            if message["type"] == kind and such(message):
                return message

    def of(self, kind: str, turn: int | None = None) -> list[Message]:
        return [one for one in self.messages if one["type"] == kind and turn in (None, one.get("turn"))]

    def say(self, sound: np.ndarray) -> None:
        """Send samples, shape [n] at `RATE`, in frames as a microphone would."""
        pcm = (np.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()
        for at in range(0, len(pcm), 2 * PIECE):
            self.connection.send(pcm[at : at + 2 * PIECE])


@contextmanager
def talking(url: str, **options: Any) -> Iterator[Talker]:
    """It takes all that comes, though the test looks at it late, and never thinks the server dead."""
    address = url.replace("http", "ws", 1) + "/v1/voice"
    usual: dict[str, Any] = {"compression": None, "max_size": None, "max_queue": None, "ping_interval": None}
    with connect(address, **usual, open_timeout=PATIENCE, close_timeout=PATIENCE, **options) as connection:
        yield Talker(connection)


@functools.cache
def spoken(text: str, language: str = "en-us", voice: str = "f2") -> np.ndarray:
    """Speech at `RATE`, shape [n], between pauses."""
    said = speak(text, language=language, variant=voice).samples
    sound = soxr.resample(said, SOURCE_RATE, RATE)
    return np.concatenate((np.zeros(RATE // 2), 0.3 * sound / np.abs(sound).max(), np.zeros(RATE)))


def tones(letters: int, *, pause: float = 1.0) -> np.ndarray:
    """A word of so many letters, as the transcriber of the tests hears it, and silence after it."""
    time = np.arange(round(0.05 * letters * RATE)) / RATE
    return np.concatenate((np.zeros(RATE // 4), 0.25 * np.sin(2 * np.pi * 220 * time), np.zeros(round(pause * RATE))))
