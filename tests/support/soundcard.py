"""A sound card that keeps what it plays and hears what it is given, in the place of the module `sounddevice`: machines
for tests have none."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import numpy as np


class SoundCard:
    """`played`: by sample rate, full scale ±1.0. `said`: what the microphone hears, at its rate, and nothing after it;
    `afterwards` is called then, in a thread of the card's own."""

    class PortAudioError(Exception):
        """As the module has it."""

    def __init__(self) -> None:
        self.played: dict[int, np.ndarray] = {}
        self.said = np.zeros(0)
        self.afterwards: Callable[[], object] = bool

    def check_output_settings(self, **settings: Any) -> None:
        assert settings == {"channels": 1, "dtype": "int16"}

    def RawOutputStream(self, *, samplerate: int, channels: int, dtype: str) -> _Output:  # noqa: N802 - its name there
        assert (channels, dtype) == (1, "int16")
        return _Output(self, samplerate)

    def RawInputStream(self, **settings: Any) -> _Input:  # noqa: N802 - its name there
        assert (settings["channels"], settings["dtype"]) == (1, "int16")
        return _Input(self, settings["blocksize"], settings["callback"])


class _Input:
    def __init__(self, card: SoundCard, size: int, callback: Callable[[bytes], None]) -> None:
        self._card, self._size, self._callback = card, size, callback
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def _run(self) -> None:
        pcm = (self._card.said * 32_767).astype("<i2")
        for at in range(0, len(pcm), self._size):
            self._callback(pcm[at : at + self._size].tobytes())
        self._card.afterwards()

    def close(self) -> None:
        self._thread.join()


class _Output:
    def __init__(self, card: SoundCard, rate: int) -> None:
        self._card, self._rate = card, rate

    def start(self) -> None:
        self._card.played.setdefault(self._rate, np.zeros(0))

    def write(self, pcm: bytes) -> None:
        samples = np.frombuffer(pcm, "<i2") / 32768
        self._card.played[self._rate] = np.concatenate((self._card.played[self._rate], samples))

    def close(self) -> None:
        """Nothing is left to do."""
