"""The program that opens files from outside, in a process of its own that may crash, hang or grow without harm.

Started by `pansori.media.decode` by its path, so that nothing of the package is loaded. The request is its argument, in
JSON; the answer is one JSON line on standard output. Samples go to the file descriptor that the request names, as
interleaved float32. When standard input closes, the parent is gone, and so goes this.
"""

from __future__ import annotations

import importlib
import json
import math
import os
import resource
import sys
import threading
from pathlib import Path
from typing import IO, Any

FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,flac,flv,gsm,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,tta,voc,w64,wav,webm,wv"
)
"""Containers that hold their own sound. Playlists and the like, which make a reader open other files, are left out."""
PADDING = 0.2  #: seconds that an encoder may add at the ends, which only the header tells
LOUDEST = 16.0  #: 24 dB over full scale; float files may hold any number, infinite ones too


class Refused(Exception):
    """The answer is an error: `error` is its kind, `facts` what is said with it."""

    def __init__(self, error: str, **facts: object) -> None:
        super().__init__(error)
        self.answer = {"error": error, **facts}


def main() -> None:
    request = json.loads(sys.argv[1])
    threading.Thread(target=_die_with_parent, daemon=True).start()
    limits = request["limits"]
    import av  # before the limit on memory: what libraries reserve is not the file's doing

    np = None if request["raw"] is None else importlib.import_module("numpy")
    memory, seconds = _reserved() + limits["memory"], math.ceil(limits["cpu"])
    _limit(resource.RLIMIT_AS, memory, memory)
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)  # at the first SIGXCPU, at the second SIGKILL
    _limit(resource.RLIMIT_CORE, 0, 0)
    av.logging.set_level(av.logging.PANIC)
    try:
        answer = _open(av, np, request["path"], limits, request["raw"])
    except Refused as refused:
        answer = refused.answer
    except MemoryError:
        answer = {"error": "too_large", "bound": "memory", "most": limits["memory"]}
    except (av.FFmpegError, ValueError, OverflowError) as error:
        answer = {"error": "unreadable", "reason": getattr(error, "strerror", None) or str(error)[:200]}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
    os._exit(0)  # the thread below still waits for the parent


def _die_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _reserved() -> int:
    """Bytes of address space in use; 0 where the system does not tell, which then does not limit it either."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _limit(what: int, soft: int, hard: int) -> None:
    try:
        resource.setrlimit(what, (soft, hard))
    except (ValueError, OSError):
        return  # macOS knows no limit on address space; the limit on time still holds


def _open(av: Any, np: Any, path: str, limits: dict[str, Any], raw: int | None) -> dict[str, Any]:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    with av.open(path, options=options, metadata_errors="replace") as container:
        if not container.streams.audio:
            raise Refused("silent")
        stream = container.streams.audio[0]
        stream.codec_context.thread_count = 1
        facts = {
            "container": container.format.name,
            "codec": stream.codec_context.name,
            "rate": stream.codec_context.sample_rate,
            "channels": stream.codec_context.channels,
            "video": any(not _is_cover(av, video) for video in container.streams.video),
        }
        for bound in ("rate", "channels"):
            if facts[bound] > limits[bound]:
                raise Refused("too_large", bound=bound, most=limits[bound])
        if raw is None:
            return {**facts, **_measure(container, stream, limits)}
        with os.fdopen(raw, "wb") as file:
            return {**facts, **_decode(av, np, container, stream, limits, file)}


def _is_cover(av: Any, stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _measure(container: Any, stream: Any, limits: dict[str, Any]) -> dict[str, Any]:
    """The length of all packets, since headers may lie, and one frame decoded, to see that it can be."""
    seconds, frame, damaged = 0.0, None, False
    for packet in container.demux(stream):
        if packet.duration and packet.time_base:
            seconds += float(packet.duration * packet.time_base)
            _check_duration(seconds, limits)
        if frame is None:
            frames, failed = _frames(packet)
            frame, damaged = next(iter(frames), None), damaged or failed
    if frame is None:
        raise Refused("unreadable", reason="nothing in it can be decoded")
    declared = float(stream.duration * stream.time_base) if stream.duration else 0.0
    if abs(declared - seconds) <= PADDING:
        seconds = declared
    return {"rate": frame.sample_rate, "channels": frame.layout.nb_channels, "seconds": seconds, "damaged": damaged}


def _decode(av: Any, np: Any, container: Any, stream: Any, limits: dict[str, Any], file: IO[bytes]) -> dict[str, Any]:
    resampler, written, damaged = None, 0, False
    rate = channels = 0
    for packet in container.demux(stream):
        frames, failed = _frames(packet)
        damaged = damaged or failed
        for frame in frames:
            if resampler is None:
                rate, channels = frame.sample_rate, frame.layout.nb_channels
                resampler = av.AudioResampler(format="flt", layout=frame.layout, rate=rate)
            for converted in resampler.resample(frame):
                samples = converted.to_ndarray().reshape(-1)
                np.nan_to_num(samples, copy=False, nan=0.0, posinf=LOUDEST, neginf=-LOUDEST)
                file.write(np.clip(samples, -LOUDEST, LOUDEST).tobytes())
                written += samples.size // channels
                _check_duration(written / rate, limits)
    if not written:
        raise Refused("unreadable", reason="nothing in it can be decoded")
    return {"rate": rate, "channels": channels, "seconds": written / rate, "frames": written, "damaged": damaged}


def _frames(packet: Any) -> tuple[list[Any], bool]:
    """The packet's frames, and whether it was damaged; then it has none."""
    import av

    try:
        return list(packet.decode()), False
    except av.error.InvalidDataError:
        return [], True


def _check_duration(seconds: float, limits: dict[str, Any]) -> None:
    if seconds > limits["seconds"]:
        raise Refused("too_large", bound="seconds", most=limits["seconds"])


if __name__ == "__main__":
    main()
