"""A file that is stored while it comes: in bounded memory, counted, hashed and told apart on its way."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self
from uuid import UUID, uuid4

from sqlalchemy import update
from sqlalchemy.orm import Session

from pansori.db.tables import Asset
from pansori.domain.errors import Conflict, MediaTooLarge, Text
from pansori.domain.units import Bytes, Seconds
from pansori.media._parts import PartWriter
from pansori.media.content import HEAD, UNKNOWN, extension, type_of_head
from pansori.media.names import clean_name
from pansori.media.stores.base import ENOUGH_SPACE

if TYPE_CHECKING:
    from pansori.media.assets import AssetInfo, Assets

UNRESERVED: Final = Bytes(8 * 1024 * 1024)  #: by so much may a file whose size nobody has said be ahead of the quota
SIGN_OF_LIFE: Final = Seconds(300.0)  #: between two, by which a slow file is known from one that was given up


class Receiving:
    """A file on its way. As a context: who leaves it without `finish` has stored nothing.

    Not for several threads at once. Everything raises `MediaTooLarge` over `limit` bytes, `QuotaExceeded`,
    `StorageFull`, `StorageError`.
    """

    def __init__(self, assets: Assets, owner: UUID, name: str, *, limit: Bytes, expected: int | None = None) -> None:
        """`expected`: how many bytes come at most, where that was said. What does not fit is refused at once."""
        self._assets, self._owner, self._name = assets, owner, clean_name(name)
        self._limit = limit
        self._reserved = 0
        self._row: tuple[UUID, str] | None = None
        self._alive = time.monotonic()
        self._head = bytearray()
        if expected is not None and expected > limit:
            raise too_large(limit)
        assets.store.check_space(Bytes(max(ENOUGH_SPACE, expected or 0)))
        if assets.quotas.any:
            with assets.database.write() as session:
                assets.quotas.check(session, owner, max(1, expected or 0))
        self._expected = expected or 0
        self._parts: PartWriter | None = None
        self._early = bytearray()  # what came before there is a row

    @property
    def size(self) -> Bytes:
        return Bytes(len(self._early) + (self._parts.position if self._parts is not None else 0))

    def write(self, data: bytes | memoryview) -> None:
        if self.size + len(data) > self._limit:
            raise too_large(self._limit)
        if self._parts is None:
            self._early += data  # few bytes, or the first block
            if len(self._early) >= HEAD:
                self._begin()
            return
        self._parts.write(data)
        if self._parts.position >= self._reserved + UNRESERVED or time.monotonic() - self._alive > SIGN_OF_LIFE:
            self._reserve(self._parts.position)

    def finish(self) -> AssetInfo:
        """The file, whole and ready. Raises `Conflict` where it was given up meanwhile."""
        parts = self._parts or self._begin()
        asset_id, key = self._row or self._insert()
        size = parts.position
        if parts.upload:
            parts.cut()
            parts.wait()
            self._assets.store.join(key, parts.upload, parts.parts, size)
        else:
            self._assets.store.put_bytes(key, parts.held)
        told = {"size": size, "sha256": parts.digest.hexdigest(), "media_type": type_of_head(bytes(self._head), size)}
        with self._assets.database.write() as session:
            if size > self._reserved:
                self._assets.quotas.check(session, self._owner, size - self._reserved)
            self._tell(session, **told, created_at=self._assets.database.now(session))
            self._assets.commit(session, [asset_id])
            info = self._assets.info(session, asset_id)
        self._row = None
        return info

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._parts is not None:
            self._parts.close()
        if self._row is not None:
            asset_id, key = self._row
            if self._parts is not None and self._parts.upload:
                self._assets.store.abandon(key, self._parts.upload)
            self._assets.discard([asset_id])
            self._assets.store.delete(key)  # where its row was given up before

    def _begin(self) -> PartWriter:
        """Make the row, and only then let bytes be stored."""
        self._head += self._early[:HEAD]
        _, key = self._insert()
        self._parts = PartWriter(self._assets.store, key)
        self._parts.write(self._early)
        self._early = bytearray()
        return self._parts

    def _insert(self) -> tuple[UUID, str]:
        kind = type_of_head(bytes(self._head), len(self._early))
        with self._assets.database.write() as session:
            size = max(self._expected, len(self._early))
            self._assets.quotas.check(session, self._owner, size)
            row = pending(self._owner, self._name, size, kind)
            row.created_at = self._assets.database.now(session)
            session.add(row)
            self._row, self._reserved = (row.id, row.key), size
        return self._row

    def _reserve(self, size: int) -> None:
        """Let the account's files count so many bytes of this one, and show that somebody is at work."""
        more = max(0, size - self._reserved)
        with self._assets.database.write() as session:
            self._assets.quotas.check(session, self._owner, more)
            self._tell(session, size=self._reserved + more, created_at=self._assets.database.now(session))
        self._reserved += more
        self._alive = time.monotonic()

    def _tell(self, session: Session, **values: object) -> None:
        assert self._row is not None
        mine = update(Asset).where(Asset.id == self._row[0], Asset.state == "pending")
        if not session.execute(mine.values(**values).returning(Asset.id)).first():
            raise Conflict(Text("The file was given up meanwhile.", "그사이에 파일을 버렸어요."))


def pending(owner: UUID, name: str, size: int, kind: str = UNKNOWN) -> Asset:
    """A row for a file that comes. `created_at` is the caller's to fill in."""
    asset_id = uuid4()
    key = f"{asset_id.hex[:2]}/{asset_id.hex[2:4]}/{asset_id}.{extension(kind)}"
    return Asset(
        id=asset_id, owner=owner, key=key, state="pending", name=clean_name(name), media_type=kind, size=size, sha256=""
    )


def too_large(limit: Bytes) -> MediaTooLarge:
    return MediaTooLarge(
        Text(f"The file is larger than {limit:,} bytes.", f"파일이 {limit:,}바이트보다 커요."),
        cure=Text(
            "Send a compressed format such as FLAC or MP3, or raise PANSORI_MAX_UPLOAD.",
            "FLAC이나 MP3처럼 압축한 형식으로 보내거나 PANSORI_MAX_UPLOAD를 늘리세요.",
        ),
    )
