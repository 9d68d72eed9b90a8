"""Encodes speech while it is spoken: what has been encoded so far can be sent before the rest is known."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast

from pansori.domain.units import SampleRateHz
from pansori.media.encode import MP3_QUALITY, OPUS_RATE, mp3_rate

if TYPE_CHECKING:  # servers do not calculate
    import numpy as np
    import numpy.typing as npt

Mono: TypeAlias = "npt.NDArray[np.float32]"  #: shape [n], full scale ±1.0


class StreamFormat(StrEnum):
    """What is sent while it comes. Nothing in such a file tells how long it is."""

    MP3 = "mp3"
    OPUS = "opus"  #: in Ogg
    AAC = "aac"  #: in ADTS
    FLAC = "flac"
    WAV = "wav"  #: of 16-bit samples
    PCM = "pcm"  #: samples without a header: 16 bits, little-endian, 24 kHz

    @property
    def media_type(self) -> str:
        return MEDIA_TYPES[self]


MEDIA_TYPES: Final = {
    StreamFormat.MP3: "audio/mpeg",
    StreamFormat.OPUS: "audio/ogg",
    StreamFormat.AAC: "audio/aac",
    StreamFormat.FLAC: "audio/flac",
    StreamFormat.WAV: "audio/wav",
    StreamFormat.PCM: "audio/pcm",
}
PCM_RATE: Final = SampleRateHz(24_000)
KILOBITS: Final = {StreamFormat.MP3: 96, StreamFormat.OPUS: 48, StreamFormat.AAC: 96}  #: a second, of one channel
AAC_RATES: Final = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  #: others are resampled to the last
OPEN_ENDED: Final = 0xFFFFFFFF  #: length of what is not finished, as in WAV files that others stream


class StreamEncoder(ABC):
    """One channel. `finish` after the last samples; `close` in any case, more than once at will."""

    @abstractmethod
    def write(self, samples: Mono) -> bytes:
        """What can be sent now, which may be nothing yet. What exceeds full scale is clipped."""

    @abstractmethod
    def finish(self) -> bytes:
        """What is left."""

    def close(self) -> None:
        """Give up what the encoder holds."""
        return


def stream_encoder(form: StreamFormat, rate: SampleRateHz) -> StreamEncoder:
    """For samples at `rate`."""
    match form:
        case StreamFormat.PCM:
            return _at(PCM_RATE, rate, _Pcm())
        case StreamFormat.WAV:
            return _Pcm(_wav_header(rate))
        case StreamFormat.MP3:
            wanted = mp3_rate(rate)
            return _at(wanted, rate, _Mp3(wanted))
        case StreamFormat.OPUS:
            return _at(OPUS_RATE, rate, _Av("ogg", "libopus", OPUS_RATE, KILOBITS[form]))
        case StreamFormat.AAC:
            wanted = SampleRateHz(rate if rate in AAC_RATES else AAC_RATES[-1])
            return _at(wanted, rate, _Av("adts", "aac", wanted, KILOBITS[form]))
        case StreamFormat.FLAC:
            return _Av("flac", "flac", rate)


def _at(wanted: SampleRateHz, rate: SampleRateHz, encoder: StreamEncoder) -> StreamEncoder:
    return encoder if rate == wanted else _Resampled(encoder, rate, wanted)


def _whole(samples: Mono) -> npt.NDArray[np.int16]:
    import numpy as np

    return np.rint(np.clip(samples, -1.0, 1.0) * 32767).astype("<i2")


def _wav_header(rate: SampleRateHz) -> bytes:
    """Microsoft RIFF: one channel of 16-bit samples, nobody knows how many."""
    numbers = (16, 4), (1, 2), (1, 2), (rate, 4), (2 * rate, 4), (2, 2), (16, 2)
    form = b"".join(value.to_bytes(size, "little") for value, size in numbers)
    length = OPEN_ENDED.to_bytes(4, "little")
    return b"RIFF" + length + b"WAVEfmt " + form + b"data" + length


class _Pcm(StreamEncoder):
    def __init__(self, header: bytes = b"") -> None:
        self._header = header

    def write(self, samples: Mono) -> bytes:
        header, self._header = self._header, b""
        return header + _whole(samples).tobytes()

    def finish(self) -> bytes:
        return self._header


class _Mp3(StreamEncoder):
    """LAME, at a constant bitrate."""

    def __init__(self, rate: SampleRateHz) -> None:
        import lameenc

        self._lame: Any = lameenc.Encoder()
        self._lame.silence()
        self._lame.set_bit_rate(KILOBITS[StreamFormat.MP3])
        self._lame.set_in_sample_rate(rate)
        self._lame.set_out_sample_rate(rate)
        self._lame.set_channels(1)
        self._lame.set_quality(MP3_QUALITY)
        self._begun = False

    def write(self, samples: Mono) -> bytes:
        if not len(samples):
            return b""
        self._begun = True
        return bytes(self._lame.encode(_whole(samples).tobytes()))

    def finish(self) -> bytes:
        return bytes(self._lame.flush()) if self._begun else b""


class _Sink:
    """A file that is written to and cannot be wound back."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


