"""Microphone and loudspeaker of this machine, through PortAudio."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pansori.domain.errors import EngineUnavailable, Text
from pansori.domain.units import SampleRateHz, Seconds

RATE: Final = SampleRateHz(16_000)  #: of the microphone
PIECE: Final = 1_600  #: samples that it gives at once
BLOCK: Final = Seconds(0.04)  #: of sound that is handed to the loudspeaker at once, which is how soon it falls silent


def _portaudio() -> Any:
    try:
        import sounddevice
    except (ImportError, OSError) as error:
        raise EngineUnavailable(
            Text("There is no PortAudio, by which sound devices are used.", "소리 장치를 쓰는 PortAudio가 없어요."),
            cure=Text(
                "Install it (Debian: apt-get install libportaudio2), or use --file and --output.",
                "설치하거나(데비안: apt-get install libportaudio2) --file과 --output을 쓰세요.",
            ),
        ) from error
    return sounddevice


def _no_device(error: Exception) -> EngineUnavailable:
    reason = str(error).rstrip(".")
    return EngineUnavailable(
        Text(f"No sound device can be used: {reason}.", f"소리 장치를 쓸 수 없어요: {reason}."),
        cure=Text("Connect one, or use --file and --output.", "장치를 연결하거나 --file과 --output을 쓰세요."),
    )


@contextmanager
def microphone() -> Iterator[queue.Queue[bytes]]:
    """Pieces of what is heard now: 16-bit little-endian samples at `RATE`. Raises `EngineUnavailable`."""
    devices, heard = _portaudio(), queue.Queue[bytes]()
    try:
        stream = devices.RawInputStream(
            samplerate=RATE,
            blocksize=PIECE,
            channels=1,
            dtype="int16",
            callback=lambda data, *_: heard.put(bytes(data)),
        )
    except devices.PortAudioError as error:
        raise _no_device(error) from error
    with stream:
        yield heard


class Loudspeaker:
    """Plays one piece after the other, in a thread of its own."""

    def __init__(self) -> None:
        """Raises `EngineUnavailable`."""
        self._devices = _portaudio()
        self._waiting: queue.Queue[tuple[int, bytes, SampleRateHz] | None] = queue.Queue()
        self._silenced = threading.Event()
        self._played: dict[int, float] = {}
        self._thread = threading.Thread(target=self._run, name="loudspeaker", daemon=True)
        self._stream: Any = None
        self._rate: SampleRateHz | None = None
        try:
            self._devices.check_output_settings(channels=1, dtype="int16")
        except (self._devices.PortAudioError, ValueError) as error:
            raise _no_device(error) from error
        self._thread.start()

    def play(self, turn: int, pcm: bytes, rate: SampleRateHz) -> None:
        self._silenced.clear()
        self._waiting.put((turn, pcm, rate))

    def silence(self) -> None:
        self._silenced.set()

    def played(self, turn: int) -> Seconds:
        return Seconds(self._played.get(turn, 0.0))

    def finish(self) -> None:
        """Until all was played."""
        self._waiting.put(None)
        self._thread.join()
        if self._stream is not None:
            self._stream.close()

    @property
    def speaks(self) -> bool:
        return self._waiting.unfinished_tasks > 0

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            turn, pcm, rate = item
            size = 2 * round(BLOCK * rate)
            for at in range(0, len(pcm), size):
                if self._silenced.is_set():
                    break
                self._at(rate).write(pcm[at : at + size])
                self._played[turn] = self._played.get(turn, 0.0) + len(pcm[at : at + size]) / 2 / rate
            self._waiting.task_done()

    def _at(self, rate: SampleRateHz) -> Any:
        if self._rate != rate:
            if self._stream is not None:
                self._stream.close()
            self._stream = self._devices.RawOutputStream(samplerate=rate, channels=1, dtype="int16")
            self._stream.start()
            self._rate = rate
        return self._stream
