"""`pansori restore`. An archive is looked at as if a stranger had made it: no name, size or hash in it is believed."""

from __future__ import annotations

import hashlib
import json
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from uuid import UUID

from sqlalchemy import delete, exists, func, select
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session

from pansori import db, jobs
from pansori.accounts import LOCAL_LOGIN
from pansori.cli.backup.archive import (
    END,
    FILES,
    FORMAT,
    HEADER,
    LONGEST_NOTE,
    LONGEST_ROW,
    TABLES,
    End,
    Header,
    TableNote,
    no_backup,
    read_note,
)
from pansori.cli.language import say
from pansori.cli.progress import counting
from pansori.cli.services import opened
from pansori.db.tables import Account, Asset, Job, Track, Turn
from pansori.domain.errors import Conflict, InvalidRequest, NotFound, Text
from pansori.lexicon.particles import attach
from pansori.media import CHUNK, READY, AssetStore, is_asset_key, storage_full
from pansori.workflows import Services


@dataclass(frozen=True)
class _Expected:
    """What the archive's rows say of a file."""

    id: UUID
    size: int
    sha256: str


def restore_backup(file: Path) -> int:
    if not file.is_file():  # before a database is made for it
        raise NotFound(
            Text(f"There is no file {file}.", f"{file} 파일이 없어요."),
            field="file",
            cure=Text(
                "Name an archive that `pansori backup` has written.", "`pansori backup`이 만든 파일을 적어 주세요."
            ),
        )
    with opened() as services:
        header = restore_archive(services, file)
    print(
        say(
            f"Restored what was there at {header.made_at}: {header.files} files, "
            f"{sum(note.rows for note in header.tables)} rows.",
            f"{header.made_at}의 상태로 복원했어요: 파일 {header.files}개, "
            f"행 {sum(note.rows for note in header.tables)}개.",
        )
    )
    return 0


def restore_archive(services: Services, file: Path) -> Header:
    """Bring the archive into an empty installation: files first, then all rows in one transaction. Raises
    `InvalidRequest` for an archive that is damaged, not whole or not ours, `Conflict` where the installation is not
    empty. Nobody sees any of it then; files that were copied already are taken away again."""
    _see_that_it_is_empty(services)
    try:
        with tarfile.open(file, mode="r:") as archive, tempfile.TemporaryDirectory(prefix="pansori-restore-") as folder:
            return _Restoring(services, archive, file, Path(folder)).run()
    except tarfile.TarError as error:
        raise no_backup(file, str(error)) from error
    except (DataError, IntegrityError, UnicodeError, OverflowError) as error:
        raise no_backup(file, "rows that no database takes") from error


