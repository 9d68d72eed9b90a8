"""Keeps a worker process alive, and ends it with its parent."""

from __future__ import annotations

import logging
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence

from pansori.domain.units import Seconds
from pansori.jobs._backoff import backoff

log = logging.getLogger(__name__)

PARENT = "_PANSORI_PARENT"  #: in the environment of a supervised process: who it must not outlive
GRACE = Seconds(4.0)  #: between asking the process to end and killing it
SHORT_LIFE = Seconds(2.0)  #: one that dies younger is started again with growing pauses
FIRST_PAUSE = Seconds(0.4)
LONGEST_PAUSE = Seconds(10.0)


def supervising_parent() -> int | None:
    """The pid of the parent this process must not outlive. None: it stands for itself."""
    pid = os.environ.pop(PARENT, None)
    return None if pid is None else int(pid)


class Supervisor:
    """Runs a command again and again, until `stop`. From a thread: the process that owns it has other things to do."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """`environment` is added to ours."""
        self._command = list(command)
        self._environment = {**os.environ, **(environment or {}), PARENT: str(os.getpid())}
        self._stop = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="workers", daemon=True)

    def start(self) -> None:
        self._process = self._spawn()
        self._thread.start()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now."""
        return None if self._process is None else self._process.pid

    def stop(self, grace: Seconds = GRACE) -> None:
        """Ask it to end, and kill it where it does not."""
        self._stop.set()
        if self._process is None:
            return
        if self._thread.ident is None:  # starting was cut off
            self._thread.start()
        self._process.terminate()
        self._thread.join(grace)
        if self._thread.is_alive():
            log.warning("the workers did not end in %g s", grace)
            self._process.kill()
            self._thread.join()

    def _keep(self) -> None:
        short_lives = 0
        while True:
            assert self._process is not None
            born = time.monotonic()
            status = self._process.wait()
            if self._stop.is_set():
                return
            log.warning("the workers ended with %s; starting them again", status)
            short_lives = short_lives + 1 if time.monotonic() - born < SHORT_LIFE else 0
            while not self._start_again(backoff(FIRST_PAUSE, short_lives, LONGEST_PAUSE)):
                if self._stop.is_set():
                    return
                short_lives += 1

    def _start_again(self, pause: Seconds) -> bool:
        """False: it was not started, since we are to stop or the machine has no room for a process."""
        if self._stop.wait(pause):
            return False
        try:
            self._process = self._spawn()
        except OSError as error:
            log.warning("the workers cannot be started: %s", error)
            return False
        if self._stop.is_set():  # asked meanwhile: it was not this one that was told
            self._process.terminate()
        return True

    def _spawn(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, env=self._environment, stdin=subprocess.DEVNULL)  # noqa: S603 - ours
