"""The command `pansori` as a process of its own, in an environment of its own."""

from __future__ import annotations

import io
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from pansori import settings
from pansori.cli import main
from pansori.settings import Settings
from support.services import ps


def clean_environment(**variables: str) -> dict[str, str]:
    """Ours without any setting of the program or of the language, and with `variables`."""
    ours = {settings.env_name(name) for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("LC_")}
    return {**kept, "LANG": "C.UTF-8", "PYTHONUTF8": "1", **variables}


class Command(Protocol):
    """Runs one command to its end."""

    folder: Path

    def run(self, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]: ...


@dataclass
class Inside:
    """Commands run in this very process, which spares each of them a second of imports."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        out, err = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True), io.StringIO()
        with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err), _own_logging():
            patch.chdir(self.folder)
            wanted = clean_environment(**{**self.variables, **variables})
            for name in set(os.environ) - set(wanted):
                patch.delenv(name)
            for name, value in wanted.items():
                patch.setenv(name, value)
            patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO((stdin or "").encode())))
            code = main(arguments)
        said = out.buffer.getvalue().decode(errors="surrogateescape")
        return _told(subprocess.CompletedProcess(arguments, code, said, err.getvalue()))


@contextmanager
def _own_logging() -> Iterator[None]:
    """A command sets up the process's logging; afterwards it is as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


@dataclass
class Shell:
    """A folder to work in; `variables` are set for every command."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "pansori.cli", *arguments],
            cwd=self.folder,
            env=clean_environment(**self.variables, **variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=600,
        )
        return _told(done)

    def start(self, *arguments: str, stderr: int = subprocess.PIPE, **variables: str) -> subprocess.Popen[str]:
        """In a session of its own, whose id is its pid."""
        return subprocess.Popen(
            [sys.executable, "-m", "pansori.cli", *arguments],
            cwd=self.folder,
            env=clean_environment(**self.variables, **variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )

    def draw(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run one whose standard error is a terminal."""
        ours, theirs = os.openpty()
        with os.fdopen(ours, "rb", buffering=0) as screen:
            command = self.start(*arguments, stderr=theirs, **variables)
            os.close(theirs)
            drawn = b"".join(iter(lambda: _read(screen), b""))
            said, _ = command.communicate(timeout=600)
        return _told(subprocess.CompletedProcess(arguments, command.returncode, said, drawn.decode(errors="replace")))


def _told(done: subprocess.CompletedProcess[str]) -> subprocess.CompletedProcess[str]:
    """What it complained of is shown where the test fails, whatever that looks at."""
    sys.stderr.write(done.stderr)
    return done


def _read(screen: io.RawIOBase) -> bytes:
    """What was written; nothing more once the other side has closed, which Linux calls an error."""
    try:
        return screen.read(4096) or b""
    except OSError:
        return b""


def session_members(leader: int, *, without: str | None = None) -> list[int]:
    """Living processes of the session that `leader` began, zombies not counted, nor whose command has `without`."""
    rows = [line.split(None, 3) for line in ps("-A", "-o", "pid=,sess=,stat=,args=").splitlines()]
    members = [(int(pid), state, command) for pid, session, state, command in rows if session == str(leader)]
    living = [(pid, command) for pid, state, command in members if not state.startswith("Z")]
    return [pid for pid, command in living if without is None or without not in command]
