"""The program that opens files from outside, in a process of its own that may crash, hang or grow without harm.

Started by `pansori.media._nursery` by its path, so that nothing of the package is loaded. The request is its argument,
in JSON; the answer is one JSON line on standard output. Samples go to the file descriptor that the request names, as
interleaved float32. When standard input closes, the parent is gone, and so goes this.

With the argument `stay` it loads what it needs and opens nothing. Standard input is a socket then, by which others
come: for each a process is forked, which reads its request from there, answers there, and ends when that one is closed;
after the answer comes a line with its exit status. A file that comes with it is where samples go.
"""

from __future__ import annotations

import errno
import gc
import importlib
import json
import math
import os
import resource
import select
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

FORMATS = (
    "aac,ac3,aiff,amr,ape,asf,au,avi,caf,flac,flv,gsm,matroska,mov,mp3,mp4,mpeg,mpegts,ogg,tta,voc,w64,wav,webm,wv"
)
"""Containers that hold their own sound. Playlists and the like, which make a reader open other files, are left out."""
PROTECTED = ("enca", "drms", "aavd")  #: Common Encryption; FairPlay; Audible
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
PADDING = 0.2  #: seconds that an encoder may add at the ends, which only the header tells
WRAPPED = 2**31  #: libavformat gives Ogg's last packet, where a part of it is cut off, a negative length as a huge one
LEAST_RATE = 4_000  #: samples a second; less holds no speech and no music, and hours of it fit into a small file
SAMPLE = 4  #: bytes
AT_ONCE = 1 << 20  #: bytes that are gathered until they are written
LOUDEST = 16.0  #: 24 dB over full scale; float files may hold any number, infinite ones too
STAY = "stay"
CALCULATED = 3  #: exit status of one that has answered and used NumPy
IDLE = 60.0  #: seconds without any request after which one that stays ends


class Refused(Exception):
    """The answer is an error: `error` is its kind, `facts` what is said with it."""

    def __init__(self, error: str, **facts: object) -> None:
        super().__init__(error)
        self.answer = {"error": error, **facts}


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):  # which may come to all at once: it ends with those it works for
        signal.signal(number, signal.SIG_IGN)
    if sys.argv[1:] == [STAY]:
        _stay()
    else:
        _work(json.loads(sys.argv[1]))
        os._exit(0)  # the other thread still waits for the parent


