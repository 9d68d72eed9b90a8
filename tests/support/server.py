"""The real server in a process of its own, with its workers, on a free port."""

from __future__ import annotations

import atexit
import functools
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from pansori.db import Database
from support.command import session_members
from support.services import free_port
from support.tables import furnish
from support.waiting import eventually

STARTING = 120.0  #: seconds that a busy machine may take to start a server and its workers
WARDEN = Path(__file__).with_name("warden.py")


@functools.cache
def warden() -> subprocess.Popen[bytes]:
    """Who is told of servers, so that they end with these tests even where these are killed."""
    command = [sys.executable, "-I", str(WARDEN), str(os.getpid())]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True, cwd="/", bufsize=0)
    atexit.register(process.communicate)
    return process


class Server:
    """May be stopped and started again on the same data and port. `settings`: more environment."""

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        arguments: tuple[str, ...] = (),
        scheme: str = "http",
    ) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._arguments = arguments
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("PANSORI_")},
            "PORT": str(self.port),
            "PANSORI_DATA_DIR": str(folder / "data"),
            "PANSORI_COMPOSE_ENGINE": "debug",
            "PANSORI_WRITE_ENGINE": "debug",
            **(settings or {}),
        }
        self.process: subprocess.Popen[bytes] | None = None
        self._leaders: list[int] = []

    def start(self, *, until_ready: bool = True) -> None:
        """Returns when it is ready to do jobs, or else as soon as it answers."""
        self._furnish()
        log = self.log_file.open("ab")
        command = [sys.executable, "-m", "pansori.cli", "serve", *self._arguments]
        self.process = subprocess.Popen(
            command, env=self._environment, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
        )
        log.close()
        self._leaders.append(self.process.pid)
        self._tell("%d\n")
        eventually(self.is_ready if until_ready else self.answers, timeout=STARTING)

    def _furnish(self) -> None:
        """A new database is filled here, in which a server would take longer."""
        if not self._database.exists() and "DATABASE_URL" not in self._environment:
            database = Database(f"sqlite:///{self._database}")
            furnish(database)
            database.close()

    def forget(self) -> None:
        """It has ended, with all that it started."""
        self._tell("-%d\n")
        self._leaders.clear()

    def _tell(self, line: str) -> None:
        told = warden().stdin
        assert told is not None
        told.write("".join(line % pid for pid in self._leaders).encode())

    @property
    def _database(self) -> Path:
        """Unless `DATABASE_URL` names another one."""
        return Path(self._environment["PANSORI_DATA_DIR"]) / "pansori.db"

    @property
    def log_file(self) -> Path:
        return self.folder / "server.log"

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def is_ready(self) -> bool:
        return self.answers() and self.get("/ready").status_code == 200

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log
        try:
            self.get("/")
        except requests.ConnectionError:
            return False
        return True

    def send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM, *, timeout: float = 120.0) -> float:
        """End it and return how many seconds that took."""
        assert self.process is not None
        begun = time.monotonic()
        self.send(number)
        self.process.wait(timeout)
        self.forget()
        return time.monotonic() - begun

    def kill_all(self) -> None:
        """SIGKILL to the server, whose workers then end by themselves."""
        assert self.process is not None
        self.process.kill()
        self.process.wait(60)

    def family(self) -> set[int]:
        """Pids of the server's session: itself, its workers and whatever these started."""
        assert self.process is not None
        return set(session_members(self.process.pid))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Its workers stand still while the block runs: whatever is asked for meanwhile is not finished. Sound that is
        sent is looked at as ever."""
        assert self.process is not None
        workers = set(session_members(self.process.pid, without="_decoder.py")) - {self.process.pid}
        try:
            eventually(lambda: self._hold(workers))
            yield
        finally:
            send_all(workers, signal.SIGCONT)

    def _hold(self, workers: set[int]) -> bool:
        """False where one would have been held in the middle of writing, for which everybody else would wait."""
        send_all(workers, signal.SIGSTOP)
        if not self._is_locked():
            return True
        send_all(workers, signal.SIGCONT)
        return False

    def _is_locked(self) -> bool:
        """Whether somebody writes into the database, if that is SQLite's."""
        if "DATABASE_URL" in self._environment:
            return False
        with closing(sqlite3.connect(self._database, timeout=0.2, isolation_level=None)) as connection:
            try:
                connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            connection.execute("ROLLBACK")
            return False

    # -- requests ------------

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url + path, timeout=300, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        return requests.post(self.url + path, timeout=300, **options)

    def delete(self, path: str, **options: Any) -> requests.Response:
        return requests.delete(self.url + path, timeout=300, **options)


def send_all(pids: Iterable[int], number: signal.Signals) -> None:
    """One after the other: those that the end of another one ends may be gone when their turn comes."""
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended
            os.kill(pid, number)


@contextmanager
def running(
    folder: Path,
    settings: Mapping[str, str] | None = None,
    arguments: tuple[str, ...] = (),
    *,
    until_ready: bool = True,
    scheme: str = "http",
) -> Iterator[Server]:
    """A server that is ended afterwards, with all that it started."""
    server = Server(folder, settings, arguments, scheme)
    server.start(until_ready=until_ready)
    try:
        yield server
    finally:
        if server.process is not None and server.process.poll() is None:
            server.stop()
        eventually(lambda: not server.family())
        server.forget()
