"""The sound that comes in a live conversation, as transcribers hear it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, Final

from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.units import Bytes, SampleRateHz
from pansori.engines.transcribe.base import HEARD_RATE
from pansori.workflows.voice.live.vocabulary import Start

if TYPE_CHECKING:  # servers do not calculate before somebody speaks
    import numpy as np
    import numpy.typing as npt

LARGEST: Final = Bytes(256 * 1024)  #: of a frame: seconds of sound at any rate
OPUS_RATE: Final = SampleRateHz(48_000)


class Incoming(ABC):
    """One stream of frames. Used by one thread at a time."""

    @abstractmethod
    def decode(self, frame: bytes) -> npt.NDArray[np.float32]:
        """Mono at `HEARD_RATE`, shape [n], full scale ±1.0. Raises `InvalidRequest` for what is no such sound."""


def incoming(start: Start) -> Incoming:
    return OpusPackets() if start.format == "opus" else Samples16(SampleRateHz(start.rate))


class _Resampled:
    def __init__(self, rate: SampleRateHz) -> None:
        import soxr

        self._stream = None if rate == HEARD_RATE else soxr.ResampleStream(rate, HEARD_RATE, 1, dtype="float32")

    def __call__(self, samples: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        resampled: npt.NDArray[np.float32] = samples if self._stream is None else self._stream.resample_chunk(samples)
        return resampled


class Samples16(Incoming):
    def __init__(self, rate: SampleRateHz) -> None:
        self._resampled = _Resampled(rate)

    def decode(self, frame: bytes) -> npt.NDArray[np.float32]:
        import numpy as np

        if len(frame) % 2:
            raise InvalidRequest(
                Text(
                    f"A frame of 16-bit samples has an even number of bytes, and not {len(frame)}.",
                    f"16비트 소리는 바이트 수가 짝수여야 하는데 {len(frame)}바이트예요.",
                ),
                field="audio",
            )
        return self._resampled(np.frombuffer(frame, dtype="<i2").astype(np.float32) / 32768.0)


class OpusPackets(Incoming):
    def __init__(self) -> None:
        import av

        self._codec: Any = av.CodecContext.create("opus", "r")
        self._resampled = _Resampled(OPUS_RATE)

    def decode(self, frame: bytes) -> npt.NDArray[np.float32]:
        import av
        import numpy as np

        try:
            decoded = self._codec.decode(av.Packet(frame)) if frame else []
        except av.FFmpegError as error:
            raise InvalidRequest(
                Text("This frame is no packet of Opus.", "Opus 패킷이 아니에요."), field="audio"
            ) from error
        pieces = [one.to_ndarray().mean(axis=0, dtype=np.float32) for one in decoded]
        return self._resampled(np.concatenate([np.zeros(0, np.float32), *pieces]))
