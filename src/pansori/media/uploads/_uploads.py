"""Files that come in pieces, from the first word of them until they are assets like others."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Asset, Upload
from pansori.domain.errors import Busy, Conflict, InvalidRequest, NotFound, PansoriError, Text, UploadHeld
from pansori.domain.units import Bytes, Seconds
from pansori.media._receiving import pending, too_large
from pansori.media.assets import Assets
from pansori.media.stores.base import ENOUGH_SPACE
from pansori.media.uploads._appending import Appending
from pansori.media.uploads._digests import Digests
from pansori.media.uploads._ending import Ending
from pansori.media.uploads._in_parts import (
    PartReceiving,
    check_complete,
    count_parts,
    lied,
    part_size_for,
    size_of_part,
)
from pansori.media.uploads._rows import OPEN, Hold, Protocol, UploadView, find, held_by_another, view
from pansori.settings import Settings

log = logging.getLogger(__name__)

LISTED: Final = 100  #: uploads in one list
MOST_OPEN: Final = 1000  #: uploads that one account may have begun and not ended
AT_ONCE: Final = 20  #: uploads that one round of the chore ends


class Uploads:
    """The uploads of one installation, any of whose servers may take the next piece."""

    def __init__(self, assets: Assets, settings: Settings) -> None:
        self.assets = assets
        self.limit = settings.max_upload
        self.ttl = settings.upload_ttl
        self._database, self._store = assets.database, assets.store
        self._digests = Digests()
        self._ending = Ending(assets, self.ttl)

    # -- beginning and looking ------------

    def create(self, owner: UUID, name: str, size: int | None, protocol: Protocol, *, said: str = "") -> UploadView:
        """Begin one. `size` None: it will be said later. Raises `MediaTooLarge`, `QuotaExceeded`, `StorageFull`, `Busy`
        where the account has too many."""
        if size is not None and size > self.limit:
            raise too_large(self.limit)
        self._store.check_space(Bytes(max(ENOUGH_SPACE, size or 0)))
        with self._database.write() as session:
            mine = select(func.count()).select_from(Upload).where(Upload.state == OPEN)
            if session.execute(owned(mine, owner)).scalar_one() >= MOST_OPEN:
                raise Busy(
                    Text("Too many uploads are not finished.", "끝나지 않은 업로드가 너무 많아요."), retry_after=600.0
                )
            self.assets.quotas.check(session, owner, max(1, size or 0))
            now = self._database.now(session)
            asset = pending(owner, name, size or 0)
            asset.created_at = now
            session.add(asset)
            session.flush()
            upload = Upload(
                owner=owner,
                asset_id=asset.id,
                protocol=protocol,
                state=OPEN,
                size=size,
                received=0,
                part_size=0 if protocol == "tus" else part_size_for(size or 0),
                parts=[],
                store_id="",
                said=said,
                wanted=False,
                expires_at=now + timedelta(seconds=self.ttl),
                created_at=now,
            )
            session.add(upload)
            session.flush()
            made = view(session, self.assets, upload, asset)
        if protocol != "tus":
            self._begin(made, asset.key)
        return self.get(owner, made.id) if size == 0 else made

    def get(self, owner: UUID | None, upload_id: UUID) -> UploadView:
        """Raises `NotFound`. One whose last byte has come, and whose server then died, is finished on the way."""
        with self._database.read() as session:
            upload, asset = find(session, upload_id, owner)
            found = view(session, self.assets, upload, asset)
            is_left = upload.state == OPEN and upload.protocol == "tus" and upload.received == upload.size
        if not is_left:
            return found
        try:
            with self.appending(owner, upload_id, found.received) as appending:
                return self.keep(appending)
        except UploadHeld:
            return found

    def unfinished(self, owner: UUID) -> list[UploadView]:
        """The account's, the newest first; a hundred at most."""
        mine = select(Upload, Asset).join(Asset, Asset.id == Upload.asset_id).where(Upload.state == OPEN)
        newest = owned(mine, owner).order_by(Upload.created_at.desc(), Upload.id).limit(LISTED)
        with self._database.read() as session:
            return [view(session, self.assets, upload, asset) for upload, asset in session.execute(newest)]

    def terminate(self, owner: UUID, upload_id: UUID) -> None:
        """Forget an upload and what has come. A file that is whole stays. Raises `NotFound`, `UploadHeld`."""
        with Hold.taken(self._database, upload_id, owner):
            self._ending.forget(upload_id)

    def end_all(self, owner: UUID) -> None:
        """Forget what an account that ends has begun. What a request writes to at this moment goes with its asset."""
        for upload in self.unfinished(owner):
            self._unless_taken(self._expire, upload.id)

    def expire(self) -> None:
        """A chore: end uploads that nobody goes on with, and finish those whose server died at the end."""
        with self._database.read() as session:
            now = self._database.now(session)
            free = or_(Upload.holder.is_(None), Upload.held_until < now)
            over = select(Upload.id).where(free, Upload.expires_at < now).limit(AT_ONCE)
            whole = (Upload.state == OPEN, Upload.protocol == "tus", Upload.received == Upload.size)
            left = select(Upload.id).where(free, Upload.expires_at >= now, *whole).limit(AT_ONCE)
            ended, unfinished = session.scalars(over).all(), session.scalars(left).all()
        for upload_id in unfinished:
            self._unless_taken(lambda one: self.get(None, one), upload_id)
        for upload_id in ended:
            self._unless_taken(self._expire, upload_id)

    # -- resumable ------------

    @contextmanager
    def appending(
        self, owner: UUID | None, upload_id: UUID, offset: int, *, length: int | None = None, checked: bool = False
    ) -> Iterator[Appending]:
        """Go on at `offset`. `length`: of the whole file, where it was to be said later. Raises `NotFound`,
        `UploadHeld`, `Conflict` where the upload stands elsewhere."""
        with Hold.taken(self._database, upload_id, owner) as hold:
            with self._database.write() as session:
                upload, asset = find(session, upload_id, owner)
                key = asset.key
                if upload.state != OPEN or upload.protocol != "tus" or upload.received != offset:
                    raise _stands_at(upload.received)
                if length is not None and length != upload.size:
                    self._say_length(session, upload, asset, length)
            appending = Appending(
                self, hold, upload, key, checked=checked, digest=self._digests.take(upload_id, upload.received)
            )
            try:
                yield appending
            finally:
                appending.close()

    def keep(self, appending: Appending) -> UploadView:
        """Let count what has come; where that is all, make it an asset."""
        appending.keep()
        upload_id, parts = appending.id, appending.parts
        if not appending.is_whole:
            if parts.digest is not None:
                self._digests.keep(upload_id, appending.received, parts.digest)
            return self.get(None, upload_id)
        whole = None if parts.upload else parts.held
        return self._ending.finish(appending.hold, upload_id, parts.parts, digest=parts.digest, whole=whole)

    # -- in parts ------------

    def part_urls(self, upload: UploadView) -> list[str] | None:
        """Where the store itself takes the parts, in their order. None: it does not."""
        if upload.protocol != "store":
            return None
        with self._database.read() as session:
            row, asset = find(session, upload.id, None)
            left = Seconds(max(1.0, (row.expires_at - self._database.now(session)).total_seconds()))
        urls = (
            self._store.part_url(asset.key, row.store_id, number, left) for number in range(1, count_parts(upload) + 1)
        )
        return [url for url in urls if url is not None]

    def stored_parts(self, upload: UploadView) -> list[int]:
        """Numbers of the parts that have come, of an open upload in parts."""
        if upload.protocol == "tus" or upload.asset is not None:
            return []
        with self._database.read() as session:
            row, asset = find(session, upload.id, None)
        there = self._ending.there(row, asset.key)
        return list(range(1, count_parts(upload) + 1)) if there is None else [part.number for part in there]

    @property
    def store_takes_parts(self) -> bool:
        """Whether clients may send parts to the store itself."""
        return self._store.part_url("probe", "probe", 1, Seconds(1.0)) is not None

    def receiving(self, upload_id: UUID, number: int) -> PartReceiving:
        """A part that comes through this server. Raises `NotFound`, `InvalidRequest`, `UploadHeld`."""
        with self._database.read() as session:
            upload, asset = find(session, upload_id, None)
            if upload.state != OPEN or upload.protocol != "server":
                raise NotFound(Text("This upload takes no parts.", "이 업로드는 조각을 받지 않아요."))
            if upload.holder is not None and upload.held_until and upload.held_until > self._database.now(session):
                raise held_by_another()
            return PartReceiving(self.assets, upload, asset.key, number, size_of_part(upload, number))

    def complete(self, owner: UUID, upload_id: UUID, given: Mapping[int, str] | None = None) -> UploadView:
        """Make one file of the parts. `given`: their tags by number; None: whatever has come. May be asked again.

        The file is read back once, for its SHA-256. Raises `NotFound`, `UploadHeld`, `Conflict` where parts are
        missing, `InvalidRequest` where a tag is wrong, or a part has not the size that follows from what was said; then
        the upload is over, and nothing of it is kept.
        """
        found = self.get(owner, upload_id)
        if found.asset is not None:
            return found
        if found.protocol == "tus":
            raise Conflict(Text("This upload ends with its last byte.", "이 업로드는 마지막 바이트와 함께 끝나요."))
        with Hold.taken(self._database, upload_id, owner) as hold:
            with self._database.read() as session:
                upload, asset = find(session, upload_id, owner)
            parts = self._ending.there(upload, asset.key)
            if parts is not None:
                check_complete(upload, parts, given)
                if wrong := [part.number for part in parts if part.size != size_of_part(upload, part.number)]:
                    self._ending.forget(upload_id)
                    raise lied(wrong[0])
            return self._ending.finish(hold, upload_id, parts or (), digest=None, whole=None)

    # -- inside ------------

    def _begin(self, made: UploadView, key: str) -> None:
        try:
            store_id = self._store.begin(key)
        except BaseException:
            self.assets.discard([made.asset_id])
            raise
        with self._database.write() as session:
            session.execute(update(Upload).where(Upload.id == made.id).values(store_id=store_id))

    def _say_length(self, session: Session, upload: Upload, asset: Asset, length: int) -> None:
        if upload.size is not None or length < upload.received:
            raise InvalidRequest(
                Text("The length was said before, and is another.", "길이가 앞서 알린 것과 달라요."),
                field="Upload-Length",
            )
        if length > self.limit:
            raise too_large(self.limit)
        self.assets.quotas.check(session, upload.owner, max(0, length - asset.size))
        upload.size = length
        asset.size = max(length, asset.size)

    def _expire(self, upload_id: UUID) -> None:
        with Hold.taken(self._database, upload_id, None):
            self._ending.forget(upload_id)

    def _unless_taken(self, end: Any, upload_id: UUID) -> None:
        try:
            end(upload_id)
        except (UploadHeld, NotFound):
            return  # somebody else was quicker
        except PansoriError as error:  # nobody waits for it, and others do
            log.warning("the upload %s will be ended later: %s", upload_id, error)


def _stands_at(received: int) -> Conflict:
    return Conflict(
        Text(f"The upload stands at byte {received:,}.", f"업로드는 지금 {received:,}바이트까지 왔어요."),
        field="Upload-Offset",
    )
