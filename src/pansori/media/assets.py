"""Stored files as rows and bytes together.

The order makes it safe to die anywhere: a row is committed, `pending`, before its bytes are written, and bytes are
deleted before their row. So no file is unknown to the rows, save where a writer went on after its step was taken from
it; `sweep` looks for those.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Final
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, Uuid, and_, bindparam, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from pansori.db import Database, owned
from pansori.db.tables import Asset, Step, Upload
from pansori.domain.errors import Conflict, MediaError, NotFound, PansoriError, StorageError, Text
from pansori.domain.jobs import StepState
from pansori.domain.units import Bytes, Seconds
from pansori.lexicon.particles import attach
from pansori.media._receiving import Receiving
from pansori.media.content import extension, media_type
from pansori.media.decode import DEFAULT_LIMITS, probe
from pansori.media.names import clean_name
from pansori.media.plain import probe_plain
from pansori.media.quota import Quotas
from pansori.media.stores.base import CHUNK, AssetStore, StoredObject, is_asset_key

log = logging.getLogger(__name__)

PENDING: Final = "pending"  #: its bytes are being written, or what it belongs to is not committed
READY: Final = "ready"
DELETING: Final = "deleting"  #: nobody may use it any more; its file goes, then its row
AT_ONCE = 500  #: rows in one statement
FEW = 100  #: files that one `collect` deletes: who calls it has other things to do, and a store may be slow
FORGOTTEN = Seconds(3600.0)  #: a pending asset of no step, or an unfinished file, that nobody will finish
LINK_TTL = Seconds(3600.0)  #: a player that pauses for longer asks us again
SETTLED = Seconds(60.0)  #: a file whose row must be there
MOSTLY = 10  #: so many unknown files, and more than there are known ones, are rather another installation's


class AssetInfo(BaseModel):
    """A stored file as readers see it."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    owner: UUID
    key: str
    name: str
    media_type: str
    size: Bytes
    sha256: str
    duration: Seconds | None
    created_at: datetime


# Every request for a part of a file asks this: so it is made once, and of the table, whose rows are quicker than
# objects.
FILES: Final = Asset.__table__.c
ANYBODYS: Final = select(*(FILES[name] for name in AssetInfo.model_fields)).where(
    FILES.id == bindparam("id"), FILES.state == READY
)
OWNERS: Final = owned(ANYBODYS, bindparam("owner", type_=Uuid()))


