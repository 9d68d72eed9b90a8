"""A sound card that keeps what it plays and hears what it is given, in the place of the module `sounddevice`: machines
for tests have none."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from support.waiting import PATIENCE, eventually

ALONE = 2  #: references to an object that nobody else has: of a variable, and of who counts


class SoundCard:
    """`played`: by sample rate, full scale ±1.0. `said`: what the microphone hears, at its rate, and nothing after it
    but `interjected`, as soon as the loudspeaker plays, which stands still until that was taken in; `afterwards` is
    called then, in a thread of the card's own."""

    class PortAudioError(Exception):
        """As the module has it."""

    def __init__(self) -> None:
        self.played: dict[int, np.ndarray] = {}
        self.said = np.zeros(0)
        self.interjected = np.zeros(0)
        self.plays, self.may_go_on = threading.Event(), threading.Event()
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
        self._give(self._card.said)
        if len(self._card.interjected):
            assert self._card.plays.wait(PATIENCE)
            last = self._give(self._card.interjected)
            eventually(lambda: sys.getrefcount(last) <= ALONE)  # or somebody else still has it
        self._card.may_go_on.set()
        self._card.afterwards()

    def _give(self, sound: np.ndarray) -> bytes:
        """The last piece of it."""
        pcm, piece = (sound * 32_767).astype("<i2"), b""
        for at in range(0, len(pcm), self._size):
            piece = pcm[at : at + self._size].tobytes()
            self._callback(piece)
        return piece

    def close(self) -> None:
        self._thread.join()


class _Output:
    def __init__(self, card: SoundCard, rate: int) -> None:
        self._card, self._rate = card, rate

    def start(self) -> None:
        self._card.played.setdefault(self._rate, np.zeros(0))

    def write(self, pcm: bytes) -> None:
        self._card.plays.set()
        if len(self._card.interjected):
            assert self._card.may_go_on.wait(PATIENCE)
        samples = np.frombuffer(pcm, "<i2") / 32768
        self._card.played[self._rate] = np.concatenate((self._card.played[self._rate], samples))

    def close(self) -> None:
        """Nothing is left to do."""
