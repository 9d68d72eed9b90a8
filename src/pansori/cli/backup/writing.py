"""`pansori backup`."""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import func, select

from pansori import __version__, db
from pansori.cli.backup.archive import END, FILES, FORMAT, HEADER, TABLES, End, Header, TableNote
from pansori.cli.exits import FAILED, OK
from pansori.cli.language import say
from pansori.cli.outputs import check
from pansori.cli.progress import counting
from pansori.cli.services import opened
from pansori.db.tables import Asset, Upload
from pansori.domain.errors import Conflict, NotFound, Text
from pansori.lexicon.particles import attach
from pansori.media import READY, AssetStore
from pansori.workflows import Services

AT_ONCE = 500  #: ids in one statement
PRIVATE = 0o600  #: of archive and members: they hold secrets


class _Filed(BaseModel):
    """An asset of the snapshot whose file is to be copied."""

    id: str
    key: str
    size: int
    sha256: str


def make_backup(file: Path) -> int:
    if file.exists():
        raise Conflict(
            Text(f"{file} is there already.", f"{attach(str(file), '이/가')} 이미 있어요."),
            field="file",
            cure=Text("Choose another name, or delete it.", "다른 이름을 고르거나 그 파일을 지워 주세요."),
        )
    check(file)
    with opened() as services:
        header, gone = write_archive(services, file)
        lost, coming = _still_known(services, gone), _coming(services)
    kept = header.files - len(gone)
    print(
        say(
            f"{file}: {kept} files and {sum(note.rows for note in header.tables)} rows.",
            f"{file}: 파일 {kept}개, 행 {sum(note.rows for note in header.tables)}개.",
        )
    )
    if coming:
        print(
            say(
                f"{coming} uploads are not whole yet, and are not in it.",
                f"아직 다 올라오지 않은 파일 {coming}개는 들어 있지 않아요.",
            )
        )
    if deleted := len(gone) - lost:
        print(
            say(
                f"{deleted} files were deleted meanwhile, and are not in it.",
                f"그사이 지워진 파일 {deleted}개는 들어 있지 않아요.",
            )
        )
    if lost:
        print(
            say(
                f"{lost} files are missing or damaged in the store, and are not in it: pansori assets check",
                f"저장소에 없거나 손상된 파일 {lost}개는 들어 있지 않아요: pansori assets check",
            ),
            file=sys.stderr,
        )
    return FAILED if lost else OK


def write_archive(services: Services, file: Path) -> tuple[Header, list[str]]:
    """Write the archive beside its place, then move it there whole. Returns what it says of itself, and the ids of
    assets whose file is not there, or not any more, or is not what the database has noted of it."""
    temporary = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        with tempfile.TemporaryDirectory(prefix="pansori-backup-") as folder, temporary.open("xb") as output:
            temporary.chmod(PRIVATE)
            tables, filed = _take_rows(services, Path(folder))
            header = Header(
                format=FORMAT,
                version=__version__,
                revision=db.HEAD,
                made_at=datetime.now(UTC).isoformat(),
                tables=tables,
                files=len(filed),
                size=sum(one.size for one in filed),
            )
            with tarfile.open(fileobj=output, mode="w", format=tarfile.PAX_FORMAT) as archive:
                _add_note(archive, HEADER, header)
                for note in tables:
                    with (Path(folder) / note.name).open("rb") as rows:
                        _add(archive, f"{TABLES}{note.name}.jsonl", note.size, rows)
                with counting(say("Copying files", "파일을 담는 중"), header.size) as advance:
                    gone = [one.id for one in filed if not _add_file(archive, services.store, one, advance)]
                _add_note(archive, END, End(files=len(filed) - len(gone), gone=gone))
            output.flush()
            os.fsync(output.fileno())
        temporary.rename(file)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return header, gone


def _take_rows(services: Services, folder: Path) -> tuple[list[TableNote], list[_Filed]]:
    """All rows as they are in one moment, each table in a file of the folder; and which files they speak of."""
    notes: list[TableNote] = []
    filed: list[_Filed] = []
    with services.database.read() as session:  # one snapshot, in either database
        for table in db.portable_tables():
            digest, size, count = hashlib.sha256(), 0, 0
            with (folder / table.name).open("wb") as output:
                for row in db.dump(session, table):
                    if table.name == Asset.__tablename__ and row["state"] == READY:
                        filed.append(_Filed.model_validate(row))
                    line = json.dumps(row, separators=(",", ":")).encode() + b"\n"
                    output.write(line)
                    digest.update(line)
                    size, count = size + len(line), count + 1
            notes.append(TableNote(name=table.name, rows=count, size=size, sha256=digest.hexdigest()))
    return notes, filed


def _still_known(services: Services, ids: Sequence[str]) -> int:
    """How many of these assets nobody has deleted."""
    known = 0
    for at in range(0, len(ids), AT_ONCE):
        some = [UUID(one) for one in ids[at : at + AT_ONCE]]
        ready = select(func.count()).where(Asset.id.in_(some), Asset.state == READY)
        with services.database.read() as session:
            known += session.execute(ready).scalar_one()
    return known


def _coming(services: Services) -> int:
    """How many files are on their way in pieces."""
    with services.database.read() as session:
        return session.execute(select(func.count()).where(Upload.state == "open")).scalar_one()


def _add_file(archive: tarfile.TarFile, store: AssetStore, one: _Filed, advance: Callable[[int], None]) -> bool:
    """Files never change, so the one of a moment ago is the one of now; but it may be gone, or have suffered. Returns
    whether it was there: one damaged file would have the whole archive refused."""
    digest = hashlib.sha256()
    with tempfile.TemporaryFile() as copy:
        try:
            for chunk in store.read(one.key):
                digest.update(chunk)
                copy.write(chunk)
                advance(len(chunk))
        except NotFound:
            return False
        if digest.hexdigest() != one.sha256:
            return False
        copy.seek(0)
        _add(archive, f"{FILES}{one.key}", one.size, copy)
    return True


def _add_note(archive: tarfile.TarFile, name: str, note: BaseModel) -> None:
    text = note.model_dump_json(indent=2).encode()
    _add(archive, name, len(text), io.BytesIO(text))


def _add(archive: tarfile.TarFile, name: str, size: int, content: IO[bytes]) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size, PRIVATE
    archive.addfile(member, content)
