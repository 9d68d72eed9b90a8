"""The command `pansori` as a process of its own, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pansori import settings
from pansori.settings import Settings


def clean_environment(**variables: str) -> dict[str, str]:
    """Ours without any setting of the program or of the language, and with `variables`."""
    ours = {settings.env_name(name) for name in Settings.model_fields}
    kept = {name: value for name, value in os.environ.items() if name not in ours and not name.startswith("LC_")}
    return {**kept, "LANG": "C.UTF-8", "PYTHONUTF8": "1", **variables}


@dataclass(frozen=True)
class Shell:
    """A folder to work in; `variables` are set for every command."""

    folder: Path
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, *arguments: str, stdin: str | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "pansori.cli", *arguments],
            cwd=self.folder,
            env=clean_environment(**self.variables, **variables),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
        )

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """In a process group of its own, whose id is its pid."""
        return subprocess.Popen(
            [sys.executable, "-m", "pansori.cli", *arguments],
            cwd=self.folder,
            env=clean_environment(**self.variables, **variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def session_members(leader: int) -> list[int]:
    """Living processes of the session that `leader` began, zombies not counted."""
    listing = subprocess.run(["ps", "-A", "-o", "pid=,sess=,stat="], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in listing.splitlines()]
    return [int(pid) for pid, session, state in rows if session == str(leader) and not state.startswith("Z")]
