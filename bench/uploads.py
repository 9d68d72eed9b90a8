"""A file of 2 GB sent to the server on the same machine: in a form, and resumably by tus.

The peer, in the same run and by turns with ours, is the same bytes written to the same disk by a bare loop with one
fsync at the end. The client is curl, whose time is in ours. Memory is the server process's: the highest that the kernel
has noted during the upload, and by how much that is more than before it.
"""

from __future__ import annotations

import os
import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import requests

from bench.report import Figure, against, at_most, median
from bench.servers import Server, serving
from support.memory import Memory

SIZE = 2_000_000_000
PIECE = 1024 * 1024
ROUNDS = 3
MOST = 100.0  #: MB of memory that an upload may take
GOAL = 0.5  #: of what a bare loop writes
TUS = {"Tus-Resumable": "1.0.0"}

Send = Callable[[Server, Path], None]


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, serving(PANSORI_WORKERS="1", PANSORI_LOG_LEVEL="error") as server:
        file = Path(name) / "sound.bin"
        fill(file)
        figures: list[Figure] = []
        for what, send in (("form", by_form), ("tus", by_tus)):
            figures += measured(what, send, server, file)
        return figures


def measured(what: str, send: Send, server: Server, file: Path) -> list[Figure]:
    ours, bare, peaks, growths = [], [], [], []
    for _ in range(ROUNDS):
        memory = Memory(server.pid)
        ours.append(timed(lambda: send(server, file)))
        peaks.append(memory.peak() / 1e6)
        growths.append(memory.taken() / 1e6)
        clear(server)
        bare.append(timed(lambda: write(file, file.with_suffix(".copy"))))
    value, peer = median(ours), median(bare)
    figure = replace(
        against(f"{what}: 2 GB", value, "MB/s", "a bare loop", peer),
        goal=f"≥ {GOAL} × a bare loop",
        met=value / peer >= GOAL,
    )
    return [
        Figure(f"a bare loop, beside {what}", peer, "MB/s"),
        figure,
        at_most(f"{what}: memory more than before", max(growths), "MB", MOST),
        Figure(f"{what}: memory of the whole server process", max(peaks), "MB"),
    ]


def by_form(server: Server, file: Path) -> None:
    curl("-F", f"file=@{file}", f"{server.url}/v1/assets")


def by_tus(server: Server, file: Path) -> None:
    made = requests.post(
        f"{server.url}/v1/uploads/tus", headers={**TUS, "Upload-Length": str(file.stat().st_size)}, timeout=60
    )
    headers = ("Tus-Resumable: 1.0.0", "Upload-Offset: 0", "Content-Type: application/offset+octet-stream", "Expect:")
    curl(
        "-X", "PATCH", *(part for one in headers for part in ("-H", one)), "-T", str(file),
        server.url + made.headers["Location"],
    )  # fmt: skip


def curl(*arguments: str) -> None:
    subprocess.run(["curl", "-s", "-f", "-o", "/dev/null", *arguments], check=True)


def timed(do: Callable[[], None]) -> float:
    """MB a second."""
    began = time.perf_counter()
    do()
    return SIZE / (time.perf_counter() - began) / 1e6


def write(source: Path, target: Path) -> None:
    with source.open("rb", buffering=0) as reading, target.open("wb", buffering=0) as writing:
        while piece := reading.read(PIECE):
            writing.write(piece)
        os.fsync(writing.fileno())
    target.unlink()


def fill(file: Path) -> None:
    block = random.Random(1).randbytes(64 * PIECE)
    with file.open("wb") as out:
        for at in range(0, SIZE, len(block)):
            out.write(block[: SIZE - at])


def clear(server: Server) -> None:
    """What was stored takes no room beside the next one."""
    for path in (Path(server.settings["PANSORI_DATA_DIR"]) / "assets").rglob("*.bin"):
        path.unlink()
