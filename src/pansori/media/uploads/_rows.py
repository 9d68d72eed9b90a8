"""Rows of uploads, and who may write to one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, Literal, cast
from uuid import UUID, uuid4

from pydantic import BaseModel, ConfigDict
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pansori.db import Database, owned
from pansori.db.tables import Asset, Upload
from pansori.domain.errors import NotFound, Text, UploadHeld
from pansori.domain.units import Bytes, Seconds
from pansori.media.assets import AssetInfo, Assets

Protocol = Literal["tus", "store", "server"]

OPEN: Final = "open"
COMPLETE: Final = "complete"
LEASE = Seconds(10.0)  #: so long is an upload kept for a request that is not heard of
RENEWED = Seconds(2.0)  #: after so long it says again that it is there
STALE = Seconds(3.0)  #: a client that is silent for so long gives way to one that asks


class UploadView(BaseModel):
    """An upload as others see it. `size` None: not said yet. `received`: bytes that are safely stored. `asset`: the
    file, once it is whole."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    asset_id: UUID
    protocol: Protocol
    name: str
    size: Bytes | None
    received: Bytes
    part_size: Bytes
    said: str
    created_at: datetime
    expires_at: datetime
    asset: AssetInfo | None


def find(session: Session, upload_id: UUID, owner: UUID | None, *, locked: bool = False) -> tuple[Upload, Asset]:
    """`owner` None: it was shown otherwise that one may. Raises `NotFound`, for one that has expired too."""
    found = select(Upload, Asset).join(Asset, Asset.id == Upload.asset_id).where(Upload.id == upload_id)
    if owner is not None:
        found = owned(found, owner)
    row = session.execute(found.with_for_update() if locked else found).one_or_none()
    if row is None:
        raise NotFound(Text("There is no such upload, or no longer.", "그런 업로드는 없거나, 기한이 지났어요."))
    return row[0], row[1]


def view(session: Session, assets: Assets, upload: Upload, asset: Asset) -> UploadView:
    return UploadView(
        id=upload.id,
        asset_id=asset.id,
        protocol=cast(Protocol, upload.protocol),
        name=asset.name,
        size=None if upload.size is None else Bytes(upload.size),
        received=Bytes(upload.received),
        part_size=Bytes(upload.part_size),
        said=upload.said,
        created_at=upload.created_at,
        expires_at=upload.expires_at,
        asset=assets.info(session, asset.id) if upload.state == COMPLETE else None,
    )


def held_by_another() -> UploadHeld:
    return UploadHeld(
        Text("Another request writes to this upload now.", "지금 다른 요청이 이 업로드에 쓰고 있어요."),
        retry_after=STALE,
    )


class Hold:
    """The right to write to one upload, for one request. It ends by itself where the request's process dies, and gives
    way where its client has fallen silent and another asks."""

    def __init__(self, database: Database, upload_id: UUID) -> None:
        self._database = database
        self._id = upload_id
        self._holder = uuid4().hex
        self._renewed = time.monotonic()
        self._is_wanted = False

    @classmethod
    @contextmanager
    def taken(cls, database: Database, upload_id: UUID, owner: UUID | None) -> Iterator[Hold]:
        """Raises `NotFound`, and `UploadHeld` where another request has it."""
        hold = cls(database, upload_id)
        hold.take(owner)
        try:
            yield hold
        finally:
            hold.release()

    def take(self, owner: UUID | None) -> None:
        with self._database.write() as session:
            upload, _ = find(session, self._id, owner, locked=True)
            now = self._database.now(session)
            is_held = upload.holder is not None and upload.held_until is not None and upload.held_until > now
            if is_held:
                upload.wanted = True
            else:
                upload.holder, upload.wanted = self._holder, False
                upload.held_until = now + timedelta(seconds=LEASE)
        if is_held:
            raise held_by_another()
        self._renewed = time.monotonic()

    def check(self, silent: Seconds = Seconds(0.0)) -> None:  # noqa: B008 - a number
        """Renew it where that is due. `silent`: for how long the client has said nothing. Raises `UploadHeld` where it
        was lost, or is given up for another."""
        if time.monotonic() - self._renewed < RENEWED:
            return
        with self._database.write() as session:
            self.tell(session)
        if self._is_wanted and silent >= STALE:
            raise held_by_another()

    def tell(self, session: Session, **values: object) -> None:
        """Write to the upload's row, with the caller's transaction, and renew. Raises `UploadHeld` where it was
        lost."""
        until = self._database.now(session) + timedelta(seconds=LEASE)
        mine = update(Upload).where(Upload.id == self._id, Upload.holder == self._holder)
        found = session.execute(mine.values(**{"held_until": until, **values}).returning(Upload.wanted)).one_or_none()
        if found is None:
            raise held_by_another()
        self._is_wanted = found[0]
        self._renewed = time.monotonic()

    def release(self) -> None:
        with self._database.write() as session:
            mine = update(Upload).where(Upload.id == self._id, Upload.holder == self._holder)
            session.execute(mine.values(holder=None, held_until=None, wanted=False))

    @property
    def is_safe(self) -> bool:
        """Whether nobody else can have taken it yet."""
        return time.monotonic() - self._renewed < LEASE
