"""Environments of their own for programs that the tests talk to, locked by hash and made when they are first needed."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REQUIREMENTS = Path(__file__).parents[2] / "requirements"
ENVIRONMENTS = Path(sys.prefix) / "environments"


def environment(name: str) -> Path:
    """The Python that has what `requirements/<name>.txt` locks. Skips on a laptop where that cannot be installed, and
    fails where `CI` is set."""
    wanted = REQUIREMENTS / f"{name}.txt"
    digest = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()
    folder = ENVIRONMENTS / name
    python, stamp = folder / "bin" / "python", folder / "installed"
    ENVIRONMENTS.mkdir(exist_ok=True)
    with alone(ENVIRONMENTS / f"{name}.lock"):
        if not (stamp.is_file() and stamp.read_text() == digest):
            _install(folder, python, wanted)
            stamp.write_text(digest)
    return python


def _install(folder: Path, python: Path, wanted: Path) -> None:
    uv = shutil.which("uv", path=os.pathsep.join([str(Path(sys.prefix) / "bin"), os.environ.get("PATH", "")]))
    if uv is None:
        _missing("uv is not installed")
    locked = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]  # to build one takes what nobody has locked
    for command in (
        [uv, "venv", "--clear", "--python", sys.executable, folder],
        [uv, "pip", "install", "--python", python, *locked, "--requirement", wanted],
    ):
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
        if done.returncode:
            _missing(f"{wanted.name} cannot be installed: {done.stderr}")


def _missing(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Tests run side by side; one of them does it, and the others wait."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
