"""Logins by password, and what they cost everybody else.

Argon2id takes its time on purpose: the peer is a bare `verify` of argon2-cffi with the same parameters, in a process
that does nothing else. Eight clients then log in without pause, while another one asks who it is, as it did when it
was quiet.
"""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable

import httpx
from argon2 import PasswordHasher, extract_parameters

from bench.report import Figure, against, at_most, beside, median, percentile
from bench.servers import PANSORI, serving
from pansori.accounts import Passwords
from pansori.settings import Settings

EMAIL, PASSWORD = "mina@mail.example", "correct horse battery"
LOGINS = 20
CROWD = 8
ASKED = 200
STALL_MS = 100.0  #: what people notice (Miller 1968: 0.1 s seems instantaneous)


def run() -> list[Figure]:
    hashed = Passwords(Settings.model_construct().password_memory).hash(PASSWORD)
    hasher = PasswordHasher.from_parameters(extract_parameters(hashed))
    bare = [timed(lambda: hasher.verify(hashed, PASSWORD)) for _ in range(LOGINS)]
    with serving(PANSORI_MODE="accounts") as server, httpx.Client(base_url=server.url, timeout=120) as client:
        create = [PANSORI, "accounts", "create", EMAIL]
        subprocess.run(create, env=os.environ | server.settings, input=PASSWORD, text=True, check=True)
        alone = [timed(lambda: log_in(client)) for _ in range(LOGINS)]
        headers = {"Authorization": f"Bearer {log_in(client)}"}
        quiet = [timed(lambda: ask(client, headers)) for _ in range(ASKED)]
        crowded, in_crowd = while_others_log_in(server.url, lambda: timed(lambda: ask(client, headers)))
    peer, calm = "bare verify", percentile(quiet, 0.95)
    stalled = at_most(f"`GET /v1/me`, p95, while {CROWD} log in", percentile(crowded, 0.95), "ms", STALL_MS)
    return [
        Figure(f"{peer}, median", median(bare), "ms"),
        against("login, median", median(alone), "ms", peer, median(bare)),
        against("login, p95", percentile(alone, 0.95), "ms", peer, median(bare)),
        against(f"login among {CROWD}, p95", percentile(in_crowd, 0.95), "ms", peer, median(bare)),
        Figure("`GET /v1/me`, p95, quiet", calm, "ms"),
        beside(stalled, "quiet", calm),
    ]


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def log_in(client: httpx.Client) -> str:
    answer = client.post("/v1/auth/login", json={"email": EMAIL, "password": PASSWORD})
    answer.raise_for_status()
    token: str = answer.json()["token"]
    return token


def ask(client: httpx.Client, headers: dict[str, str]) -> None:
    client.get("/v1/me", headers=headers).raise_for_status()


def while_others_log_in(url: str, one: Callable[[], float]) -> tuple[list[float], list[float]]:
    """What `one` measures while a crowd logs in, and what the crowd waits."""
    over = threading.Event()
    waits: list[float] = []

    def keep_logging_in() -> None:
        with httpx.Client(base_url=url, timeout=120) as client:
            while not over.is_set():
                waits.append(timed(lambda: log_in(client)))

    crowd = [threading.Thread(target=keep_logging_in) for _ in range(CROWD)]
    for member in crowd:
        member.start()
    try:
        return [one() for _ in range(ASKED)], waits
    finally:
        over.set()
        for member in crowd:
            member.join()
