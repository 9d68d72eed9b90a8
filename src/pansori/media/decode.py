"""Looks into sound files and decodes them.

Files come from anywhere, so they are opened by `_decoder` in a child process with limits on memory and time; what
crashes or hangs is that child. Files that we made ourselves may be read here, by `read_flac`.
"""

from __future__ import annotations

import json
import resource
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import BaseModel, ConfigDict

from pansori.domain.errors import MediaTooLarge, Text, UnreadableMedia
from pansori.domain.units import Bytes, SampleRateHz, Seconds
from pansori.media._nursery import ask
from pansori.media.content import media_type
from pansori.media.stores.base import storage_full
from pansori.settings import Settings

if TYPE_CHECKING:  # servers do not calculate
    import numpy as np
    import numpy.typing as npt

Samples: TypeAlias = "npt.NDArray[np.float32]"  #: shape [channels, frames], full scale ±1.0

SLOWEST = 40.0  #: seconds of sound that are decoded in a second, at least
BOUNDS = {
    "memory": Text("{most} bytes of memory to decode", "해독에 필요한 메모리 {most}바이트"),
    "channels": Text("{most} channels", "{most}채널"),
    "rate": Text("{most} samples a second", "초당 {most}샘플"),
    "bytes": Text("{most} bytes", "{most}바이트"),
    "decoded": Text("{most} bytes of samples", "소리 샘플 {most}바이트"),
    "cpu": Text("{most:g} seconds of work to decode", "해독에 걸리는 시간 {most:g}초"),
}

CURE = Text("Send MP3, WAV, FLAC, Ogg, M4A or a film with sound.", "MP3, WAV, FLAC, Ogg, M4A, 영상 파일을 보내 주세요.")
PROTECTED = Text("The sound is encrypted by copy protection (DRM).", "복제 방지(DRM)로 암호화된 소리예요.")
UNPROTECT = Text("Send a copy without copy protection.", "복제 방지가 없는 파일을 보내 주세요.")
OTHERS = {
    "text/": Text("text", "텍스트 파일"),
    "application/json": Text("JSON", "JSON 파일"),
    "application/pdf": Text("a PDF", "PDF 파일"),
    "application/zip": Text("a ZIP archive", "ZIP 압축 파일"),
    "audio/midi": Text("MIDI, which holds notes", "음표만 든 MIDI 파일"),
    "image/": Text("a picture", "그림 파일"),
}
"""What files are by their first bytes, by the beginning of their media type."""


