"""`pansori backup` and `pansori restore`: a real song, every table, both sizes, damaged archives, a server at work."""

from __future__ import annotations

import hashlib
import io
import json
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from pansori import db
from pansori.db import Database
from pansori.db.tables import Account, Asset, Base, Upload
from pansori.settings import load
from support.command import Inside
from support.rows import fill
from support.s3 import S3Server
from support.server import Server, running
from support.services import PostgresServer
from support.stored import DEBUG, files, new, told
from support.waiting import eventually


@pytest.fixture
def archive(original: Path, inside: Inside) -> Path:
    return Path(shutil.copy2(original / "songs.tar", inside.folder))


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


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_every_table_comes_back(inside: Inside, kind: str, request: pytest.FixtureRequest) -> None:
    """But what is true of a moment only: which workers there are, and which files are on their way."""
    where = new(inside)
    if kind == "postgresql":
        where["DATABASE_URL"] = request.getfixturevalue("postgres_server").installation()
    with database_at(f"sqlite:///{inside.folder / 'data' / 'pansori.db'}") as database:
        with database.write() as session:
            [owner] = session.scalars(select(Account.id))
            coming = Asset(id=uuid4(), owner=owner, key="coming", state="pending", name="x", media_type="x", size=0)
            coming.sha256, coming.created_at = "", db.now(session)
            fill(session.connection(), each=1)  # before there is a file that is left out, so that nothing needs it
            session.add(coming)
            session.flush()
            session.execute(update(Upload).values(asset_id=coming.id, state="open"))
        before = dumped(database)
    done = inside.run("backup", "all.tar")
    assert done.returncode == 0, done.stderr
    assert "1 uploads are not whole yet" in done.stdout
    restored = inside.run("restore", "all.tar", **where)
    assert restored.returncode == 0, restored.stderr
    with database_at(where.get("DATABASE_URL") or f"sqlite:///{inside.folder / 'new' / 'pansori.db'}") as database:
        db.check(database)
        after = dumped(database)
    left_out = {"uploads", "workers"}
    assert {name for name, rows in before.items() if not rows} == set()
    assert not any(after[name] for name in left_out)
    before["assets"] = [row for row in before["assets"] if row["id"] != str(coming.id)]
    for name in before.keys() - left_out:
        assert after[name] == before[name], name
    assert told(inside, "assets", "check", **where)["troubled"] == []


@contextmanager
def database_at(url: str) -> Iterator[Database]:
    database = Database(load(database_url=url).database)
    yield database
    database.close()


def dumped(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row as JSON has it."""
    with database.read() as session:
        return {table.name: list(db.dump(session, table)) for table in Base.metadata.sorted_tables}


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
    with server.held():
        asked.append(server.post("/v1/jobs", json=task).json()["id"])  # one that nobody has begun
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
