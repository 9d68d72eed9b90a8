"""What the README tells people to type works as it stands there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.command import clean_environment
from support.readme import blocks
from support.server import running
from support.services import missing

DOCUMENTED = "http://127.0.0.1:8080"
#: `pansori` is the one under test, and an answer that is an error ends the script.
PRELUDE = f"""
set -euo pipefail
pansori() {{ {sys.executable} -m pansori.cli "$@"; }}
curl() {{ command curl --noproxy "*" --show-error --fail-with-body --max-time 300 "$@"; }}
"""
DEBUG = {"PANSORI_COMPOSE_ENGINE": "debug"}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a real server, whose songs take milliseconds."""
    with running(tmp_path_factory.mktemp("server")) as started:
        yield started.url


def script(how: str, folder: Path, address: str = DOCUMENTED) -> str:
    text = PRELUDE + "".join(block.text for block in blocks(how)).replace(DOCUMENTED, address)
    done = subprocess.run(
        ["bash", "-c", text],
        cwd=folder,
        env=clean_environment(**DEBUG),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_blocks_that_ask_a_server(server: str, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        missing("curl")
    told = script("with a server", tmp_path, server)
    assert '"completed"' in told
    assert "house_band" in told
    assert (tmp_path / "song.mp3").stat().st_size > 1000


def test_blocks_for_the_shell_alone(tmp_path: Path) -> None:
    told = script("shell", tmp_path)
    assert "compose.house_band" in told
    assert [path.suffix for path in (tmp_path / "songs").iterdir()] == [".mp3"]
    assert (tmp_path / "rock.flac").read_bytes().startswith(b"fLaC")
    assert (tmp_path / "rock" / "recipe.json").exists()
