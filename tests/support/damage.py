"""Recordings of every kind that are tiny, what becomes of them when their bytes are changed, and the decoder that reads
thousands of them."""

from __future__ import annotations

import io
import json
import random
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from pansori.media import Limits
from pansori.media._nursery import DECODER
from support.media import Samples

RATE = 16_000
SECONDS = 0.6
KINDS = {
    "wav": ("wav", "pcm_s16le", RATE),
    "mulaw": ("wav", "pcm_mulaw", 8_000),
    "s24": ("wav", "pcm_s24le", RATE),
    "flac": ("flac", "flac", RATE),
    "mp3": ("mp3", "libmp3lame", RATE),
    "ogg": ("ogg", "libopus", 48_000),
    "m4a": ("mp4", "aac", RATE),
    "webm": ("webm", "libopus", 48_000),
    "aiff": ("aiff", "pcm_s16be", RATE),
}
"""Container, codec and rate of each."""


@cache
def spoken() -> Samples:
    """Something like a voice, mono, at `RATE`."""
    time = np.arange(round(SECONDS * RATE)) / RATE
    phase = 2 * np.pi * np.cumsum(150 + 20 * np.sin(2 * np.pi * 2 * time)) / RATE
    sound = np.sum([np.sin(number * phase) / number for number in range(1, 20)], axis=0)
    return np.asarray(0.1 * sound * (1 + np.sin(2 * np.pi * 4 * time)), np.float32)[None]


@cache
def encoded(kind: str) -> bytes:
    """`spoken` as one of `KINDS`."""
    import av

    container_format, codec, rate = KINDS[kind]
    file = io.BytesIO()
    with av.open(file, "w", format=container_format) as container:
        stream: Any = container.add_stream(codec, rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(spoken(), format="flt", layout="mono")
        frame.sample_rate = RATE
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        queue = av.AudioFifo()
        for resampled in [*resampler.resample(frame), *resampler.resample(None)]:
            queue.write(resampled)
        while (part := queue.read(stream.codec_context.frame_size or 1024, partial=True)) is not None:
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def damaged(data: bytes, seed: int) -> bytes:
    """`data` with a few of the accidents and lies that files have; the same for the same seed."""
    dice = random.Random(seed)
    changed = bytearray(data)
    for _ in range(dice.choice([1, 1, 2, 4, 16])):
        if len(changed) < 8:
            break
        reach = dice.choice([64, 512, len(changed)])
        at = dice.randrange(min(reach, len(changed)))
        size = dice.choice([1, 2, 4, 64, 1024])
        match dice.randrange(7):
            case 0:
                changed[at] = dice.randrange(256)
            case 1:
                changed[at] ^= 1 << dice.randrange(8)
            case 2:
                del changed[at : at + size]
            case 3:
                changed[at:at] = changed[at : at + size]
            case 4:
                changed[at : at + size] = dice.randbytes(size)
            case 5:
                extreme = dice.choice([0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
                changed[at : at + 4] = struct.pack(dice.choice(["<I", ">I"]), extreme)
            case _:
                del changed[max(dice.randrange(len(changed)), 4) :]
    return bytes(changed)


def long_silence(seconds: float, rate: int = 8_000) -> bytes:
    """A true FLAC file (RFC 9639) that unpacks to so much sound from twenty bytes for every eight seconds of it."""
    block = 65_535
    frames = round(seconds * rate / block)
    rated = rate << 44 | 0 << 41 | 15 << 36 | frames * block
    info = struct.pack(">HH", block, block) + bytes(6) + rated.to_bytes(8, "big") + bytes(16)
    parts = [b"fLaC", b"\x80", len(info).to_bytes(3, "big"), info]
    for number in range(frames):
        header = b"\xff\xf8\x74\x08" + _coded(number) + struct.pack(">H", block - 1)
        frame = header + bytes([_crc(header, 8, 0x07)]) + b"\0" + struct.pack(">h", number % 2)
        parts += [frame, _crc(frame, 16, 0x8005).to_bytes(2, "big")]
    return b"".join(parts)


def _coded(number: int) -> bytes:
    """As UTF-8 codes characters."""
    return chr(number).encode("utf-8", "surrogatepass")


def _crc(data: bytes, bits: int, polynomial: int) -> int:
    value, top = 0, 1 << bits
    for byte in data:
        value ^= byte << (bits - 8)
        for _ in range(8):
            value = value << 1 ^ (polynomial | top if value << 1 & top else 0)
    return value


# -- the decoder, many times --------


class Answer(NamedTuple):
    """What the decoder said of a file, or by what signal its process was killed; and the samples [frames, channels]."""

    told: dict[str, Any]
    killed: int | None
    samples: Samples


SERVER = """
import importlib.util, json, os, sys
spec = importlib.util.spec_from_file_location("decoder", sys.argv[1])
decoder = importlib.util.module_from_spec(spec)
spec.loader.exec_module(decoder)
import av, numpy
for line in iter(sys.stdin.readline, ""):
    request = json.loads(line)
    life, held = os.pipe()
    child = os.fork()
    if not child:
        os.close(held)
        os.dup2(life, 0)
        os.dup2(os.open(request["answer"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        request["raw"] = os.open(request["raw"], os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        sys.stdin = open(0)
        sys.argv[1:] = [json.dumps(request)]
        decoder.main()
        os._exit(1)
    os.close(life)
    _, status = os.waitpid(child, 0)
    os.close(held)
    print(os.waitstatus_to_exitcode(status), flush=True)
"""
"""Runs the decoder's own program for a file a line, each in a process forked from one that has loaded its libraries."""


class Decoders:
    """`folder` holds the file that is looked at and what was found in it."""

    def __init__(self, server: subprocess.Popen[str], folder: Path, limits: Limits) -> None:
        self._server = server
        self._folder = folder
        self._limits = limits

    def read(self, data: bytes) -> Answer:
        path, raw, answer = (self._folder / name for name in ("file", "raw", "answer"))
        path.write_bytes(data)
        limits = {**self._limits.model_dump(exclude={"size", "duration", "time"})}
        limits |= {"seconds": self._limits.duration, "cpu": self._limits.time}
        request = {"path": str(path), "raw": str(raw), "answer": str(answer), "limits": limits}
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        code = int(self._server.stdout.readline())
        if code:
            return Answer({"error": "ended"}, -code, np.zeros((0, 1), np.float32))
        told: dict[str, Any] = json.loads(answer.read_text())
        samples = np.fromfile(raw, np.float32)
        return Answer(told, None, samples.reshape(-1, told.get("channels", 1)) if "frames" in told else samples[:0])


@contextmanager
def decoders(folder: Path, limits: Limits) -> Iterator[Decoders]:
    server = subprocess.Popen(
        [sys.executable, "-I", "-c", SERVER, str(DECODER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        yield Decoders(server, folder, limits)
    finally:
        server.send_signal(signal.SIGTERM)
        server.communicate()