class Assets:
    """The files of one installation. `store` keeps their bytes, `database` their rows."""

    def __init__(
        self, database: Database, store: AssetStore, *, quotas: Quotas | None = None, redirect: bool = False
    ) -> None:
        """`redirect`: let `link` send readers to the store itself, where it can."""
        self.database = database
        self.store = store
        self.quotas = quotas or Quotas()
        self.redirect = redirect

    def write(
        self,
        owner: UUID,
        name: str,
        path: Path,
        *,
        step_id: int | None = None,
        attempt: int | None = None,
        media_type: str | None = None,
        duration: Seconds | None = None,
    ) -> UUID:
        """Store a copy of the file, as a pending asset of the step's attempt. Not inside a transaction.

        `media_type` is for files we made ourselves; None: told by the content. `duration` None: measured, where the
        content is sound or film that can be decoded. Raises `QuotaExceeded`, `StorageFull` or `StorageError`, and
        `Conflict` where the asset was given up meanwhile because the step is no longer its writer's; nothing is kept
        then.
        """
        row = _describe(path, media_type)
        row.owner, row.name = owner, clean_name(name)
        row.duration = _duration(path, row.media_type) if duration is None else duration
        row.step_id, row.attempt = step_id, attempt
        asset_id, key = row.id, row.key
        with self.database.write() as session:
            self.quotas.check(session, owner, row.size)
            row.created_at = self.database.now(session)
            session.add(row)
        try:
            self.store.put(key, path)
        except BaseException:
            self.discard([asset_id])
            raise
        if not self._is_pending(asset_id):
            self.store.delete(key)
            raise _given_up()
        return asset_id

    def receive(self, owner: UUID, name: str, *, limit: Bytes, expected: int | None = None) -> Receiving:
        """A door for a file that is stored while it comes. Not inside a transaction; see `Receiving`."""
        return Receiving(self, owner, name, limit=limit, expected=expected)

    def commit(self, session: Session, asset_ids: Collection[UUID], owner: UUID | None = None) -> None:
        """Make pending assets ready, with the caller's transaction. Raises `Conflict` where one was given up.

        `owner`: whose they are now; who they were written for may have logged in to an account since.
        """
        pending = Asset.id.in_(asset_ids), Asset.state == PENDING
        ready = {"state": READY} if owner is None else {"state": READY, "owner": owner}
        changed = session.execute(update(Asset).where(*pending).values(ready).returning(Asset.id)).all()
        if len(changed) != len(set(asset_ids)):
            raise _given_up()

    def discard(self, asset_ids: Iterable[UUID]) -> None:
        """Delete those that are still pending, files and rows. Not inside a transaction."""
        self._delete(and_(Asset.id.in_(list(asset_ids)), Asset.state == PENDING))

    def retire(self, session: Session, asset_ids: Collection[UUID]) -> None:
        """Let nobody use these assets any more, with the caller's transaction. Files and rows go with the next
        `collect`; who has one of them open reads it to its end."""
        for at in range(0, len(ids := list(asset_ids)), AT_ONCE):
            retired = update(Asset).where(Asset.id.in_(ids[at : at + AT_ONCE]))
            session.execute(retired.values(state=DELETING, step_id=None, attempt=None))

    def hold(self, session: Session, asset_ids: Collection[UUID]) -> None:
        """See that ready assets stay until the caller's transaction, which comes to need them, has ended. Raises
        `StorageError`, after which one may try again without them, where one was retired."""
        ready = select(Asset.id).where(Asset.id.in_(asset_ids), Asset.state == READY).order_by(Asset.id)
        if len(session.execute(ready.with_for_update(read=True)).all()) != len(set(asset_ids)):
            raise StorageError(
                Text(
                    "A file that was to be used again was deleted meanwhile.", "다시 쓰려던 파일이 그사이에 지워졌어요."
                )
            )

    def collect(self, older_than: Seconds = FORGOTTEN) -> int:
        """Delete pending assets that nobody will commit: of attempts that do not run any more, and those of neither
        a step nor an upload that are older than this; and carry out deletions. Takes a hundred at most; the next call
        goes on. Returns how many went."""
        writing = exists().where(
            Step.id == Asset.step_id, Step.state == StepState.RUNNING, Step.attempt == Asset.attempt
        )
        with self.database.read() as session:
            before = self.database.now(session) - timedelta(seconds=older_than)
            forgotten = and_(Asset.created_at < before, ~exists().where(Upload.asset_id == Asset.id))
            abandoned = or_(and_(Asset.step_id.is_not(None), ~writing), and_(Asset.step_id.is_(None), forgotten))
            gone = or_(and_(Asset.state == PENDING, abandoned), Asset.state == DELETING)
            if not session.scalar(select(exists().where(gone))):
                return 0  # the usual case costs no write
        return self._delete(gone, at_most=FEW)

    def sweep(self, older_than: Seconds = SETTLED) -> int:
        """Delete files older than this that no row knows of, and what writers that died left unfinished for an hour.

        Walks the whole store, so it is for every few minutes. A store that others may use too keeps its files, and so
        does one most of whose files are unknown: see `strays`. Returns how many went.
        """
        swept = self.store.sweep_unfinished(max(older_than, FORGOTTEN), self._coming())
        if not self.store.exclusive:
            return swept
        strays = list(self.strays(older_than))
        if self.are_foreign(strays):
            log.warning(
                "%d stored files are unknown to this database and stay. Are DATABASE_URL and PANSORI_DATA_DIR of the "
                "same installation? See: pansori assets collect --dry-run",
                len(strays),
            )
            return swept
        for stray in strays:
            self.store.delete(stray.key)
        return swept + len(strays)

    def are_foreign(self, strays: Collection[StoredObject]) -> bool:
        """Whether so many files are unknown that this is rather not the database that belongs to the store."""
        with self.database.read() as session:
            known = session.execute(select(func.count()).select_from(Asset)).scalar_one()
        return len(strays) > max(MOSTLY, known)

    def strays(self, older_than: Seconds = SETTLED) -> Iterator[StoredObject]:
        """Files older than this that no row knows of. Where the store is not ours alone, only those whose keys look
        like ours. What is kept beside a file that still comes belongs to it."""
        before = datetime.now(UTC) - timedelta(seconds=older_than)
        coming = {_stem(key) for key in self._coming()}
        old = (
            stored
            for stored in self.store.objects()
            if stored.modified <= before
            and (self.store.exclusive or is_asset_key(stored.key))
            and _stem(stored.key) not in coming
        )
        while found := {stored.key: stored for stored in islice(old, AT_ONCE)}:
            with self.database.read() as session:
                known = set(session.scalars(select(Asset.key).where(Asset.key.in_(found))))
            yield from (stored for key, stored in found.items() if key not in known)

    def info(self, session: Session, asset_id: UUID, *, owner: UUID | None = None) -> AssetInfo:
        """Raises `NotFound` unless it is ready and, where an owner is named, theirs."""
        found = (
            session.execute(ANYBODYS, {"id": asset_id})
            if owner is None
            else session.execute(OWNERS, {"id": asset_id, "owner": owner})
        )
        row = found.one_or_none()
        if row is None:
            raise NotFound(Text(f"There is no file {asset_id}.", f"파일 {attach(str(asset_id), '이/가')} 없어요."))
        return AssetInfo.model_validate(row, from_attributes=True)

    def read(self, info: AssetInfo, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """Bytes `start` up to, not including, `end` in chunks of at most 1 MiB."""
        return self.store.read(info.key, start, end)

    def local_path(self, info: AssetInfo) -> Path | None:
        """The file itself, to be read only. None where the store has no files: `read` or `materialize` it."""
        return self.store.local_path(info.key)

    def link(self, info: AssetInfo, disposition: str) -> str | None:
        """A URL at which the store itself gives the bytes, for an hour. None: they are to be read here.

        `disposition`: the Content-Disposition that the store is to answer with."""
        if not self.redirect:
            return None
        return self.store.signed_url(info.key, LINK_TTL, disposition=disposition, media_type=info.media_type)

    def materialize(self, info: AssetInfo, folder: Path) -> Path:
        """A file with its bytes, to be read only: the stored one itself, or else a copy in `folder`."""
        stored = self.store.local_path(info.key)
        if stored is not None:
            return stored
        copy = folder / Path(info.key).name
        with copy.open("wb") as file:
            file.writelines(self.store.read(info.key))
        return copy

    def _coming(self) -> Collection[str]:
        """Keys of files that are being written."""
        with self.database.read() as session:
            return frozenset(session.scalars(select(Asset.key).where(Asset.state == PENDING)))

    def _is_pending(self, asset_id: UUID) -> bool:
        with self.database.read() as session:
            return session.scalar(select(Asset.state).where(Asset.id == asset_id)) == PENDING

    def _delete(self, which: ColumnElement[bool], *, at_most: int | None = None) -> int:
        """Delete files, then their rows. Returns how many went."""
        marked = self._mark(which, at_most)
        for _, key in marked:
            self.store.delete(key)
        for at in range(0, len(marked), AT_ONCE):
            with self.database.write() as session:
                session.execute(
                    delete(Asset).where(Asset.id.in_([asset_id for asset_id, _ in marked[at : at + AT_ONCE]]))
                )
        return len(marked)

    def _mark(self, which: ColumnElement[bool], at_most: int | None) -> Sequence[tuple[UUID, str]]:
        """Ids and keys. The mark keeps `commit` from making one of them ready meanwhile."""
        with self.database.write() as session:
            ids = session.scalars(select(Asset.id).where(which).order_by(Asset.id).limit(at_most)).all()
            mark = update(Asset).where(Asset.id.in_(ids), which).values(state=DELETING).returning(Asset.id, Asset.key)
            return [(row.id, row.key) for row in session.execute(mark)]


def _describe(path: Path, kind: str | None) -> Asset:
    """A new row that says what the bytes are."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    asset_id, kind = uuid4(), kind or media_type(path)
    key = f"{asset_id.hex[:2]}/{asset_id.hex[2:4]}/{asset_id}.{extension(kind)}"
    return Asset(id=asset_id, key=key, state=PENDING, media_type=kind, size=size, sha256=digest.hexdigest())


def _stem(key: str) -> str:
    return key.rpartition(".")[0]


def _duration(path: Path, kind: str) -> Seconds | None:
    if not kind.startswith(("audio/", "video/")) or kind == "audio/midi":
        return None
    try:
        return (probe_plain(path, DEFAULT_LIMITS) or probe(path)).duration
    except MediaError:
        return None  # it may still be kept; who wants to decode it is told what is wrong with it


def _given_up() -> PansoriError:
    return Conflict(
        Text(
            "The file was given up because the step that wrote it is no longer running.",
            "파일을 쓰던 단계가 더는 실행되지 않아 파일을 버렸어요.",
        )
    )
