"""Microphone and loudspeaker of this machine, through PortAudio."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
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
                "Install it (Debian: apt-get install libportaudio2), or use files in place of devices.",
                "설치하거나(데비안: apt-get install libportaudio2) 장치 대신 파일을 쓰세요.",
            ),
        ) from error
    return sounddevice


def _no_device(error: Exception | str) -> EngineUnavailable:
    reason = str(error).rstrip(".")
    return EngineUnavailable(
        Text(f"No sound device can be used: {reason}.", f"소리 장치를 쓸 수 없어요: {reason}."),
        cure=Text("Connect one, or use files in place of devices.", "장치를 연결하거나 장치 대신 파일을 쓰세요."),
    )


class Microphone:
    """What is heard now."""

    def __init__(self) -> None:
        self._heard = queue.Queue[bytes | None]()

    def next(self, timeout: Seconds) -> bytes | None:
        """A piece of it: 16-bit little-endian samples at `RATE`. None: nothing has come for so long. Raises
        `EngineUnavailable` where it was unplugged."""
        with suppress(queue.Empty):
            piece = self._heard.get(timeout=timeout)
            if piece is None:
                raise _no_device("the microphone is gone")
            return piece
        return None

    def hear(self, data: Any, *_: object) -> None:
        """PortAudio calls this, in a thread of its own."""
        self._heard.put(bytes(data))

    def end(self) -> None:
        self._heard.put(None)


@contextmanager
def microphone() -> Iterator[Microphone]:
    """It hears as long as the block runs. Raises `EngineUnavailable`."""
    devices, heard = _portaudio(), Microphone()
    try:
        stream = devices.RawInputStream(
            samplerate=RATE,
            blocksize=PIECE,
            channels=1,
            dtype="int16",
            callback=heard.hear,
            finished_callback=heard.end,
        )
        stream.start()
    except (devices.PortAudioError, ValueError) as error:
        raise _no_device(error) from error
    try:
        yield heard
    finally:
        stream.close()


class Loudspeaker:
    """Plays one piece after the other, in a thread of its own."""

    def __init__(self) -> None:
        """Raises `EngineUnavailable`."""
        self._devices = _portaudio()
        self._waiting: queue.Queue[tuple[int, int, bytes, SampleRateHz] | None] = queue.Queue()
        self._silences = 0  #: so far; what was to be played before the last of them is not played
        self._fault: EngineUnavailable | None = None
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
        self._waiting.put((self._silences, turn, pcm, rate))

    def silence(self) -> None:
        self._silences += 1

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
        """Raises `EngineUnavailable` where it was unplugged."""
        if self._fault is not None:
            raise self._fault
        return self._waiting.unfinished_tasks > 0

    def _run(self) -> None:
        while (item := self._waiting.get()) is not None:
            try:
                if self._fault is None:
                    self._play(*item)
            except self._devices.PortAudioError as error:
                self._fault = _no_device(error)
            self._waiting.task_done()

    def _play(self, silences: int, turn: int, pcm: bytes, rate: SampleRateHz) -> None:
        size = 2 * round(BLOCK * rate)
        for at in range(0, len(pcm), size):
            if silences != self._silences:
                return
            piece = pcm[at : at + size]
            self._at(rate).write(piece)
            self._played[turn] = self._played.get(turn, 0.0) + len(piece) / 2 / rate

    def _at(self, rate: SampleRateHz) -> Any:
        if self._rate != rate:
            if self._stream is not None:
                self._stream.close()
            self._stream = self._devices.RawOutputStream(samplerate=rate, channels=1, dtype="int16")
            self._stream.start()
            self._rate = rate
        return self._stream
