"""Real Redis and PostgreSQL for tests: on free loopback ports, with their data in a temporary folder."""

from __future__ import annotations

import fcntl
import os
import pwd
import random
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
import redis

from pansori.db import Database, upgrade
from pansori.settings import Settings
from support.waiting import eventually

SUPERVISE = Path(__file__).with_name("supervise.py")
POSTGRES_FOLDERS = (
    "/usr/lib/postgresql/*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/opt/libpq/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/usr/local/pgsql/bin",
)
PORTS = range(20_000, 32_000)  #: below those that Linux and macOS give away, above those that browsers refuse
_given: set[int] = set()
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "100"}


def missing(what: str) -> None:
    """Skip on a laptop; fail where `CI` is set, since there everything has to be installed."""
    reason = f"{what} is not installed"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def ps(*options: str) -> str:
    """What `ps` lists; only the barest systems are without it."""
    if shutil.which("ps") is None:
        missing("ps (Debian's package procps)")
    return subprocess.run(["ps", *options], stdout=subprocess.PIPE, text=True, check=True).stdout


def free_port() -> int:
    """A port that no other process of tests is given while this one lives, and that no system gives to whoever asks for
    any or begins a connection: what is to listen there may take its time, or end and come back."""
    while True:
        port = random.choice(PORTS)
        if port not in _given and _lock(port) and _is_free(port):
            _given.add(port)
            return port


def _lock(port: int) -> bool:
    """Let one byte of a file stand for the port; the system forgets the lock with the process."""
    try:
        fcntl.lockf(_ports(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, port)
    except OSError:
        return False
    return True


@cache
def _ports() -> int:
    path = Path(tempfile.gettempdir()) / f"pansori-tests-ports-{os.getuid()}"
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # never closed: that would end the locks


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


class Supervised:
    """A server process that ends when this process does, however that happens."""

    def __init__(self, command: list[str], *, log: Path, user: str | None = None, ending: str = "SIGTERM") -> None:
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(SUPERVISE), str(os.getpid()), ending, user or "", *command],
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,  # Ctrl-C is for the tests, which then end this
                cwd="/",
            )

    @property
    def pid(self) -> int:
        """Of the one that watches over the command. The command is in the session that it leads."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        return self._process.poll() is not None

    def stop(self) -> None:
        """Ask the command to end, and wait until it has."""
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended already
            # a word, and not only the end of the pipe, which processes that were forked meanwhile may hold open
            self._process.stdin.write(b"end\n")
            self._process.stdin.close()
        self._process.wait(60)


class RedisServer:
    """One `redis-server`, without persistence, which may be stopped and started again on the same port."""

    def __init__(self, binary: str, folder: Path) -> None:
        self._binary = binary
        self._folder = folder
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._process: Supervised | None = None

    def start(self) -> None:
        options = ["--save", "", "--appendonly", "no", "--bind", "127.0.0.1", "--dir", str(self._folder)]
        command = [self._binary, "--port", str(self.port), *options]
        self._process = Supervised(command, log=self._folder / "redis.log")
        eventually(self._answers)

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    def flush(self) -> None:
        with redis.Redis(port=self.port) as client:
            client.flushall()

    def _answers(self) -> bool:
        assert self._process is not None
        assert not self._process.ended, (self._folder / "redis.log").read_text()
        try:
            with redis.Redis(port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


class PostgresServer:
    """One cluster with trust authentication on loopback; `fresh_database` makes an empty database a test."""

    def __init__(self, binaries: Path, folder: Path, *, durable: bool = False) -> None:
        self._folder = folder
        self.port = free_port()
        self._user = "postgres" if os.geteuid() == 0 else None  # initdb refuses root
        if self._user is not None:
            shutil.chown(folder, self._user)
        account = self._user or pwd.getpwuid(os.getuid()).pw_name
        self._admin = f"host=127.0.0.1 port={self.port} user={account} dbname=postgres"
        self._migrated: str | None = None
        self._url = f"postgresql://{account}@127.0.0.1:{self.port}"
        data = folder / "data"
        self._initialise(binaries, data)
        settings = {
            **({} if durable else FAST),
            "port": str(self.port),
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": "",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(binaries / "postgres"), "-D", str(data), *options]
        # SIGTERM would wait for open sessions, which a test that failed may have left; SIGINT ends them
        self._process = Supervised(command, log=folder / "postgres.log", user=self._user, ending="SIGINT")
        eventually(self._answers)

    def _initialise(self, binaries: Path, data: Path) -> None:
        command = [str(binaries / "initdb"), "-D", str(data), "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        done = subprocess.run(command, capture_output=True, text=True, user=self._user, cwd="/", check=False)
        assert done.returncode == 0, done.stderr

    def fresh_database(self, like: str = "template1") -> str:
        """URL of a new database: an empty one, or a copy of `like`."""
        name = f"test_{uuid4().hex}"
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{like}"'.encode())
        return f"{self._url}/{name}"

    def installation(self) -> str:
        """URL of a new database with the current tables. They are made once and copied: migrating takes longer."""
        if self._migrated is None:
            url = self.fresh_database()
            database = Database(Settings(database_url=url).database)
            upgrade(database)
            database.close()
            self._migrated = url.rpartition("/")[2]
        return self.fresh_database(self._migrated)

    def drop(self, url: str) -> None:
        name = url.rpartition("/")[2]
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())

    @contextmanager
    def away(self, url: str) -> Iterator[None]:
        """Nobody reaches that database while the block runs; who had reached it is cut off."""
        name = url.rpartition("/")[2]
        with psycopg.connect(self._admin, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'.encode())
            connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", (name,))
            yield
            connection.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'.encode())

    def stop(self) -> None:
        self._process.stop()

    def _answers(self) -> bool:
        assert not self._process.ended, (self._folder / "postgres.log").read_text()
        try:
            psycopg.connect(self._admin).close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def scaled_out(redis_server: RedisServer, postgres_server: PostgresServer) -> Iterator[dict[str, object]]:
    """Settings that make a new installation the scaled-out size."""
    url = postgres_server.installation()
    try:
        yield {"broker_url": redis_server.url, "key_prefix": f"test-{uuid4().hex}", "database_url": url}
    finally:
        postgres_server.drop(url)


@contextmanager
def scratch_folder(name: str) -> Iterator[Path]:
    """A folder that another user may be given, which pytest's own temporary folders are not."""
    folder = Path(tempfile.mkdtemp(prefix=f"pansori-{name}-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    binary = shutil.which("redis-server")
    if binary is None:
        missing("redis-server")
    assert binary is not None
    with scratch_folder("redis") as folder:
        server = RedisServer(binary, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """`durable`: commits wait for the disk, as they do where it is meant."""
    binaries = find_postgres()
    if binaries is None:
        missing("PostgreSQL")
    assert binaries is not None
    with scratch_folder("postgres") as folder:
        server = PostgresServer(binaries, folder, durable=durable)
        try:
            yield server
        finally:
            server.stop()


def find_postgres() -> Path | None:
    """The folder with `initdb` and `postgres`; the newest version where several are installed."""
    found = [Path(folder) for pattern in POSTGRES_FOLDERS for folder in sorted(Path("/").glob(pattern[1:]))]
    if (on_path := shutil.which("initdb")) is not None:
        found.append(Path(on_path).resolve().parent)
    fit = [folder for folder in found if (folder / "initdb").exists() and (folder / "postgres").exists()]
    return max(fit, key=_version) if fit else None


def _version(folder: Path) -> tuple[int, str]:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0), str(folder)