def _work(request: dict[str, Any]) -> None:
    """Answer."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    limits = request["limits"]
    import av  # before the limit on memory: what libraries reserve is not the file's doing

    if reserved := _reserved():
        _limit(resource.RLIMIT_AS, reserved + limits["memory"], reserved + limits["memory"])
    seconds = math.ceil(limits["cpu"])
    _limit(resource.RLIMIT_CPU, seconds, seconds + 1)  # at the first SIGXCPU, at the second SIGKILL
    _limit(resource.RLIMIT_CORE, 0, 0)
    av.logging.set_level(av.logging.PANIC)
    try:
        answer = _open(av, request["path"], limits, request["raw"])
    except Refused as refused:
        answer = refused.answer
    except (av.FFmpegError, MemoryError, OSError, ValueError, OverflowError) as error:
        answer = _explain(error, limits)
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def _stay() -> None:
    """Until nobody is left who could come, or nobody comes for `IDLE`."""
    importlib.import_module("av")
    gc.freeze()
    woken, wake = socket.socketpair()
    for end in (woken, wake):
        end.setblocking(False)
    signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    door, guests = socket.socket(fileno=os.dup(0)), dict[int, socket.socket]()  # by the process that works for each
    while ready := _wait(door, woken, guests):
        if woken.fileno() in ready:
            woken.recv(4096)
            _bury(guests)
        if door.fileno() in ready:
            _, files, _, _ = socket.recv_fds(door, 1, 2)
            if not files:
                break
            _let_in(files, guests, (door, woken, wake))
    for pid in guests:
        os.kill(pid, signal.SIGKILL)
    os._exit(0)


def _wait(door: socket.socket, woken: socket.socket, guests: dict[int, socket.socket]) -> set[int]:
    """Which of the first two has something to be read; neither: nobody came for too long. Who works for a guest that
    has left is ended."""
    poll = select.poll()
    poll.register(woken, select.POLLIN)
    poll.register(door, select.POLLIN)
    for guest in guests.values():
        poll.register(guest, 0)
    ready = {file for file, _ in poll.poll(None if guests else IDLE * 1000)}
    for pid, guest in guests.items():
        if guest.fileno() in ready:
            os.kill(pid, signal.SIGKILL)
    return ready


def _bury(guests: dict[int, socket.socket]) -> None:
    """Tell those whose process ended how it did. What one had to load by itself those that follow are spared."""
    for pid in list(guests):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            continue
        code = os.waitstatus_to_exitcode(status)
        with guests.pop(pid) as guest, suppress(OSError):  # it may have left
            guest.sendall(b"\n%d\n" % (0 if code == CALCULATED else code))
        if code == CALCULATED:
            importlib.import_module("numpy")
            gc.freeze()


def _let_in(files: list[int], guests: dict[int, socket.socket], ours: tuple[socket.socket, ...]) -> None:
    conversation, *raw = files
    guest = socket.socket(fileno=conversation)
    if pid := os.fork():
        guests[pid] = guest
        for file in raw:
            os.close(file)
        return
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    for end in (*ours, *guests.values()):
        end.close()
    for standard in (0, 1):
        os.dup2(conversation, standard)
    guest.close()
    request = json.loads(sys.stdin.buffer.readline())
    _limit(resource.RLIMIT_FSIZE, *request["room"])
    _work(request | {"raw": raw[0] if raw else None})
    os._exit(CALCULATED if "numpy" in sys.modules else 0)


def _explain(error: Exception, limits: dict[str, Any]) -> dict[str, Any]:
    number = getattr(error, "errno", None)
    if isinstance(error, MemoryError) or number == errno.ENOMEM:
        return {"error": "too_large", "bound": "memory", "most": limits["memory"]}
    if number in FULL:
        return {"error": "full"}
    return {"error": "unreadable", "reason": getattr(error, "strerror", None) or str(error)[:200]}


def _die_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


def _reserved() -> int:
    """Bytes of address space in use; 0 where the system does not tell (macOS, which does not limit it either)."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    except OSError:
        return 0


def _limit(what: int, soft: int, hard: int) -> None:
    try:
        resource.setrlimit(what, (soft, hard))
    except (ValueError, OSError):
        return  # a lower hard limit is in force already, or the system knows none of this kind


def _open(av: Any, path: str, limits: dict[str, Any], raw: int | None) -> dict[str, Any]:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": "file"}
    with av.open(path, options=options, metadata_errors="replace") as container:
        if not container.streams.audio:
            raise Refused("silent")
        stream = container.streams.audio[0]
        if _is_protected(stream):
            raise Refused("protected")
        if stream.codec_context is None:
            raise Refused("unreadable", reason="no decoder knows its sound")
        stream.codec_context.thread_count = 1
        facts = {
            "container": container.format.name,
            "codec": stream.codec_context.name,
            "rate": stream.codec_context.sample_rate,
            "channels": stream.codec_context.channels,
            "video": any(not _is_cover(av, video) for video in container.streams.video),
            "declared": container.duration / av.time_base if container.duration else None,
        }
        for bound in ("rate", "channels"):
            _check(bound, facts[bound], limits)  # before it is decoded; zero where only its frames tell
        track = Track(av, container, stream)
        if raw is None:
            facts |= _measure(track, limits)
        else:
            with os.fdopen(raw, "wb") as file:
                facts |= _decode(av, track, limits, file)
        return {**facts, "damaged": track.damaged}


def _is_protected(stream: Any) -> bool:
    """Whether a sample entry of ISO media says so. Without its key such sound decodes to noise, or not at all."""
    return stream.codec_context is not None and stream.codec_context.codec_tag in PROTECTED


