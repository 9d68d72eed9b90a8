"""What each command and option does beside what `test_cli` tells of: help, engines' troubles, servers and workers."""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType

import pytest
import requests

from pansori import jobs
from pansori.bootstrap import build
from pansori.settings import Settings
from support.command import Inside, Shell, session_members
from support.server import Server
from support.signals import coming
from support.waiting import eventually

DEBUG = {"PANSORI_COMPOSE_ENGINE": "debug"}


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    return Inside(tmp_path, DEBUG)


@contextmanager
def started(shell: Shell, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command that goes on until it is told to end, and then leaves nothing."""
    command = shell.start(*arguments)
    try:
        yield command
        command.send_signal(signal.SIGTERM)
        _, complaint = command.communicate(timeout=300)
        assert command.returncode == 0, complaint
    finally:
        command.kill()
        command.communicate(timeout=300)
        eventually(lambda: not session_members(command.pid))


@pytest.mark.parametrize("command", ["song", "say", "serve", "worker", "engines", "doctor", "jobs", "db"])
def test_help_teaches_by_examples(inside: Inside, command: str) -> None:
    helped = inside.run(command, "--help")
    assert helped.returncode == 0
    examples = [line for line in helped.stdout.splitlines() if line.startswith("  ")]
    assert [line for line in examples if f"pansori {command}" in line]


def test_an_engine_that_cannot_be_used_is_shown_with_reason_and_cure(inside: Inside) -> None:
    settings = {"PANSORI_SOUNDFONT": "/nowhere.sf2", "COLUMNS": "200"}
    shown = inside.run("engines", "house_band", **settings)
    assert shown.returncode == 0
    [engine] = [
        engine
        for engine in json.loads(inside.run("engines", "--json", **settings).stdout)["engines"]
        if engine["name"] == "house_band"
    ]
    assert engine["state"] == "missing"
    assert "/nowhere.sf2" in engine["reason"]
    told = " ".join(shown.stdout.split())
    for part in ("compose.house_band", "missing", engine["cure"].split()[0], "/nowhere.sf2"):
        assert part in told
    refused = inside.run("song", "--genre", "folk", "--engine", "house_band", **settings)
    assert (refused.returncode, refused.stderr.count("\n")) == (5, 1)
    assert engine["cure"] in refused.stderr


def test_duration_and_format_are_obeyed(inside: Inside) -> None:
    made = inside.run("song", "-g", "folk", "--duration", "6.5", "--format", "opus", "--output", "songs/", "--json")
    summary = json.loads(made.stdout)
    assert summary["song"]["duration"] == 6.5
    path = Path(summary["path"])
    assert (path.parent, path.suffix) == (inside.folder / "songs", ".opus")
    assert path.read_bytes().startswith(b"OggS")


def test_one_contract_is_served_alone(tmp_path: Path) -> None:
    shell = Shell(tmp_path, DEBUG)
    with started(shell, "serve", "--host", "localhost", "--port", "0", "--only", "memoria", "--workers", "0") as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[3]
        assert url.startswith("http://localhost:")
        assert requests.get(url, timeout=120).json()["message"] == "Memoria Music API"
        assert requests.get(f"{url}/status", timeout=120).status_code == 200
        assert requests.get(f"{url}/v1/jobs", timeout=120).status_code == 404


def test_a_worker_works_for_the_queues_it_was_given(tmp_path: Path) -> None:
    server = Server(tmp_path, {"PANSORI_WORKERS": "0"})
    services = build(Settings(data_dir=tmp_path / "data"))

    def served() -> frozenset[str]:
        with services.database.read() as session:
            return frozenset(jobs.served_queues(session))

    shell = Shell(tmp_path, {**DEBUG, "PANSORI_DATA_DIR": str(tmp_path / "data")})
    try:
        with started(shell, "worker", "--queues", "gpu"):
            eventually(lambda: served() == {"gpu"})
            server.start(until_ready=False)
            song = server.post("/v1/jobs", json={"kind": "song", "task": {"genre": "jazz"}}).json()
            assert server.get("/ready").status_code == 503
            with started(shell, "worker", "--queues", "cpu", "--workers", "1"):
                eventually(lambda: served() == {"cpu", "gpu"})
                eventually(lambda: server.get(f"/v1/jobs/{song['id']}").json()["state"] == "succeeded")
                eventually(lambda: server.get("/ready").status_code == 200)
    finally:
        services.close()
        if server.process is not None:
            server.stop()


@pytest.mark.parametrize(
    ("command", "begins", "number"),
    [
        (("worker",), build, signal.SIGTERM),
        (("serve", "--port", "0", "--workers", "0"), jobs.Sweeper.start, signal.SIGINT),
    ],
    ids=["worker", "server"],
)
def test_who_is_told_to_end_before_it_has_begun_ends_well(
    inside: Inside, command: tuple[str, ...], begins: FunctionType, number: signal.Signals
) -> None:
    with coming(number, lambda frame: frame.f_code is begins.__code__):
        done = inside.run(*command)
    assert (done.returncode, "cancelled" in done.stderr) == (0, False)


@pytest.mark.parametrize(
    ("chosen", "state", "told"),
    [("", "ok", "none"), ("owner/name", "ok", "owner/name"), ("http://127.0.0.1:9", "missing", "http://127.0.0.1:9")],
)
def test_the_doctor_tells_of_the_space(inside: Inside, chosen: str, state: str, told: str) -> None:
    done = inside.run("doctor", "--json", HF_SPACE_ID=chosen, PORT="0")
    [seen] = [one for one in json.loads(done.stdout)["checks"] if one["name"] == "space"]
    assert seen["state"] == state
    assert told in seen["seen"]
    assert (seen["cure"] is not None) == (state == "missing")
