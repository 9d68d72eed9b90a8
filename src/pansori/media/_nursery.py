"""Processes that decode: each is for one file, forked from one that has loaded the libraries and opens no file itself.

To load them takes a tenth of a second, more than to decode most files. Where forked processes cannot use them, as on
macOS, each is started anew.
"""

from __future__ import annotations

import atexit
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from pansori.domain.units import Seconds

DECODER = Path(__file__).with_name("_decoder.py")
FORK = sys.platform == "linux"
INHERITED = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")
"""Environment that decoders need; the rest, with its secrets, is kept from them."""
PIECE = 1 << 16  #: bytes that are read at once


@dataclass(frozen=True)
class Ended:
    """What a decoder said, and its exit status: negative is the number of the signal that ended it."""

    said: bytes
    status: int


def ask(request: str, files: Sequence[int], limit: Seconds, *, fork: bool = FORK) -> Ended:
    """Let a decoder do what `request` says, which is one line; it may write into the open file of `files`, if any.
    `TimeoutError` where it takes longer than `limit`; then, and whatever else is raised, the decoder is ended."""
    return _nursery.ask(request, files, limit) if fork else _alone(request, files, limit)


class _Nursery:
    """The process that others are forked from; for any number of threads, and no process but the one that made it."""

    _lock: threading.Lock
    _process: subprocess.Popen[bytes] | None
    _control: socket.socket | None

    def __init__(self) -> None:
        self.forget()
        os.register_at_fork(after_in_child=self.forget)
        atexit.register(self.close)

    def ask(self, request: str, files: Sequence[int], limit: Seconds) -> Ended:
        """One that ended meanwhile, as it does when it is not needed, is started again."""
        deadline = time.monotonic() + limit
        found = self._asked(request, files, deadline) or self._asked(request, files, deadline)
        return found or Ended(b"", self.close())

    def _asked(self, request: str, files: Sequence[int], deadline: float) -> Ended | None:
        """None: there was nobody."""
        ours, theirs = socket.socketpair()
        with ours:
            with theirs, suppress(ConnectionError):
                self._send([theirs.fileno(), *files])
                ours.sendall(request.encode() + b"\n")
            return _heard(ours, deadline)

    def _send(self, files: Sequence[int]) -> None:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            assert self._control is not None
            try:
                socket.send_fds(self._control, [b"."], files)
            except ConnectionError:
                self._start()
                socket.send_fds(self._control, [b"."], files)

    def _start(self) -> None:
        self._end()
        self._control, theirs = socket.socketpair()  # before the process: whoever finds that has this too
        with theirs:
            self._process = _started("stay", theirs.fileno(), subprocess.DEVNULL, ())

    def close(self) -> int:
        """End it, with all that decode. Its exit status."""
        with self._lock:
            return self._end()

    def _end(self) -> int:
        process, control = self._process, self._control
        self._process = self._control = None
        if control is not None:
            control.close()
        if process is None:
            return 0
        process.kill()  # does nothing to one that has ended
        return process.wait()

    def forget(self) -> None:
        """In a process that was forked from another: the nursery is the other's."""
        self._lock = threading.Lock()
        self._process = self._control = None


def _heard(ours: socket.socket, deadline: float) -> Ended | None:
    """What a decoder says, up to the line with its status. None: nothing at all."""
    heard = b""
    while not (heard.endswith(b"\n") and _is_status(heard.splitlines()[-1])):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        ours.settimeout(left)
        try:
            piece = ours.recv(PIECE)
        except ConnectionError:
            piece = b""
        if not piece:  # the nursery was ended, and with it who would tell the status
            return Ended(heard, 0) if heard else None
        heard += piece
    *said, status = heard.splitlines()
    return Ended(b"".join(said), int(status))


def _is_status(line: bytes) -> bool:
    return line.removeprefix(b"-").isdigit()


def _alone(request: str, files: Sequence[int], limit: Seconds) -> Ended:
    life, held = os.pipe()  # the child reads from it, and ends when this process does
    try:
        child = _started(request, life, subprocess.PIPE, files)
    except BaseException:
        os.close(held)
        raise
    finally:
        os.close(life)
    try:
        said, _ = child.communicate(timeout=limit)
    except subprocess.TimeoutExpired as error:
        raise TimeoutError from error
    finally:
        os.close(held)
        child.kill()
        child.communicate()
    return Ended(said, child.returncode)


def _started(argument: str, stdin: int, stdout: int, files: Sequence[int]) -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - no shell; a path is within the JSON of the argument
        [sys.executable, "-I", str(DECODER), argument],
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.DEVNULL,
        pass_fds=files,
        env=kept | {"OPENBLAS_NUM_THREADS": "1"},
    )


_nursery = _Nursery()