class Limits(BaseModel):
    """What is still opened."""

    model_config = ConfigDict(frozen=True)

    size: Bytes = Bytes(512 * 1024 * 1024)
    duration: Seconds = Seconds(7200.0)
    channels: int = 8
    rate: SampleRateHz = SampleRateHz(192_000)
    decoded: Bytes = Bytes(4 * 1024 * 1024 * 1024)  #: of samples; two hours of stereo at 48 kHz have 2.8 GB
    memory: Bytes = Bytes(1024 * 1024 * 1024)  #: that the decoder may take beside the samples; on Linux
    time: Seconds = Seconds(120.0)  #: on the clock, and of one core

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of an installation. Longer recordings may take more room and time: stereo at 48 kHz fits."""
        longest, usual = settings.max_recording, cls()
        return cls(
            size=settings.max_upload,
            duration=longest,
            decoded=Bytes(max(usual.decoded, round(longest * 48_000 * 2 * 4))),
            time=Seconds(max(usual.time, longest / SLOWEST)),
        )


@dataclass(frozen=True)
class Probe:
    """What a file with sound is. `duration` is that of the packets in it, whatever its header says."""

    container: str
    codec: str
    duration: Seconds
    rate: SampleRateHz
    channels: int
    size: Bytes
    video: bool  #: it has moving pictures too; a cover does not count
    damaged: bool  #: parts of it cannot be decoded; only `decode` looks at all of it
    declared: Seconds | None = None  #: the duration that its header tells; None: none, or nobody has looked


@dataclass(frozen=True)
class Decoded:
    """`samples` are a view into a file that is gone when the last view is, so an hour of sound needs no memory. They
    are finite and within ±16."""

    samples: Samples
    rate: SampleRateHz
    damaged: bool
    probe: Probe  #: as `probe` tells it, of what was decoded


DEFAULT_LIMITS = Limits()


def probe(path: Path, limits: Limits = DEFAULT_LIMITS) -> Probe:
    """Raises `UnreadableMedia` where there is no sound that can be decoded, `MediaTooLarge` naming the bound."""
    answer = _ask(path, limits, raw=None)
    return _probe(answer, answer["seconds"], path)


def decode(path: Path, limits: Limits = DEFAULT_LIMITS, *, folder: Path | None = None) -> Decoded:
    """All of the first sound track, at its own rate and channels. Damaged parts are left out.

    `folder` has room for the samples, four bytes each; None: the system's own. Raises as `probe` does, and
    `StorageFull` where that room is not there.
    """
    import numpy as np

    with tempfile.TemporaryFile(dir=folder) as raw:
        answer = _ask(path, limits, raw=raw.fileno())
        shape = answer["frames"], answer["channels"]
        samples: Samples = np.memmap(raw, dtype=np.float32, mode="c", shape=shape).T  # keeps the file by itself
    found = _probe(answer, answer["frames"] / answer["rate"], path)
    return Decoded(samples, found.rate, found.damaged, found)


def read_flac(path: Path) -> tuple[Samples, SampleRateHz]:
    """A FLAC file of our own, read in this process."""
    import numpy as np
    import soundfile

    samples, rate = soundfile.read(path, dtype="float32", always_2d=True)
    return np.ascontiguousarray(samples.T), SampleRateHz(rate)


def _probe(answer: dict[str, Any], seconds: float, path: Path) -> Probe:
    return Probe(
        container=answer["container"],
        codec=answer["codec"],
        duration=Seconds(seconds),
        rate=SampleRateHz(answer["rate"]),
        channels=answer["channels"],
        size=Bytes(path.stat().st_size),
        video=answer["video"],
        damaged=answer["damaged"],
        declared=None if answer["declared"] is None else Seconds(answer["declared"]),
    )


def _ask(path: Path, limits: Limits, *, raw: int | None) -> dict[str, Any]:
    if path.stat().st_size > limits.size:
        raise _too_large("bytes", limits.size)
    if path.is_file() and not path.stat().st_size:
        raise UnreadableMedia(Text("The file is empty.", "빈 파일이에요."), cure=CURE)
    request = {
        "path": str(path.absolute()),
        "raw": raw,
        "room": resource.getrlimit(resource.RLIMIT_FSIZE),
        "limits": {
            "seconds": limits.duration,
            "channels": limits.channels,
            "rate": limits.rate,
            "decoded": limits.decoded,
            "memory": limits.memory,
            "cpu": limits.time,
        },
    }
    answer = _run(json.dumps(request), limits, () if raw is None else (raw,))
    if "error" in answer:
        raise _refused(answer, path)
    return answer


def _refused(answer: dict[str, Any], path: Path) -> Exception:
    """What the decoder's answer means."""
    match answer["error"]:
        case "too_large":
            return _too_large(answer["bound"], answer["most"])
        case "full":
            return storage_full()
        case "silent":
            return UnreadableMedia(Text("The file has no sound in it.", "파일에 소리가 들어 있지 않아요."), cure=CURE)
        case "protected":
            return UnreadableMedia(PROTECTED, cure=UNPROTECT)
        case _:
            return _unreadable(answer["reason"], path)


def _run(request: str, limits: Limits, files: Sequence[int]) -> dict[str, Any]:
    try:
        ended = ask(request, files, limits.time)
    except TimeoutError as error:
        raise _too_large("cpu", limits.time) from error
    if ended.status == -signal.SIGXCPU:
        raise _too_large("cpu", limits.time)
    if ended.status or not ended.said:
        return {"error": "unreadable", "reason": f"the decoder ended with {ended.status}"}
    answer: dict[str, Any] = json.loads(ended.said)
    return answer


def _too_large(bound: str, most: float) -> MediaTooLarge:
    if bound == "seconds":
        return MediaTooLarge(
            Text(
                f"The recording is too long: more than {most:g} seconds, which is what is allowed.",
                f"녹음이 너무 길어요. {most:g}초까지만 다룰 수 있어요.",
            ),
            field=bound,
            cure=Text("Cut it into shorter parts.", "더 짧게 나눠 주세요."),
        )
    what = BOUNDS[bound]
    return MediaTooLarge(
        Text(
            f"The file has more than is allowed: {what.en.format(most=most)}.",
            f"파일이 허용된 크기를 넘어요: {what.ko.format(most=most)}.",
        ),
        field=bound,
    )


def _unreadable(reason: str, path: Path) -> UnreadableMedia:
    """Named for what the file is, where its first bytes tell; else for what the decoder said."""
    kind = media_type(path)
    for begin, what in OTHERS.items():
        if kind.startswith(begin):
            return UnreadableMedia(
                Text(f"The file is {what.en}, not sound.", f"소리가 아니라 {what.ko}이에요."), cure=CURE
            )
    return UnreadableMedia(
        Text(f"The file cannot be decoded: {reason}.", f"파일을 해독할 수 없어요: {reason}."), cure=CURE
    )
