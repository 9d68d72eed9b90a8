"""What `pansori serve` costs while nobody asks it for anything: processor time and memory of all its processes.

The peer, in the same run, is the same web server in one process, without a product.
"""

from __future__ import annotations

import os
import subprocess
import threading
from pathlib import Path

from bench.report import Figure, against, at_most
from bench.servers import Server, Size, bare_server, resident_kilobytes, serving

SECONDS = 20.0
SIZES: tuple[Size, ...] = ("embedded", "scaled out")


def run() -> list[Figure]:
    with bare_server() as server:
        bare = resident_kilobytes(server.pid) / 1024
    peer = "bare server"
    figures = [Figure(f"memory, {peer}", bare, "MiB")]
    for size in SIZES:
        with serving(size) as server:
            settle = threading.Event()
            settle.wait(3)
            before = cpu_seconds(server)
            settle.wait(SECONDS)
            share = (cpu_seconds(server) - before) / SECONDS * 100
            memory = sum(map(resident_kilobytes, server.family())) / 1024
            figures += [
                at_most(f"processor, {size}", share, "% of a core", 3.0),
                against(
                    f"memory of its {len(server.family())} processes (shared pages counted each), {size}",
                    memory,
                    "MiB",
                    peer,
                    bare,
                ),
            ]
    return figures


def cpu_seconds(server: Server) -> float:
    """Processor time of all its processes: to a hundredth of a second on Linux, to whole seconds elsewhere."""
    if Path("/proc/self/stat").exists():
        stats = (Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in server.family())
        return sum(int(fields[11]) + int(fields[12]) for fields in stats) / os.sysconf("SC_CLK_TCK")
    pids = ",".join(map(str, server.family()))
    listing = subprocess.run(["ps", "-o", "time=", "-p", pids], check=True, capture_output=True, text=True).stdout
    return sum(clock(line) for line in listing.split())


def clock(text: str) -> float:
    """Seconds of `[[days-]hours:]minutes:seconds`."""
    seconds = 0.0
    for part in text.replace("-", ":").split(":"):
        seconds = seconds * 60 + float(part)
    return seconds
