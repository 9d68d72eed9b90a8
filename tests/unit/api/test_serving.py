"""The sockets of the server, seen from inside its process."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from pansori.api import serve
from pansori.bootstrap import build
from pansori.settings import load
from pansori.workflows import Services
from support.services import free_port


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    services = build(load(data_dir=tmp_path, port=free_port(), workers=0))
    yield services
    services.close()


def test_answers_are_sent_at_once(services: Services) -> None:
    """Nagle's algorithm would hold each event of a stream back until the client has confirmed the one before."""
    seen: dict[str, int] = {}

    def look(url: str) -> None:
        client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
        client.request("GET", "/")
        client.getresponse().read()
        with far_end(client.sock.getsockname()) as servers:
            seen["delay is off"] = servers.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        client.close()

    def look_and_end(url: str) -> None:
        try:
            look(url)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # which the server that runs in this process takes as its end

    clients: list[threading.Thread] = []

    def call(url: str) -> None:
        clients.append(threading.Thread(target=look_and_end, args=(url,)))
        clients[0].start()

    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)  # for one that comes before the server listens for it
    try:
        serve(services, on_started=call)
    finally:
        signal.signal(signal.SIGTERM, before)
        for client in clients:
            client.join()
    assert seen["delay is off"]


def far_end(address: tuple[str, int]) -> socket.socket:
    """This process's own socket that is connected to `address`."""
    for entry in Path("/dev/fd").iterdir():
        try:
            if not stat.S_ISSOCK(os.fstat(int(entry.name)).st_mode):
                continue  # `fromfd` would leave a copy of it open, as of a pipe whose other end waits for its end
            candidate = socket.fromfd(int(entry.name), socket.AF_INET, socket.SOCK_STREAM)
        except OSError:  # the folder's own descriptor is closed by now
            continue
        try:
            if candidate.getpeername() == address:
                return candidate
        except OSError:  # a file, or a socket that is not connected
            pass
        candidate.close()
    raise AssertionError(f"nobody here is connected to {address}")
