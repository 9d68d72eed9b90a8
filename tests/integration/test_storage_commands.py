"""`pansori assets` on a real song's files, in both kinds of store; and what no more room does."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from support.command import Inside
from support.s3 import S3Server
from support.stored import files, told

# -- check and collect ------------


def test_all_is_well(inside: Inside) -> None:
    found = told(inside, "assets", "check")
    assert found["files"] == len(files(inside)) == 6
    assert found["bytes"] == sum(path.stat().st_size for path in files(inside))
    assert (found["troubled"], found["unknown"]["files"]) == ([], 0)
    assert "All are there" in inside.run("assets", "check").stdout


def test_each_trouble_is_told(inside: Inside) -> None:
    gone, shorter, other = files(inside)[:3]
    gone.unlink()
    shorter.write_bytes(shorter.read_bytes()[:-1])
    other.write_bytes(bytes(other.stat().st_size))
    found = told(inside, "assets", "check", code=1)
    assert {one["trouble"] for one in found["troubled"]} == {"missing", "size", "content"}
    quick = told(inside, "assets", "check", "--quick", code=1)
    assert {one["trouble"] for one in quick["troubled"]} == {"missing", "size"}
    shown = inside.run("assets", "check")
    assert shown.returncode == 1
    assert "missing" in shown.stdout


def test_the_doctor_sees_that_files_are_missing(inside: Inside) -> None:
    def store() -> dict[str, str]:
        done = inside.run("doctor", "--json")
        found: dict[str, str] = next(one for one in json.loads(done.stdout)["checks"] if one["name"] == "store")
        return found

    assert store()["state"] == "ok"
    for path in files(inside):
        path.unlink()
    assert store()["state"] == "missing"
    assert "assets check" in store()["cure"]


def stray(inside: Inside, number: int = 0) -> Path:
    path = inside.folder / "data" / "assets" / "ab" / "cd" / f"{number:08d}-0000-4000-8000-000000000000.bin"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"unknown")
    os.utime(path, (0, 0))
    return path


def test_what_nobody_knows_is_collected_when_that_is_meant(inside: Inside) -> None:
    path = stray(inside)
    key = path.relative_to(inside.folder / "data" / "assets").as_posix()
    would_go = told(inside, "assets", "collect", "--dry-run")
    assert would_go == {"files": 1, "bytes": 7, "deleted": False, "keys": [key]}
    assert path.exists()
    assert "1 files" in inside.run("assets", "collect").stdout
    assert not path.exists()
    assert len(files(inside)) == 6


def test_files_of_another_database_are_not_collected_by_mistake(inside: Inside) -> None:
    for number in range(11):
        stray(inside, number)
    elsewhere = {"DATABASE_URL": f"sqlite:///{inside.folder / 'another.db'}"}
    done = inside.run("assets", "collect", **elsewhere)
    assert done.returncode == 4
    assert "--force" in done.stderr
    assert len(files(inside)) == 17
    assert told(inside, "assets", "collect", "--force")["files"] == 11


# -- move ------------


def test_files_move_to_s3_and_back(inside: Inside, s3_server: S3Server) -> None:
    bucket = s3_server.environment()
    place = bucket["PANSORI_STORE"]
    access = {name: value for name, value in bucket.items() if name.startswith("AWS_")}
    done = inside.run("assets", "move", "--to", place, **access)
    assert done.returncode == 0, done.stderr
    assert "6 copied" in done.stdout
    assert f"PANSORI_STORE={place}" in done.stdout
    assert len(files(inside)) == 6  # nothing is deleted
    assert "0 copied" in inside.run("assets", "move", "--to", place, **access).stdout
    assert told(inside, "assets", "check", **bucket)["troubled"] == []

    for path in files(inside):
        path.unlink()
    assert "6 copied" in inside.run("assets", "move", "--to", "local", **bucket).stdout
    assert told(inside, "assets", "check")["troubled"] == []


def test_a_damaged_file_is_not_moved(inside: Inside, s3_server: S3Server) -> None:
    bucket = s3_server.environment()
    files(inside)[0].write_bytes(b"something else")
    done = inside.run("assets", "move", "--to", bucket.pop("PANSORI_STORE"), **bucket)
    assert done.returncode == 1
    assert "assets check" in done.stderr


def test_a_missing_file_is_named_and_the_others_move(inside: Inside, s3_server: S3Server) -> None:
    bucket = s3_server.environment()
    files(inside)[0].unlink()
    done = inside.run("assets", "move", "--to", bucket.pop("PANSORI_STORE"), **bucket)
    assert done.returncode == 1
    assert "5 copied" in done.stdout
    assert files(inside)[0].name not in done.stderr
    assert "missing in" in done.stderr


@pytest.mark.parametrize(("place", "code"), [("local", 2), ("ftp://songs", 6), ("s3://songs", 6)])
def test_places_that_are_none(inside: Inside, place: str, code: int) -> None:
    half_a_key = {"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": ""}
    assert inside.run("assets", "move", "--to", place, **half_a_key).returncode == code


# -- quotas ------------


def test_a_full_account_makes_no_more_songs(inside: Inside) -> None:
    used = sum(path.stat().st_size for path in files(inside))
    nearly = {"PANSORI_ACCOUNT_QUOTA": str(used + 1000)}
    begun = inside.run("song", "--genre", "rock", "--output", "more.mp3", **nearly)
    assert begun.returncode == 1
    assert "MiB" in begun.stderr
    assert len(files(inside)) == 6  # what it had written is gone
    full = {"PANSORI_ACCOUNT_QUOTA": str(used)}
    before = told(inside, "jobs", "list")["jobs"]
    assert inside.run("song", "--genre", "rock", "--output", "more.mp3", **full).returncode == 1
    assert told(inside, "jobs", "list")["jobs"] == before
