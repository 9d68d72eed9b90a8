"""A `pansori serve` of its own for a benchmark, embedded or scaled out, with its data in a temporary folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import httpx

from support.services import free_port, running_postgres, running_redis
from support.waiting import eventually

Size = Literal["embedded", "scaled out"]
PANSORI = str(Path(sys.executable).with_name("pansori"))


@dataclass(frozen=True)
class Server:
    url: str
    pid: int
    settings: dict[str, str]

    def family(self) -> list[int]:
        """The server's process and everything it started."""
        parents: dict[int, list[int]] = {}
        listing = subprocess.run(["ps", "-eo", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
        for pid, parent in (map(int, line.split()) for line in listing.splitlines()):
            parents.setdefault(parent, []).append(pid)
        found, unseen = [], [self.pid]
        while unseen:
            found.append(pid := unseen.pop())
            unseen.extend(parents.get(pid, []))
        return found


def resident_kilobytes(pid: int) -> int:
    listing = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], check=True, capture_output=True, text=True)
    return int(listing.stdout)


@contextmanager
def backing(size: Size, folder: Path) -> Iterator[dict[str, str]]:
    """Settings of an installation of that size, with the real services it needs running."""
    with ExitStack() as stack:
        settings = {"PANSORI_DATA_DIR": str(folder), "PANSORI_COMPOSE_ENGINE": "debug", "PANSORI_LOG_LEVEL": "warning"}
        if size == "scaled out":
            settings["DATABASE_URL"] = stack.enter_context(running_postgres()).fresh_database()
            settings["PANSORI_BROKER_URL"] = stack.enter_context(running_redis()).url
            subprocess.run([PANSORI, "db", "upgrade"], check=True, env=os.environ | settings)
        yield settings


@contextmanager
def serving(size: Size = "embedded", until: str = "/ready", /, **extra: str) -> Iterator[Server]:
    with tempfile.TemporaryDirectory() as folder, backing(size, Path(folder)) as settings:
        port = free_port()
        command = [PANSORI, "serve", "--port", str(port)]
        process = subprocess.Popen(command, env=os.environ | settings | extra)
        url = f"http://127.0.0.1:{port}"
        try:
            eventually(lambda: process.poll() is not None or ready(url, until), timeout=60)
            yield Server(url, process.pid, settings)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(30)


@contextmanager
def bare_server() -> Iterator[Server]:
    """The peer: the same web server without a product in it."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-m", "bench.bare_http", str(port)], cwd=Path(__file__).parent.parent)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or ready(url, "/"), timeout=60)
        yield Server(url, process.pid, {})
    finally:
        process.terminate()
        process.wait(30)


def ready(url: str, path: str = "/ready") -> bool:
    try:
        return httpx.get(url + path).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False
