"""`pansori assets`, `pansori backup` and `pansori restore`: on real songs, in both sizes and both kinds of store."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from support.command import Inside
from support.s3 import S3Server
from support.server import Server, running
from support.services import PostgresServer
from support.waiting import eventually

DEBUG = {"PANSORI_COMPOSE_ENGINE": "debug"}


@pytest.fixture(scope="module")
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


def files(inside: Inside, folder: str = "data") -> list[Path]:
    return sorted((inside.folder / folder / "assets").glob("*/*/*"))


def told(inside: Inside, *arguments: str, code: Any = 0, **variables: str) -> dict[str, Any]:
    done = inside.run(*arguments, "--json", **variables)
    assert done.returncode == code, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


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


# -- backup and restore ------------


@pytest.fixture
def archive(original: Path, inside: Inside) -> Path:
    return Path(shutil.copy2(original / "songs.tar", inside.folder))


def new(inside: Inside, **variables: str) -> dict[str, str]:
    return {"PANSORI_DATA_DIR": str(inside.folder / "new"), **variables}


def test_a_backup_comes_back_whole(inside: Inside, archive: Path) -> None:
    assert archive.stat().st_mode & 0o777 == 0o600
    done = inside.run("restore", "songs.tar", **new(inside))
    assert done.returncode == 0, done.stderr
    assert [path.read_bytes() for path in files(inside, "new")] == [path.read_bytes() for path in files(inside)]
    assert told(inside, "assets", "check", **new(inside))["troubled"] == []
    before, after = (told(inside, "jobs", "list", **where) for where in ({}, new(inside)))
    assert before == after


def test_a_backup_of_one_size_is_restored_into_the_other(
    inside: Inside, archive: Path, postgres_server: PostgresServer, s3_server: S3Server
) -> None:
    url = postgres_server.installation()
    scaled = new(inside, DATABASE_URL=url, **s3_server.environment())
    try:
        assert inside.run("restore", "songs.tar", **scaled).returncode == 0
        assert told(inside, "assets", "check", **scaled)["files"] == 6
        assert told(inside, "jobs", "list", **scaled) == told(inside, "jobs", "list")
        again = inside.run("song", "--genre", "folk", "--output", "again.mp3", **scaled)  # numbers go on behind
        assert again.returncode == 0, again.stderr
        assert inside.run("backup", "scaled.tar", **scaled).returncode == 0
        back = {"PANSORI_DATA_DIR": str(inside.folder / "back")}
        assert inside.run("restore", "scaled.tar", **back).returncode == 0
        assert len(told(inside, "jobs", "list", **back)["jobs"]) == 2
        assert told(inside, "assets", "check", **back)["troubled"] == []
    finally:
        postgres_server.drop(url)


def test_nothing_is_replaced(inside: Inside, archive: Path) -> None:
    before = archive.read_bytes()
    assert inside.run("backup", "songs.tar").returncode == 4
    assert archive.read_bytes() == before
    done = inside.run("restore", "songs.tar")
    assert done.returncode == 4
    assert "not empty" in done.stderr or "something" in done.stderr
    assert told(inside, "assets", "check")["troubled"] == []


def test_no_half_archive_is_left(inside: Inside) -> None:
    for path in files(inside):
        path.unlink()
        path.mkdir()  # which no file can be read from
    done = inside.run("backup", "songs.tar")
    assert done.returncode == 1, done.stderr
    assert list(inside.folder.glob("*songs.tar*")) == []


def members(archive: Path) -> list[tuple[tarfile.TarInfo, bytes]]:
    with tarfile.open(archive) as tar:
        found = []
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            found.append((member, content.read()))
        return found


def rebuild(archive: Path, parts: list[tuple[tarfile.TarInfo, bytes]]) -> None:
    with tarfile.open(archive, "w") as tar:
        for member, content in parts:
            if member.isreg():
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


Parts = list[tuple[tarfile.TarInfo, bytes]]


def changed(parts: Parts, prefix: str, change: Callable[[bytes], bytes]) -> Parts:
    at = next(index for index, (member, _) in enumerate(parts) if member.name.startswith(prefix))
    member, content = parts[at]
    return [*parts[:at], (member, change(content)), *parts[at + 1 :]]


def renamed(parts: Parts, prefix: str, name: str) -> Parts:
    at = next(index for index, (member, _) in enumerate(parts) if member.name.startswith(prefix))
    member = tarfile.TarInfo(name)
    return [*parts[:at], (member, parts[at][1]), *parts[at + 1 :]]


def with_link(parts: Parts) -> Parts:
    link = tarfile.TarInfo("files/ab/cd/00000000-0000-4000-8000-000000000000.txt")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    return [*parts[:-1], (link, b""), parts[-1]]


HOSTILE: dict[str, Callable[[Parts], Parts]] = {
    "cut": lambda parts: parts[:-1],
    "cut in the tables": lambda parts: parts[:5],
    "without a file": lambda parts: [part for part in parts if part is not parts[-2]],
    "another file": lambda parts: changed(parts, "files/", lambda content: bytes(len(content))),
    "a longer file": lambda parts: changed(parts, "files/", lambda content: content + b"more"),
    "another row": lambda parts: changed(parts, "tables/jobs", lambda rows: rows.replace(b"folk", b"rock")),
    "another format": lambda parts: changed(parts, "pansori.json", lambda text: text.replace(b'mat": 1', b'mat": 2')),
    "no header": lambda parts: changed(parts, "pansori.json", lambda _: b"{}"),
    "deep header": lambda parts: changed(parts, "pansori.json", lambda _: b"[" * 100_000),
    "a path out of it": lambda parts: renamed(parts, "files/", "files/../../escaped.txt"),
    "an absolute path": lambda parts: renamed(parts, "files/", "/tmp/escaped.txt"),
    "twice the same": lambda parts: [*parts[:-1], parts[-2], parts[-1]],
    "a link": with_link,
    "an unknown file": lambda parts: [
        *parts[:-1],
        (tarfile.TarInfo("files/ab/cd/00000000-0000-4000-8000-000000000000.txt"), b"hello"),
        parts[-1],
    ],
    "something after the end": lambda parts: [*parts, (tarfile.TarInfo("more"), b"")],
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_whole_backup_is_refused(inside: Inside, archive: Path, name: str) -> None:
    rebuild(archive, HOSTILE[name](members(archive)))
    done = inside.run("restore", "songs.tar", **new(inside))
    assert done.returncode == 2, done.stderr
    assert files(inside, "new") == []
    assert told(inside, "jobs", "list", **new(inside))["jobs"] == []
    assert not list(inside.folder.rglob("escaped.txt"))


@pytest.mark.parametrize("content", [b"", b"no archive at all", bytes(10_240)])
def test_what_is_no_archive_is_refused(inside: Inside, content: bytes) -> None:
    (inside.folder / "songs.tar").write_bytes(content)
    assert inside.run("restore", "songs.tar", **new(inside)).returncode == 2


def other_rows(archive: Path, change: Callable[[bytes], bytes]) -> None:
    """Accounts that are changed with their hash, so that they come as far as the database."""
    parts = changed(members(archive), "tables/accounts", change)
    rows = next(content for member, content in parts if member.name == "tables/accounts.jsonl")

    def note(text: bytes) -> bytes:
        header = json.loads(text)
        table = next(table for table in header["tables"] if table["name"] == "accounts")
        table.update(size=len(rows), sha256=hashlib.sha256(rows).hexdigest(), rows=rows.count(b"\n"))
        return json.dumps(header).encode()

    rebuild(archive, changed(parts, "pansori.json", note))


@pytest.mark.parametrize(
    "change",
    [
        lambda rows: rows.replace(b'"alias":10', b'"alias":"ten"'),
        lambda rows: rows.replace(b'"alias":10', b'"alias":1' + bytes(100).replace(b"\0", b"0")),
        lambda rows: rows.replace(b'"kind":"', b'"kind":"\\ud800'),
        lambda rows: rows + rows,
        lambda rows: b"",
    ],
    ids=["type", "size", "characters", "twice", "none"],
)
def test_rows_that_cannot_be_are_refused(inside: Inside, archive: Path, change: Callable[[bytes], bytes]) -> None:
    other_rows(archive, change)
    done = inside.run("restore", "songs.tar", **new(inside))
    assert done.returncode == 2, done.stderr
    assert files(inside, "new") == []


def test_files_that_are_there_already_are_not_taken_away(inside: Inside, archive: Path) -> None:
    """The database is changed and the store stays: a restore that fails must not cost what was there before it."""
    elsewhere = {"DATABASE_URL": f"sqlite:///{inside.folder / 'another.db'}"}
    whole = archive.read_bytes()
    rebuild(archive, members(archive)[:-1])
    assert inside.run("restore", "songs.tar", **elsewhere).returncode == 2
    assert told(inside, "assets", "check")["troubled"] == []
    archive.write_bytes(whole)
    assert inside.run("restore", "songs.tar", **elsewhere).returncode == 0
    assert told(inside, "assets", "check", **elsewhere)["troubled"] == []


def test_another_file_in_the_place_of_one_is_not_replaced(inside: Inside, archive: Path) -> None:
    elsewhere = {"DATABASE_URL": f"sqlite:///{inside.folder / 'another.db'}"}
    files(inside)[0].write_bytes(b"somebody's")
    done = inside.run("restore", "songs.tar", **elsewhere)
    assert done.returncode == 4
    assert "another file" in done.stderr
    assert files(inside)[0].read_bytes() == b"somebody's"


def test_a_backup_tells_of_files_that_are_lost_and_has_the_others(inside: Inside) -> None:
    gone, damaged, cut = files(inside)[:3]
    gone.unlink()
    damaged.write_bytes(bytes(damaged.stat().st_size))
    cut.write_bytes(cut.read_bytes()[:-1])
    done = inside.run("backup", "rest.tar")
    assert done.returncode == 1
    assert "3 files are missing or damaged" in done.stderr
    assert "deleted" not in done.stdout
    assert inside.run("restore", "rest.tar", **new(inside)).returncode == 0
    assert told(inside, "assets", "check", **new(inside))["files"] == 3


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


# -- while it is at work ------------


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def test_a_backup_of_a_server_at_work_loses_no_job(server: Server, tmp_path: Path) -> None:
    inside = Inside(tmp_path, {**DEBUG, "PANSORI_DATA_DIR": str(tmp_path / "data")})
    task = {"kind": "song", "task": {"genre": "folk", "lyrics": "la la la", "duration": 8}}
    asked = [server.post("/v1/jobs", json=task).json()["id"] for _ in range(5)]

    def one_is_done() -> bool:
        return any(server.get(f"/v1/jobs/{one}").json()["state"] == "succeeded" for one in asked)

    eventually(one_is_done, every=0.02)  # before all are
    done = inside.run("backup", "songs.tar")
    assert done.returncode == 0, done.stderr

    assert inside.run("restore", "songs.tar", **new(inside)).returncode == 0
    there = told(inside, "jobs", "list", **new(inside))["jobs"]
    assert {job["id"] for job in there} == set(asked)
    assert {job["state"] for job in there} > {"succeeded"}  # some were still to be done
    server.stop()
    (tmp_path / "again").mkdir()
    with running(tmp_path / "again", {"PANSORI_DATA_DIR": str(tmp_path / "new")}) as restored:

        def results() -> list[dict[str, Any]]:
            jobs = [restored.get(f"/v1/jobs/{one}").json() for one in asked]
            return jobs if all(job["state"] == "succeeded" for job in jobs) else []

        for job in eventually(results):
            song = restored.get(f"/v1/assets/{job['result']['asset_id']}/content")
            assert song.status_code == 200
            assert len(song.content) > 10_000
    assert told(inside, "assets", "check", **new(inside))["troubled"] == []
