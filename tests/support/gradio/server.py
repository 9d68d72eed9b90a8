"""Gradio apps in processes of their own, each version in its own environment.

Starting one takes many seconds of work, so all test processes of a run share them: the first one starts them, and they
end by themselves when nobody holds the lock `users` any more, however those who held it have ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from support.environments import alone, environment
from support.services import free_port
from support.waiting import eventually

APPS = Path(__file__).with_name("apps.py")
STARTING = 240.0  #: seconds that a busy machine may take to import Gradio and start the apps
ENDING = 0.5  #: seconds they have to end in while we look; where others need them they go on
STARTED: list[subprocess.Popen[bytes]] = []  #: kept, for Python complains of those it forgets while they run


class Apps:
    """The apps of one version of Gradio, `new` or `4`; each is at `url(name)`."""

    def __init__(self, version: str, folder: Path) -> None:
        self.version = version
        self.folder = folder
        self.port = 0
        self._record = folder / "record.jsonl"
        self._record.touch()
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"

    def calls(self, name: str) -> list[dict[str, Any]]:
        """What the functions of an app were called with, in order."""
        whole, _, _ = self._record.read_text(encoding="utf-8").rpartition("\n")  # another may be written just now
        lines = whole.splitlines()
        return [call for call in map(json.loads, lines) if call["app"] == name]

    def wait(self) -> None:
        """Until they answer."""
        eventually(self._answers, timeout=STARTING, every=0.1)

    def _answers(self) -> bool:
        assert self._process is None or self._process.poll() is None, (self.folder / "apps.log").read_text(
            errors="replace"
        )[-3000:]
        try:
            return requests.get(f"{self.url('english')}/config", timeout=60).ok
        except requests.RequestException:
            return False

    def find_or_start(self, python: Path) -> None:
        """Where they run already, their port is written down; they take it away with them when they end."""
        port = self.folder / "port"
        if not port.exists():
            self.port = free_port()
            self._start(python)
            port.write_text(str(self.port))
        self.port = int(port.read_text())

    def leave(self) -> None:
        """They end by themselves when nobody needs them any more, which may be later."""
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(ENDING)

    def _start(self, python: Path) -> None:
        ours = {
            name: value for name, value in os.environ.items() if not name.startswith(("PANSORI_", "GRADIO_", "HF_"))
        }
        settings = {
            **ours,
            "GRADIO_ANALYTICS_ENABLED": "False",
            "GRADIO_TEMP_DIR": str(self.folder / "gradio"),
            "HF_HUB_OFFLINE": "1",
            "MPLCONFIGDIR": str(self.folder / "matplotlib"),
        }
        command = [str(python), str(APPS), str(self.port), str(self.folder)]
        with (self.folder / "apps.log").open("wb") as log:
            self._process = subprocess.Popen(
                command, env=settings, cwd=self.folder, stdout=log, stderr=log, start_new_session=True
            )
        STARTED.append(self._process)


@contextmanager
def running_apps(version: str, folder: Path) -> Iterator[Apps]:
    """The apps of `apps.py` under that Gradio, started but not waited for. `folder`: the same for all processes of a
    run of tests."""
    python = environment(f"gradio-{version}")
    folder.mkdir(exist_ok=True)
    apps = Apps(version, folder)
    with (folder / "users").open("a") as users:
        with alone(folder / "starting"):
            fcntl.flock(users, fcntl.LOCK_SH)
            apps.find_or_start(python)
        yield apps
    apps.leave()