class _Restoring:
    def __init__(self, services: Services, archive: tarfile.TarFile, file: Path, folder: Path) -> None:
        self._services = services
        self._archive = archive
        self._file = file
        self._folder = folder
        self._stored: list[str] = []

    def run(self) -> Header:
        members = self._members()
        header = self._header(members)
        for note in header.tables:
            self._unpack_table(members, note)
        expected = self._expected(header)
        try:
            gone = self._store_files(members, header, expected)
            with self._services.database.write() as session:
                self._load(session, header, gone)
        except BaseException:
            for key in self._stored:
                self._services.store.delete(key)
            raise
        return header

    # -- the archive ------------

    def _members(self) -> Iterator[tarfile.TarInfo]:
        """Each once, and plain: no link, device, hole or folder."""
        seen: set[str] = set()
        for member in self._archive:
            if not member.isreg() or member.issparse() or member.name in seen:
                raise self._bad(
                    f"“{member.name}” is no plain file" if member.name not in seen else "twice the same name"
                )
            seen.add(member.name)
            yield member

    def _next(self, members: Iterator[tarfile.TarInfo], name: str) -> tarfile.TarInfo:
        member = next(members, None)
        if member is None or member.name != name:
            raise self._bad(f"{name} is not where it should be")
        return member

    def _open(self, member: tarfile.TarInfo) -> IO[bytes]:
        content = self._archive.extractfile(member)
        assert content is not None, "plain files have content"
        return content

    def _note(self, member: tarfile.TarInfo) -> bytes:
        if member.size > LONGEST_NOTE:
            raise self._bad(f"{member.name} is too long")
        return self._open(member).read()

    def _header(self, members: Iterator[tarfile.TarInfo]) -> Header:
        header = read_note(Header, self._note(self._next(members, HEADER)), self._file)
        assert isinstance(header, Header)
        if header.format != FORMAT or header.revision != db.HEAD:
            raise InvalidRequest(
                Text(
                    f"The backup was made by Pansori {header.version}, with the database at {header.revision}; "
                    f"this one has {db.HEAD}.",
                    f"판소리 {header.version}에서 만든 백업이라 데이터베이스 개정이 달라요 "
                    f"(백업: {header.revision}, 여기: {db.HEAD}).",
                ),
                field="file",
                cure=Text(
                    f"Restore it with Pansori {header.version}, then upgrade.",
                    f"판소리 {attach(header.version, '으로/로')} 복원한 뒤에 올리세요.",
                ),
            )
        if [note.name for note in header.tables] != [table.name for table in db.portable_tables()]:
            raise self._bad("other tables")
        return header

    # -- rows ------------

    def _unpack_table(self, members: Iterator[tarfile.TarInfo], note: TableNote) -> None:
        member = self._next(members, f"{TABLES}{note.name}.jsonl")
        if member.size != note.size:
            raise self._bad(f"{member.name} has another size")
        with (self._folder / note.name).open("wb") as copy:
            if self._copy(member, copy) != note.sha256:
                raise self._bad(f"{member.name} is damaged")

    def _rows(self, note: TableNote) -> Iterator[dict[str, object]]:
        with (self._folder / note.name).open("rb") as lines:
            while line := lines.readline(LONGEST_ROW):
                try:
                    yield json.loads(line)
                except (ValueError, RecursionError) as error:
                    raise self._bad(f"a row of {note.name} is no JSON") from error

    def _expected(self, header: Header) -> dict[str, _Expected]:
        """The files that the rows speak of, by key."""
        found: dict[str, _Expected] = {}
        note = next(note for note in header.tables if note.name == Asset.__tablename__)
        for row in self._rows(note):
            try:
                if row["state"] != READY:
                    continue
                key = str(row["key"])
                found[key] = _Expected(UUID(str(row["id"])), int(str(row["size"])), str(row["sha256"]))
            except (KeyError, TypeError, ValueError) as error:
                raise self._bad("a row of assets") from error
            if not is_asset_key(key):
                raise self._bad(f"“{key}” is no key of ours")
        return found

    def _load(self, session: Session, header: Header, gone: set[UUID]) -> None:
        _refuse_unless_empty(session)
        db.clear(session)
        for table, note in zip(db.portable_tables(), header.tables, strict=True):
            if db.load(session, table, self._rows(note)) != note.rows:
                raise self._bad(f"{note.name} has another number of rows")
        # what was being written or deleted then has no file now; what hangs on it goes with it
        lost = list(session.scalars(select(Asset.id).where(Asset.state != READY))) + list(gone)
        for asset in lost:
            session.execute(delete(Asset).where(Asset.id == asset))
        db.continue_numbering(session)

    # -- files ------------

    def _store_files(
        self, members: Iterator[tarfile.TarInfo], header: Header, expected: dict[str, _Expected]
    ) -> set[UUID]:
        """Store every file, each compared with its row. Returns the assets that have none."""
        waiting = dict(expected)
        with counting(say("Restoring files", "파일을 되돌리는 중"), header.size) as advance:
            for member in members:
                if member.name == END:
                    return self._end(member, members, waiting)
                key = member.name.removeprefix(FILES)
                one = waiting.pop(key, None)
                if one is None or member.name == key or member.size != one.size:
                    raise self._bad(f"“{member.name}” is not what the database says")
                self._store(self._services.store, member, key, one.sha256, advance)
        raise self._bad("its end is missing")

    def _store(
        self, store: AssetStore, member: tarfile.TarInfo, key: str, sha256: str, advance: Callable[[int], None]
    ) -> None:
        copy = self._folder / "file"
        with copy.open("wb") as output:
            if self._copy(member, output) != sha256:
                raise self._bad(f"{member.name} is damaged")
        if store.exists(key):  # as where the old store is used again; then it is not ours to take away
            self._see_that_it_is_the_same(store, key, sha256)
        else:
            self._stored.append(key)
            store.put(key, copy)
        advance(member.size)

    def _see_that_it_is_the_same(self, store: AssetStore, key: str, sha256: str) -> None:
        digest = hashlib.sha256()
        for chunk in store.read(key):
            digest.update(chunk)
        if digest.hexdigest() != sha256:
            raise Conflict(
                Text(
                    f"The store holds another file at {key}.",
                    f"저장소의 {key}에 다른 파일이 있어요.",
                ),
                cure=Text("Let PANSORI_STORE name an empty place.", "PANSORI_STORE를 빈 곳으로 정하세요."),
            )

    def _end(
        self, member: tarfile.TarInfo, members: Iterator[tarfile.TarInfo], waiting: dict[str, _Expected]
    ) -> set[UUID]:
        end = read_note(End, self._note(member), self._file)
        assert isinstance(end, End)
        lacking = {one.id for one in waiting.values()}
        if {str(asset) for asset in lacking} != set(end.gone) or next(members, None) is not None:
            raise self._bad("files are missing")
        return lacking

    def _copy(self, member: tarfile.TarInfo, output: IO[bytes]) -> str:
        """Copy a member; its SHA-256."""
        digest, content = hashlib.sha256(), self._open(member)
        try:
            while chunk := content.read(CHUNK):
                digest.update(chunk)
                output.write(chunk)
        except OSError as error:
            raise storage_full() from error
        return digest.hexdigest()

    def _bad(self, reason: str) -> InvalidRequest:
        return no_backup(self._file, reason)


def _see_that_it_is_empty(services: Services) -> None:
    with services.database.read() as session:
        _refuse_unless_empty(session)


def _refuse_unless_empty(session: Session) -> None:
    """Empty is what nobody has used: with the local account perhaps, and nothing of it."""
    others = select(func.count()).select_from(Account).where(Account.login != LOCAL_LOGIN)
    used = session.execute(others).scalar_one() > 0 or any(
        session.execute(select(exists().select_from(table))).scalar_one() for table in (Job, Asset, Track, Turn)
    )
    if used:
        raise Conflict(
            Text("There is something in this installation.", "이 설치는 비어 있지 않아요."),
            cure=Text(
                "Let DATABASE_URL and PANSORI_DATA_DIR name new ones.",
                "DATABASE_URL과 PANSORI_DATA_DIR을 새것으로 정하세요.",
            ),
        )
    if jobs.served_queues(session):
        raise Conflict(
            Text("A server or worker is running on it.", "서버나 작업자가 켜져 있어요."),
            cure=Text("Stop it first.", "먼저 끄세요."),
        )
