"""Writes samples into files: block by block, and the same bytes for the same samples, with no dates in them."""

from __future__ import annotations

import wave
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from pansori.domain.media import AudioFormat
from pansori.domain.units import SampleRateHz
from pansori.media.mp3 import info_frame
from pansori.media.stores.base import FULL, storage_full

if TYPE_CHECKING:  # servers do not calculate
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"  #: shape [channels, frames], full scale ±1.0
Progress = Callable[[float], None]  #: told the part that is done, 0 to 1; may raise to stop

BLOCK = 1 << 16  #: frames
BITRATES = {AudioFormat.MP3: 256_000, AudioFormat.OPUS: 160_000, AudioFormat.M4A: 256_000}
"""Bits a second by default. Limited music at -11 LUFS came back with peaks higher by 1.1 dB from MP3 at 256 k, 1.4 at
192 k and 1.4 at 128 k; from Opus by 0.6 dB at 160 k, 2.1 at 128 k. What is not lifted need not be given up."""
MP3_QUALITY = 3  #: of LAME, 0 best and 9 fastest
MP3_RATES = (16_000, 22_050, 24_000, 32_000, 44_100, 48_000)  #: others are resampled to 44.1 or 48 kHz
MP3_HIGHEST_BITRATE, MP3_HIGHEST_LOW_BITRATE = 320_000, 160_000  #: of MPEG-1, and of MPEG-2 below 32 kHz
OPUS_RATE = SampleRateHz(48_000)
AAC_HIGHEST_RATE = 96_000
WAV_BITS, FULL_SCALE = 16, 32768.0
SF_ERR_SYSTEM = 2  #: of libsndfile


def encode(
    samples: Samples,
    rate: SampleRateHz,
    audio_format: AudioFormat,
    path: Path,
    *,
    bits: Literal[16, 24] = 24,
    bitrate: int | None = None,
    progress: Progress | None = None,
) -> None:
    """Write one or two channels of at least one frame to `path`. `bits` is for WAV and FLAC; `bitrate`, bits a second,
    for the others.

    What exceeds full scale is clipped. Nothing is left at `path` where it fails, or where `progress` raises. Raises
    `StorageFull`.
    """
    import numpy as np

    channels, frames = samples.shape
    if channels not in (1, 2):
        raise ValueError(f"one or two channels, not {channels}")
    if not frames:
        raise ValueError("no samples to write")
    with _removed_on_failure(path), closing(_encoder(audio_format, path, rate, channels, bits, bitrate)) as encoder:
        for start in range(0, frames, BLOCK):
            encoder.write(np.clip(samples[:, start : start + BLOCK], -1.0, 1.0))
            if progress:
                progress(min(1.0, (start + BLOCK) / frames))
        encoder.finish()


def delivered_rate(audio_format: AudioFormat, rate: SampleRateHz) -> SampleRateHz:
    """The rate that a file of this format has, which holds samples of `rate`."""
    if audio_format is AudioFormat.MP3:
        return mp3_rate(rate)
    if audio_format is AudioFormat.OPUS:
        return OPUS_RATE
    return SampleRateHz(min(rate, AAC_HIGHEST_RATE)) if audio_format is AudioFormat.M4A else rate


def resample(samples: Samples, rate: SampleRateHz, wanted: SampleRateHz, frames: int) -> Samples:
    """The same sound at `wanted` hertz, `frames` long: what a filter's rounding lacks or has too much of, at most a
    few samples, is silence at the end."""
    import numpy as np

    if rate != wanted:
        import soxr

        samples = np.ascontiguousarray(soxr.resample(samples.T, rate, wanted, quality="VHQ").T, dtype=np.float32)
    missing = frames - samples.shape[1]
    return np.pad(samples, ((0, 0), (0, missing))) if missing > 0 else samples[:, :frames]


def write_flac(path: Path, samples: Samples, rate: SampleRateHz, *, bits: Literal[16, 24] = 24) -> None:
    """The form in which masters and stems are kept."""
    encode(samples, rate, AudioFormat.FLAC, path, bits=bits)