def _is_cover(av: Any, stream: Any) -> bool:
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


class Track:
    """The packets and frames of one stream; `damaged` from the first that cannot be read, which is left out."""

    def __init__(self, av: Any, container: Any, stream: Any) -> None:
        self._broken = av.error.InvalidDataError, av.error.EOFError
        self._container = container
        self.stream = stream
        self.damaged = False

    def packets(self) -> Iterator[Any]:
        try:
            yield from self._container.demux(self.stream)
        except self._broken:
            self.damaged = True

    def frames(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except self._broken:
            self.damaged = True
            return []


def _measure(track: Track, limits: dict[str, Any]) -> dict[str, Any]:
    """The length of all packets, since headers may lie, and one frame decoded, to see that it can be."""
    seconds, frame = 0.0, None
    for packet in track.packets():
        if packet.time_base and 0 < (packet.duration or 0) < WRAPPED:
            seconds += float(packet.duration * packet.time_base)
            _check("seconds", seconds, limits)
        if frame is None:
            frame = next(iter(track.frames(packet)), None)
    if frame is None:
        raise Refused("unreadable", reason="nothing in it can be decoded")
    declared = float(track.stream.duration * track.stream.time_base) if track.stream.duration else 0.0
    if abs(declared - seconds) <= PADDING:
        seconds = declared
    return {**_shape(frame, limits), "seconds": seconds}


def _decode(av: Any, track: Track, limits: dict[str, Any], file: IO[bytes]) -> dict[str, Any]:
    clean: Callable[[bytearray], bytearray] = _untouched
    resampler, facts, written, waiting = None, {"rate": 0, "channels": 0}, 0, bytearray()
    for frame in (frame for packet in track.packets() for frame in track.frames(packet)):
        if resampler is None:
            facts = _shape(frame, limits)
            resampler = av.AudioResampler(format="flt", layout=frame.layout, rate=frame.sample_rate)
            clean = _bounded() if frame.format.name.startswith(("flt", "dbl")) else _untouched
        for converted in resampler.resample(frame):
            waiting += memoryview(converted.planes[0])[: converted.samples * facts["channels"] * SAMPLE]
            written += converted.samples
            _check("seconds", written / facts["rate"], limits)
            _check("decoded", written * facts["channels"] * SAMPLE, limits)
        if len(waiting) >= AT_ONCE:
            file.write(clean(waiting))
            waiting = bytearray()
    if not written:
        raise Refused("unreadable", reason="nothing in it can be decoded")
    file.write(clean(waiting))
    return {**facts, "frames": written}


def _untouched(samples: bytearray) -> bytearray:
    """What was whole numbers is finite and within full scale."""
    return samples


def _bounded() -> Callable[[bytearray], bytearray]:
    """What makes samples finite and no louder than `LOUDEST`. NumPy is loaded only where it is needed, which takes as
    long as to decode a minute."""
    np = importlib.import_module("numpy")

    def bound(samples: bytearray) -> bytearray:
        values = np.frombuffer(samples, dtype=np.float32)
        np.nan_to_num(values, copy=False, nan=0.0, posinf=LOUDEST, neginf=-LOUDEST)
        np.clip(values, -LOUDEST, LOUDEST, out=values)
        return samples

    return bound


def _shape(frame: Any, limits: dict[str, Any]) -> dict[str, int]:
    shape = {"rate": frame.sample_rate, "channels": frame.layout.nb_channels}
    for bound, value in shape.items():
        _check(bound, value, limits)
    if shape["rate"] < LEAST_RATE:
        raise Refused("unreadable", reason=f"it has {shape['rate']} samples a second, fewer than {LEAST_RATE}")
    return shape


def _check(bound: str, value: float, limits: dict[str, Any]) -> None:
    if value > limits[bound]:
        raise Refused("too_large", bound=bound, most=limits[bound])


if __name__ == "__main__":
    main()
