"""A server that cannot start says why in one line, with the cure, and ends with the code for it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from support.command import Inside
from support.server import Server

CONFIGURATION = 6


@pytest.fixture
def command(tmp_path: Path) -> Inside:
    return Inside(tmp_path, {"PANSORI_DATA_DIR": str(tmp_path / "data"), "PORT": "0"})


@pytest.mark.parametrize(
    ("variables", "arguments", "said"),
    [
        ({}, ("--host", "0.0.0.0"), "PANSORI_OPEN_TO_ALL"),
        ({}, ("--host", "::"), "PANSORI_OPEN_TO_ALL"),
        ({}, ("--only", "opera"), "memoria"),
        ({"PANSORI_WORKRES": "2"}, (), "PANSORI_WORKERS"),
        ({"DATABASE_URL": "mysql://x"}, (), "sqlite:///"),
        ({"DATABASE_URL": "nonsense"}, (), "sqlite:///"),
        ({"DATABASE_URL": "postgresql://a:secret@:::/b"}, (), "postgresql://"),
        ({"DATABASE_URL": "postgresql://a:secret@127.0.0.1:1/b"}, (), "DATABASE_URL"),
        ({"PANSORI_BROKER_URL": "nonsense"}, (), "redis://"),
        ({"PANSORI_DATA_DIR": "file/below"}, (), "PANSORI_DATA_DIR"),
        ({"PANSORI_DATA_DIR": "junk"}, (), "PANSORI_DATA_DIR"),
        ({"PANSORI_DATA_DIR": "newer"}, (), "PANSORI_DATA_DIR"),
    ],
)
def test_what_stands_in_the_way_is_one_line(
    command: Inside, variables: dict[str, str], arguments: tuple[str, ...], said: str
) -> None:
    (command.folder / "file").touch()
    (command.folder / "junk").mkdir()
    (command.folder / "junk" / "pansori.db").write_text("not a database, and long enough to be read as one" * 9)
    (command.folder / "newer").mkdir()
    with sqlite3.connect(command.folder / "newer" / "pansori.db") as newer:
        newer.execute("CREATE TABLE alembic_version (version_num TEXT)")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
    newer.close()
    done = command.run("serve", *arguments, **variables)
    assert (done.returncode, done.stdout) == (CONFIGURATION, "")
    [line] = done.stderr.splitlines()
    assert line.startswith("pansori: ")
    assert said in line
    assert "secret" not in line


def test_a_port_that_is_taken_is_told(command: Inside, shared_server: Server) -> None:
    done = command.run("serve", "--port", str(shared_server.port))
    assert done.returncode == CONFIGURATION
    [line] = done.stderr.splitlines()
    assert "in use" in line
    assert shared_server.get("/ready").status_code == 200


def test_doctor_survives_what_it_looks_for(command: Inside) -> None:
    done = command.run("doctor", DATABASE_URL="nonsense")
    assert done.returncode == 1
    assert "DATABASE_URL" in done.stdout