class _Encoder(ABC):
    """`finish` after the last block; `close` in any case."""

    @abstractmethod
    def write(self, block: Samples) -> None: ...

    @abstractmethod
    def finish(self) -> None: ...

    @abstractmethod
    def close(self) -> None: ...


def _encoder(
    audio_format: AudioFormat, path: Path, rate: SampleRateHz, channels: int, bits: int, bitrate: int | None
) -> _Encoder:
    if audio_format is AudioFormat.WAV and bits == WAV_BITS:
        return _Wav(path, rate, channels)
    if audio_format in (AudioFormat.WAV, AudioFormat.FLAC):
        return _Pcm(audio_format, path, rate, channels, bits)
    bitrate = bitrate or BITRATES[audio_format]
    makers: dict[AudioFormat, type[_Mp3] | type[_Av]] = {
        AudioFormat.MP3: _Mp3,
        AudioFormat.OPUS: _Opus,
        AudioFormat.M4A: _Aac,
    }
    return _resampled(makers[audio_format], path, rate, delivered_rate(audio_format, rate), channels, bitrate)


def mp3_rate(rate: SampleRateHz) -> SampleRateHz:
    """The rate of an MP3 file that holds samples of `rate`."""
    return rate if rate in MP3_RATES else SampleRateHz(44_100 if rate % 11_025 == 0 else 48_000)


