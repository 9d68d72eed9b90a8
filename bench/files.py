"""A stored file of 64 MiB to a client on the same machine: whole, and in ranges of 64 KiB.

The peer, in the same run and by turns with ours, is nginx with one worker and `sendfile`, on the same file. The client
is curl for whole files; Python's own `http.client`, on one connection, for ranges.
"""

from __future__ import annotations

import http.client
import random
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from bench.report import Figure, against, median
from bench.servers import Server, ready, serving
from pansori.accounts import local_account
from pansori.bootstrap import build
from pansori.settings import Settings
from support.services import free_port
from support.waiting import eventually

SIZE = 64 * 1024 * 1024
PART = 64 * 1024
WHOLE_ROUNDS, WHOLE_AT_ONCE = 12, 4
RANGE_ROUNDS, RANGES = 6, 300
GOAL = 0.8  #: of nginx, for whole files
NGINX = """
daemon off; worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off; sendfile on; keepalive_requests 100000; default_type application/octet-stream;
    client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
    uwsgi_temp_path {folder}; scgi_temp_path {folder};
    server {{ listen 127.0.0.1:{port}; root {folder}/files; }}
}}
"""


Measure = Callable[[str], float]  #: URL of a file → how much of it a second


def run() -> list[Figure]:
    with tempfile.TemporaryDirectory() as name, serving(PANSORI_WORKERS="1") as server:
        folder = Path(name)
        file = folder / "files" / "file.bin"
        file.parent.mkdir()
        file.write_bytes(random.Random(1).randbytes(SIZE))
        for each in (folder, file.parent):
            each.chmod(0o755)  # nginx's worker is somebody else
        ours = server.url + store(server, file)
        with nginx(folder) as url:
            theirs = f"{url}/file.bin"
            return [
                *compared("whole files", "MB/s", ours, theirs, whole, WHOLE_ROUNDS, GOAL),
                *compared("ranges of 64 KiB", "1/s", ours, theirs, ranges, RANGE_ROUNDS),
            ]


def compared(
    what: str, unit: str, ours: str, theirs: str, measure: Measure, rounds: int, goal: float = 0.0
) -> list[Figure]:
    """Medians of measurements that are taken by turns, so that what else the machine does troubles both."""
    for url in (ours, theirs):
        measure(url)  # into the page cache
    measured = [(measure(ours), measure(theirs)) for _ in range(rounds)]
    value, peer = (median([pair[index] for pair in measured]) for index in (0, 1))
    figure = against(what, value, unit, "nginx", peer)
    if goal:
        figure = replace(figure, goal=f"≥ {goal} × nginx", met=value / peer >= goal)
    return [Figure(f"nginx: {what}", peer, unit), figure]


def whole(url: str) -> float:
    """MB a second, several times on one connection."""
    outputs = [part for _ in range(WHOLE_AT_ONCE) for part in ("-o", "/dev/null", url)]
    began = time.perf_counter()
    subprocess.run(["curl", "-s", "-f", *outputs], check=True)
    return WHOLE_AT_ONCE * SIZE / (time.perf_counter() - began) / 1e6


def ranges(url: str) -> float:
    """Ranges a second, each elsewhere, on one connection."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc)
    starts = random.Random(2)
    began = time.perf_counter()
    for _ in range(RANGES):
        start = starts.randrange(SIZE - PART)
        connection.request("GET", parts.path, headers={"Range": f"bytes={start}-{start + PART - 1}"})
        answer = connection.getresponse()
        assert (answer.status, len(answer.read())) == (206, PART)
    seconds = time.perf_counter() - began
    connection.close()
    return RANGES / seconds


def store(server: Server, file: Path) -> str:
    """Path of a new stored file's bytes."""
    services = build(Settings.model_validate({"data_dir": Path(server.settings["PANSORI_DATA_DIR"])}))
    with services.database.write() as session:
        owner = local_account(session)
    asset = services.assets.write(owner, "file.bin", file)
    with services.database.write() as session:
        services.assets.commit(session, [asset])
    services.close()
    return f"/v1/assets/{asset}/content"


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    binary = shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if binary is None:
        raise SystemExit("nginx is not installed. On Debian: apt-get install nginx-light")
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen([binary, "-p", str(folder), "-c", str(configuration)])
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: process.poll() is not None or ready(url, "/file.bin"), timeout=20)
        yield url
    finally:
        process.terminate()
        process.wait(10)
