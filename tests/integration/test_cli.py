"""The command line as people use it: real processes, real files, one line where something is wrong."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
from pathlib import Path
from typing import Any

import pytest

import pansori
from pansori.accounts import local_account
from pansori.api import serve
from pansori.bootstrap import build
from pansori.settings import Settings
from pansori.workflows import SongTask
from support.command import Command, Inside, Shell, session_members
from support.waiting import eventually

LYRICS = "여름이 왔네 햇살이 빛나네\n바다로 가자 우리 함께"


DEBUG = {"PANSORI_COMPOSE_ENGINE": "debug"}


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path, DEBUG)


@pytest.fixture
def inside(tmp_path: Path) -> Inside:
    return Inside(tmp_path, DEBUG)


def made(shell: Command, *arguments: str) -> dict[str, Any]:
    done = shell.run("song", "--genre", "folk", "--json", *arguments)
    assert done.returncode == 0, done.stderr
    summary: dict[str, Any] = json.loads(done.stdout)
    return summary


def test_a_song_is_made_and_its_path_printed(shell: Shell) -> None:
    done = shell.run("song", "--genre", "신나는 K-POP", "--lyrics", LYRICS, "--output", "songs/")
    assert done.returncode == 0, done.stderr
    path = shell.folder / done.stdout.splitlines()[0]
    assert path.parent == shell.folder / "songs"
    assert path.suffix == ".mp3"
    assert path.stat().st_size > 1000
    assert "pansori serve" in done.stdout
    assert " % " in done.stderr


def test_the_named_file_decides_the_format(inside: Inside) -> None:
    made(inside, "--output", "mine.flac")
    assert (inside.folder / "mine.flac").read_bytes().startswith(b"fLaC")


def test_everything_else_that_was_made_can_be_had(inside: Inside) -> None:
    summary = made(inside, "--lyrics", LYRICS, "--artifacts", "all", "--picture", "song.svg", "--seed", "7")
    assert {"song", "master", "stem.vocal", "stem.bass", "lrc", "recipe", "picture"} <= set(summary["files"])
    assert all(Path(path).stat().st_size > 0 for path in summary["files"].values())
    assert json.loads(Path(summary["files"]["recipe"]).read_text(encoding="utf-8"))["seed"] == 7
    assert "여름이" in Path(summary["files"]["picture"]).read_text(encoding="utf-8")


def test_the_same_seed_gives_the_same_bytes(inside: Inside) -> None:
    first, second = (made(inside, "--lyrics", "la la", "--seed", "7", "--output", f"{n}.wav") for n in (1, 2))
    assert Path(first["path"]).read_bytes() == Path(second["path"]).read_bytes()


def test_lyrics_come_from_a_file_or_from_standard_input(inside: Inside) -> None:
    (inside.folder / "words.txt").write_text("from a file", encoding="utf-8")
    assert Path(made(inside, "--lyrics", "@words.txt")["path"]).stem == "from a file"
    done = inside.run("song", "--genre", "folk", "--lyrics", "-", "--json", stdin="from a pipe")
    assert Path(json.loads(done.stdout)["path"]).stem == "from a pipe"


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["song"], 2, "--genre"),
        (["sing"], 2, "song"),
        (["song", "-g", "folk", "--duration", "0.5"], 2, "--duration"),
        (["song", "-g", "folk", "--seed", "-1"], 2, "--seed"),
        (["song", "-g", "x" * 1001], 2, "1000"),
        (["song", "-g", "folk", "--set", "nothing=1"], 2, "nothing"),
        (["song", "-g", "folk", "-f", "mp3", "-o", "a.wav"], 2, "--format"),
        (["song", "-g", "folk", "-o", "a.ogg"], 2, ".opus"),
        (["song", "-g", "folk", "-o", "/dev/null/a.mp3"], 1, "/dev/null/a.mp3"),
        (["song", "-g", "folk", "--picture", "/dev/null/a.svg"], 1, "/dev/null/a.svg"),
        (["song", "-g", "folk", "-l", "@nowhere.txt"], 3, "nowhere.txt"),
        (["song", "-g", "folk", "-l", "@."], 2, "@"),
        (["song", "-g", "folk", "--engine", "nobody"], 2, "house_band"),
        (["song", "-g", "folk", "-f", "ogg"], 2, "'--format' / '-f': 'ogg' is not one of"),
        (["restore", "/nope.tar"], 3, "There is no file /nope.tar"),
        (["worker", "--queues", "tpu"], 2, "gpu"),
        (["jobs", "show", "0000"], 3, "jobs list"),
        (["jobs", "show", "00000000-0000-4000-8000-000000000000"], 3, ""),
    ],
)
def test_what_is_wrong_is_told_in_one_line(inside: Inside, arguments: list[str], code: int, told: str) -> None:
    done = inside.run(*arguments)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("pansori: ")
    assert done.stderr.count("\n") == 1
    assert told in done.stderr


def test_a_misspelt_setting_is_an_error_with_the_nearest_name(inside: Inside) -> None:
    done = inside.run("engines", PANSORI_WORKER="3")
    assert done.returncode == 6
    assert "PANSORI_WORKERS" in done.stderr


def test_it_speaks_korean_where_the_locale_is_korean(inside: Inside) -> None:
    assert "없어요" in inside.run("jobs", "show", "0000", LANG="ko_KR.UTF-8").stderr
    assert "없어요" not in inside.run("jobs", "show", "0000", LANG="ko_KR.UTF-8", PANSORI_LANG="en").stderr


def test_the_language_may_stand_in_the_env_file(inside: Inside) -> None:
    (inside.folder / ".env").write_text("PANSORI_LANG=ko\n")
    assert "없어요" in inside.run("jobs", "show", "0000").stderr


def test_on_a_terminal_a_bar_is_drawn(shell: Shell) -> None:
    done = shell.draw("song", "--genre", "folk", "--lyrics", LYRICS)
    assert done.returncode == 0, done.stderr
    assert "━" in done.stderr


def test_jobs_are_listed_shown_followed_and_not_cancelled_afterwards(inside: Inside) -> None:
    job = made(inside, "--lyrics", "la la")["job"]
    listed = json.loads(inside.run("jobs", "list", "--json").stdout)["jobs"]
    assert [(one["id"], one["state"], one["origin"]) for one in listed] == [(job, "succeeded", "cli")]
    for columns in ("60", "200"):  # what was asked for gives way, not the id
        row = inside.run("jobs", "list", "--state", "succeeded", COLUMNS=columns).stdout
        assert f" {job[:8]} " in row
        assert " succeeded " in row
    assert json.loads(inside.run("jobs", "list", "--state", "failed", "--json").stdout) == {"jobs": []}
    nothing = inside.run("jobs", "list", "--state", "failed")
    assert (nothing.returncode, nothing.stdout) == (0, "")
    assert "pansori.db" in nothing.stderr
    shown = json.loads(inside.run("jobs", "show", job[:8], "--json").stdout)
    assert [step["name"] for step in shown["steps"]] == ["compose", "deliver"]
    followed = inside.run("jobs", "follow", job, "--json")
    assert followed.returncode == 0
    events = [json.loads(line) for line in followed.stdout.splitlines()]
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "succeeded"
    for command in ("cancel", "retry"):
        refused = inside.run("jobs", command, job)
        assert (refused.returncode, refused.stderr.count("\n")) == (4, 1)


def test_the_database_is_made_checked_and_kept(inside: Inside) -> None:
    assert inside.run("db", "check").returncode == 6
    assert inside.run("db", "upgrade").returncode == 0
    checked = inside.run("db", "check", "--json")
    assert checked.returncode == 0
    assert json.loads(checked.stdout)["fits"] is True
    assert "up to date" in inside.run("db", "upgrade").stdout


def test_engines_are_shown_for_people_and_for_programs(inside: Inside) -> None:
    engines = json.loads(inside.run("engines", "--json").stdout)["engines"]
    assert {"house_band", "debug"} <= {engine["name"] for engine in engines}
    shown = inside.run("engines", PANSORI_SPEAK_ENGINE="piper").stdout
    assert re.search("speak.piper +missing +.*pansori models get", " ".join(shown.split()))
    assert "compose.debug" in shown
    assert len(shown.splitlines()) < 30
    assert "phoneme" in inside.run("engines", "speak.espeak").stdout
    assert "음소" in inside.run("engines", "speak", PANSORI_LANG="ko").stdout
    assert inside.run("engines", "nobody").returncode == 3


def test_the_doctor_finds_what_is_missing_and_names_the_cure(inside: Inside) -> None:
    well = inside.run("doctor", "--json", PORT="0")
    checks = json.loads(well.stdout)["checks"]
    assert {check["name"] for check in checks} >= {"python", "codecs", "soundfont", "database", "broker", "disk"}
    assert (well.returncode, [check for check in checks if check["state"] == "missing"]) == (0, [])
    ill = inside.run("doctor", PANSORI_SOUNDFONT="/nowhere.sf2", PANSORI_BROKER_URL="redis://127.0.0.1:1")
    assert ill.returncode == 1
    assert "→ " in ill.stdout


def test_version_and_help(shell: Shell) -> None:
    assert shell.run("--version").stdout == f"pansori {pansori.__version__}\n"
    helped = shell.run("--help")
    assert helped.returncode == 0, helped.stderr
    assert "Exit codes" in helped.stdout


@pytest.mark.parametrize("group", [(), ("jobs",), ("db",)])
def test_a_group_without_a_command_shows_its_help(inside: Inside, group: tuple[str, ...]) -> None:
    done = inside.run(*group)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Commands:" in done.stderr.splitlines()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_the_job_is_cancelled_and_nothing_is_left_running(tmp_path: Path, number: signal.Signals) -> None:
    shell = Shell(tmp_path)  # the house band, since it takes its time and has children
    command = shell.start("song", "--genre", "ballad", "--lyrics", LYRICS, "--duration", "45")
    assert command.stderr is not None
    try:
        told = command.stderr.readline() + command.stderr.readline()  # the second stage has begun
        assert "Traceback" not in told
        command.send_signal(number)
        _, rest = command.communicate(timeout=300)
        assert command.returncode == 130, told + rest
        assert rest.splitlines()[-1].startswith("pansori: ")
        assert "Traceback" not in rest
        eventually(lambda: not session_members(command.pid))
    finally:
        if session_members(command.pid):
            os.killpg(command.pid, signal.SIGKILL)
    jobs = json.loads(Inside(tmp_path).run("jobs", "list", "--json").stdout)["jobs"]
    assert [job["state"] for job in jobs] == ["cancelled"]
    assert list(tmp_path.glob("*.mp3")) == []


def test_the_server_says_where_it_is_and_ends_when_told(shell: Shell) -> None:
    server = shell.start("serve", "--port", "0", "--workers", "1")
    assert server.stdout is not None
    try:
        assert "http://127.0.0.1:" in server.stdout.readline()
        server.send_signal(signal.SIGINT)
        _, complaint = server.communicate(timeout=300)
        assert server.returncode == 0, complaint
        eventually(lambda: not session_members(server.pid))
    finally:
        if session_members(server.pid):
            os.killpg(server.pid, signal.SIGKILL)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_server_ends_in_good_order_however_soon_it_is_told(tmp_path: Path, number: signal.Signals) -> None:
    before = signal.getsignal(number)
    services = build(Settings(data_dir=tmp_path, compose_engine="debug", port=0))
    try:
        serve(services, on_started=lambda url: signal.raise_signal(number))
    finally:
        services.close()
    assert signal.getsignal(number) is before


def test_a_port_that_is_taken_is_an_error_with_its_cure(inside: Inside) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = inside.run("serve", "--port", str(taken.getsockname()[1]))
    assert (done.returncode, done.stderr.count("\n")) == (6, 1)
    assert "--port" in done.stderr


def test_an_address_that_others_reach_is_refused_while_there_is_no_login(inside: Inside) -> None:
    done = inside.run("serve", "--host", "0.0.0.0", "--port", "0")
    assert (done.returncode, done.stderr.count("\n")) == (6, 1)


def test_a_waiting_job_is_cancelled_and_queued_again(inside: Inside) -> None:
    services = build(Settings(data_dir=inside.folder / "pansori-data", compose_engine="debug"))
    try:
        with services.database.write() as session:
            owner = local_account(session)
        job = str(services.submit("song", SongTask(genre="folk"), owner=owner, origin="v1").id)
    finally:
        services.close()
    assert json.loads(inside.run("jobs", "cancel", job, "--json").stdout)["state"] == "cancelled"
    assert inside.run("jobs", "follow", job).returncode == 130
    assert "queued" in inside.run("jobs", "retry", job[:8]).stdout
    assert json.loads(inside.run("jobs", "show", job, "--json").stdout)["state"] == "queued"
