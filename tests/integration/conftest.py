"""What several files of tests share: real Gradio apps, and an installation with a song."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.command import Inside
from support.gradio.server import Apps, running_apps
from support.stored import DEBUG

VERSIONS = ("new", "4")


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Apps]]:
    """Both start at once: importing Gradio takes its time. Kept to the end, for another test may come here."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with ExitStack() as stack:
        yield {
            version: stack.enter_context(running_apps(version, shared / f"gradio-{version}")) for version in VERSIONS
        }


@pytest.fixture(scope="session", params=VERSIONS)
def apps(request: pytest.FixtureRequest, running: dict[str, Apps]) -> Apps:
    apps: Apps = running[request.param]
    apps.wait()
    return apps


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of an installation with one song, and an archive of it."""
    folder = tmp_path_factory.mktemp("original")
    command = Inside(folder, {**DEBUG, "PANSORI_DATA_DIR": str(folder / "data")})
    for arguments in (
        ("song", "--genre", "folk", "--lyrics", "la la", "--output", "song.mp3"),
        ("backup", "songs.tar"),
    ):
        done = command.run(*arguments)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def inside(original: Path, tmp_path: Path) -> Inside:
    """A copy of that installation."""
    shutil.copytree(original / "data", tmp_path / "data")
    return Inside(tmp_path, {**DEBUG, "PANSORI_DATA_DIR": str(tmp_path / "data")})