class _Av(StreamEncoder):
    """One audio stream, by PyAV."""

    def __init__(self, container: str, codec: str, rate: SampleRateHz, kilobits: int | None = None) -> None:
        import av

        self._av: Any = av
        self._rate, self._at, self._ended = rate, 0, False
        self._sink = _Sink()
        # what is encoded is handed on at once; in Ogg after a tenth of a second, and not a whole one
        options = {"fflags": "bitexact", "flush_packets": "1"} | (
            {"page_duration": "100000"} if container == "ogg" else {}
        )
        self._container = av.open(self._sink, "w", format=container, options=options)
        stream = self._container.add_stream(codec, rate=rate, layout="mono")
        self._stream = cast("Any", stream)
        if kilobits:
            self._stream.bit_rate = kilobits * 1000
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact.value
        self._container.start_encoding()
        self._size: int = self._stream.codec_context.frame_size
        self._form: str = self._stream.codec_context.format.name
        self._fifo = av.AudioFifo()

    def write(self, samples: Mono) -> bytes:
        if len(samples):
            self._fifo.write(self._frame(samples))
            self._encode(partial=False)
        return self._sink.take()

    def finish(self) -> bytes:
        self._encode(partial=True)
        self._container.mux(self._stream.encode(None))
        self.close()
        return self._sink.take()

    def close(self) -> None:
        if not self._ended:
            self._ended = True
            self._container.close()

    def _frame(self, samples: Mono) -> Any:
        import numpy as np

        values = _whole(samples) if self._form.startswith("s16") else np.clip(samples, -1.0, 1.0).astype(np.float32)
        frame = self._av.AudioFrame.from_ndarray(np.ascontiguousarray(values[None]), format=self._form, layout="mono")
        frame.sample_rate, frame.time_base, frame.pts = self._rate, Fraction(1, self._rate), self._at
        self._at += len(samples)
        return frame

    def _encode(self, *, partial: bool) -> None:
        while frame := self._fifo.read(self._size, partial and self._fifo.samples < self._size):
            self._container.mux(self._stream.encode(frame))


class _Resampled(StreamEncoder):
    """Brings the samples to the rate that is encoded."""

    def __init__(self, encoder: StreamEncoder, rate: SampleRateHz, wanted: SampleRateHz) -> None:
        import soxr

        self._encoder = encoder
        self._stream = soxr.ResampleStream(rate, wanted, 1, dtype="float32")

    def write(self, samples: Mono) -> bytes:
        return self._encoder.write(self._stream.resample_chunk(samples))

    def finish(self) -> bytes:
        import numpy as np

        rest = self._encoder.write(self._stream.resample_chunk(np.zeros(0, np.float32), last=True))
        return rest + self._encoder.finish()

    def close(self) -> None:
        self._encoder.close()
