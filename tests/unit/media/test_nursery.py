"""Processes that decode, and the one that they are forked from: each may end at any time."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from pansori.domain.units import Seconds
from pansori.media import probe
from pansori.media._nursery import DECODER, Ended, ask
from support.media import decoders_of, wave_file
from support.waiting import eventually

LIMITS = {"seconds": 10.0, "channels": 2, "rate": 48_000, "decoded": 1 << 30, "memory": 1 << 30, "cpu": 100.0}
LONG = Seconds(600.0)
linux = pytest.mark.skipif(sys.platform != "linux", reason="no process is forked there, and there is no /proc")
both = pytest.mark.parametrize("fork", [True, False], ids=["forked", "started anew"])


def request(path: Path) -> str:
    return json.dumps({"path": str(path), "raw": None, "room": [-1, -1], "limits": LIMITS})


@pytest.fixture
def pipe(tmp_path: Path) -> Iterator[Path]:
    """A file that whoever reads it waits for, without end."""
    path = tmp_path / "song.wav"
    os.mkfifo(path)
    file = os.open(path, os.O_RDWR)
    yield path
    os.close(file)


def nursery() -> psutil.Process:
    """Whose children are forked for this process."""
    [found] = [child for child in psutil.Process().children() if is_nursery(child)]
    return found


def is_nursery(process: psutil.Process) -> bool:
    """Other tests of this process may have left who speaks and stays as well, and children that have ended."""
    with suppress(psutil.NoSuchProcess):
        return bool(process.cmdline()[-2:] == [str(DECODER), "stay"])
    return False


@linux
@both
def test_how_one_ended_is_told(pipe: Path, fork: bool) -> None:
    ended = list[Ended]()
    asking = threading.Thread(target=lambda: ended.append(ask(request(pipe), (), LONG, fork=fork)))
    asking.start()
    [decoder] = eventually(lambda: decoders_of(pipe))
    os.kill(decoder, signal.SIGSEGV)
    asking.join()
    assert ended == [Ended(b"", -signal.SIGSEGV)]


@linux
@both
def test_one_that_takes_too_long_is_ended(pipe: Path, fork: bool) -> None:
    with pytest.raises(TimeoutError):
        ask(request(pipe), (), Seconds(0.5), fork=fork)
    eventually(lambda: not decoders_of(pipe))


@pytest.mark.parametrize("fork", [pytest.param(True, marks=linux), False], ids=["forked", "started anew"])
def test_many_are_at_work_at_once(tmp_path: Path, fork: bool) -> None:
    asked = request(wave_file(tmp_path / "song.wav"))
    with ThreadPoolExecutor(2) as threads:
        first, *others = threads.map(lambda _: ask(asked, (), LONG, fork=fork), range(4))
    assert json.loads(first.said)["seconds"] == pytest.approx(1.0)
    assert all(other == first for other in others)


@linux
def test_one_that_waits_hinders_no_other(pipe: Path, tmp_path: Path) -> None:
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(ask, request(pipe), (), LONG)
        [decoder] = eventually(lambda: decoders_of(pipe))
        assert probe(wave_file(tmp_path / "other.wav")).channels == 2
        os.kill(decoder, signal.SIGKILL)
        assert waiting.result() == Ended(b"", -signal.SIGKILL)


@linux
def test_it_is_started_again_when_it_has_ended(tmp_path: Path) -> None:
    path = wave_file(tmp_path / "song.wav")
    found = probe(path)
    first = nursery()
    first.kill()
    assert probe(path) == found
    assert nursery().pid != first.pid


@linux
def test_told_to_end_with_all_others_it_stays_for_those_it_works_for(tmp_path: Path) -> None:
    path = wave_file(tmp_path / "song.wav")
    found = probe(path)
    first = nursery()
    for number in (signal.SIGINT, signal.SIGTERM):
        first.send_signal(number)
    assert probe(path) == found
    assert nursery().pid == first.pid


@linux
def test_it_opens_nothing_itself_and_knows_no_secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = wave_file(tmp_path / "song.wav")
    probe(path)
    nursery().kill()
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@localhost/songs")
    probe(path)
    assert "DATABASE_URL" not in nursery().environ()
    assert path not in [Path(file.path) for file in nursery().open_files()]


FORKED = """
import os, sys
from pathlib import Path
from pansori.media import probe
path = Path(sys.argv[1])
probe(path)
if child := os.fork():
    _, status = os.waitpid(child, 0)
    probe(path)
    sys.exit(os.waitstatus_to_exitcode(status))
probe(path)
"""


@linux
def test_a_forked_process_has_its_own_and_leaves_the_other_s_alone(tmp_path: Path) -> None:
    path = wave_file(tmp_path / "song.wav")
    done = subprocess.run([sys.executable, "-c", FORKED, str(path)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