class _Wav(_Encoder):
    """WAV of 16 bits, as speech is kept: the same bytes as libsndfile's, in a tenth of the time."""

    def __init__(self, path: Path, rate: SampleRateHz, channels: int) -> None:
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 - see `close`
        self._file.setparams((channels, WAV_BITS // 8, rate, 0, "NONE", ""))

    def write(self, block: Samples) -> None:
        import numpy as np

        whole = np.floor(np.minimum(block.T * FULL_SCALE, FULL_SCALE - 1.0))  # as libsndfile does
        self._file.writeframes(whole.astype("<i2").tobytes())

    def finish(self) -> None:
        self._file.close()

    def close(self) -> None:
        self._file.close()


class _Pcm(_Encoder):
    """WAV and FLAC, by libsndfile."""

    def __init__(self, audio_format: AudioFormat, path: Path, rate: SampleRateHz, channels: int, bits: int) -> None:
        import soundfile

        self._file = soundfile.SoundFile(
            path, "w", rate, channels, subtype=f"PCM_{bits}", format=audio_format.value.upper()
        )

    def write(self, block: Samples) -> None:
        self._file.write(block.T)

    def finish(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


class _Mp3(_Encoder):
    """LAME, at a constant bitrate, with the frame in front that lets players cut what the encoder added."""

    def __init__(self, path: Path, rate: SampleRateHz, channels: int, bitrate: int) -> None:
        import lameenc

        bitrate = min(bitrate, MP3_HIGHEST_BITRATE if rate >= 32_000 else MP3_HIGHEST_LOW_BITRATE)
        self._rate, self._channels, self._bitrate = rate, channels, bitrate
        self._lame: Any = lameenc.Encoder()
        self._lame.silence()
        self._lame.set_bit_rate(bitrate // 1000)
        self._lame.set_in_sample_rate(rate)
        self._lame.set_out_sample_rate(rate)
        self._lame.set_channels(channels)
        self._lame.set_quality(MP3_QUALITY)
        self._frames = 0
        self._file = path.open("wb")
        self._file.write(info_frame(rate, channels, bitrate, frames=0, size=0))

    def write(self, block: Samples) -> None:
        import numpy as np

        self._frames += block.shape[1]
        pcm = np.rint(block.T * 32767).astype("<i2")
        self._file.write(self._lame.encode(pcm.tobytes()))

    def finish(self) -> None:
        self._file.write(self._lame.flush())
        size = self._file.tell()
        self._file.seek(0)
        self._file.write(info_frame(self._rate, self._channels, self._bitrate, frames=self._frames, size=size))

    def close(self) -> None:
        self._file.close()


class _Av(_Encoder):
    """One audio stream, by PyAV."""

    container: str
    codec: str
    muxing: dict[str, str]
    coding: dict[str, str]

    def __init__(self, path: Path, rate: SampleRateHz, channels: int, bitrate: int) -> None:
        import av

        self._av: Any = av
        self._layout = "mono" if channels == 1 else "stereo"
        self._rate, self._at = rate, 0
        exact = {"fflags": "bitexact"}  # no version, date or random number
        self._container = av.open(str(path), "w", format=self.container, options=self.muxing | exact)
        stream = self._container.add_stream(self.codec, rate=rate, options=self.coding, layout=self._layout)
        self._stream = cast("Any", stream)
        self._stream.bit_rate = bitrate
        self._stream.codec_context.flags |= av.codec.context.Flags.bitexact.value
        self._fifo = av.AudioFifo()

    def write(self, block: Samples) -> None:
        import numpy as np

        frame = self._av.AudioFrame.from_ndarray(
            np.ascontiguousarray(block, dtype=np.float32), format="fltp", layout=self._layout
        )
        frame.sample_rate, frame.time_base, frame.pts = self._rate, Fraction(1, self._rate), self._at
        self._at += block.shape[1]
        self._fifo.write(frame)
        self._drain(partial=False)

    def finish(self) -> None:
        self._drain(partial=True)
        self._container.mux(self._stream.encode(None))

    def close(self) -> None:
        self._container.close()

    def _drain(self, *, partial: bool) -> None:
        size = self._stream.codec_context.frame_size
        while frame := self._fifo.read(size, partial and self._fifo.samples < size):
            self._container.mux(self._stream.encode(frame))


class _Opus(_Av):
    container = "ogg"
    codec = "libopus"
    muxing: dict[str, str] = {}  # noqa: RUF012 - never changed
    coding = muxing


class _Aac(_Av):
    """FFmpeg's own encoder, without the tools that made peaks 3 to 4 dB higher than the master's; so it is 1 to 2."""

    container = "ipod"
    codec = "aac"
    muxing: dict[str, str] = {"movflags": "+faststart"}  # noqa: RUF012 - never changed
    coding: dict[str, str] = {"aac_coder": "fast", "aac_tns": "0", "aac_pns": "0", "aac_is": "0"}  # noqa: RUF012


class _Resampled(_Encoder):
    """Brings the samples to the rate that the encoder wants."""

    def __init__(self, encoder: _Encoder, rate: SampleRateHz, wanted: SampleRateHz, channels: int) -> None:
        import soxr

        self._encoder, self._channels = encoder, channels
        self._stream = soxr.ResampleStream(rate, wanted, channels, dtype="float32")

    def write(self, block: Samples) -> None:
        self._pass_on(block, last=False)

    def finish(self) -> None:
        import numpy as np

        self._pass_on(np.zeros((self._channels, 0), np.float32), last=True)
        self._encoder.finish()

    def close(self) -> None:
        self._encoder.close()

    def _pass_on(self, block: Samples, *, last: bool) -> None:
        import numpy as np

        resampled = self._stream.resample_chunk(np.ascontiguousarray(block.T, dtype=np.float32), last=last)
        if len(resampled):
            self._encoder.write(np.clip(resampled.T, -1.0, 1.0))


def _resampled(
    make: type[_Mp3] | type[_Av], path: Path, rate: SampleRateHz, wanted: SampleRateHz, channels: int, bitrate: int
) -> _Encoder:
    encoder = make(path, wanted, channels, bitrate)
    return encoder if rate == wanted else _Resampled(encoder, rate, wanted, channels)


@contextmanager
def _removed_on_failure(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        path.unlink(missing_ok=True)
        if _is_lack_of_space(error):
            raise storage_full() from error
        raise


def _is_lack_of_space(error: BaseException) -> bool:
    """libsndfile tells of the system's errors without saying which, and while it writes there is hardly another."""
    import soundfile

    if isinstance(error, soundfile.LibsndfileError):
        return bool(error.code == SF_ERR_SYSTEM)
    return isinstance(error, OSError) and error.errno in FULL
