"""How uploads end: as a file like others, or as nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete as delete_rows
from sqlalchemy import select, update

from pansori.db.tables import Asset, Upload
from pansori.domain.errors import Conflict, NotFound, StorageError, UploadHeld
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Seconds
from pansori.media.assets import Assets
from pansori.media.content import HEAD, type_of_head
from pansori.media.stores.base import Part
from pansori.media.uploads._appending import rest_key
from pansori.media.uploads._rows import COMPLETE, OPEN, Hold, UploadView, find, view


class Ending:
    """Ends uploads that are held. What is done here may be done again, wherever it was broken off."""

    def __init__(self, assets: Assets, ttl: Seconds) -> None:
        self._assets, self._ttl = assets, ttl
        self._database, self._store = assets.database, assets.store

    def there(self, upload: Upload, key: str) -> list[Part] | None:
        """The parts that have come. None: they are joined already."""
        if self._is_there(key, upload.size or 0):
            return None
        if upload.protocol == "store":
            return self._store.parts(key, upload.store_id) or []
        return sorted((Part(*one) for one in upload.parts), key=lambda part: part.number)

    def finish(
        self, hold: Hold, upload_id: UUID, parts: Sequence[Part], *, digest: Any, whole: bytes | None
    ) -> UploadView:
        """Make the asset ready. `whole`: the file, where the store has nothing of it yet."""
        with self._database.read() as session:
            upload, asset = find(session, upload_id, None)
        size, key = upload.size or 0, asset.key
        if not self._is_there(key, size):
            if whole is not None:
                self._store.put_bytes(key, whole)
            else:
                self._join(key, upload.store_id, parts, size)
        read, head = self._read_back(hold, key, None if digest is None else HEAD)
        told = {
            "size": size,
            "sha256": (read if digest is None else digest).hexdigest(),
            "media_type": type_of_head(head, size),
        }
        try:
            done = self._tell_whole(hold, upload, told)
        except (Conflict, NotFound, UploadHeld):
            self._delete_unknown(key)
            raise
        self._delete_rests(key)
        return done

    def _tell_whole(self, hold: Hold, upload: Upload, told: JsonDict) -> UploadView:
        """Raises `UploadHeld` or `Conflict` where the upload was taken, or its file given up, meanwhile."""
        with self._database.write() as session:
            now = self._database.now(session)
            expires = now + timedelta(seconds=self._ttl)
            hold.tell(session, state=COMPLETE, received=upload.size, parts=[], expires_at=expires)
            session.execute(update(Asset).where(Asset.id == upload.asset_id).values(**told, created_at=now))
            self._assets.commit(session, [upload.asset_id])
            return view(session, self._assets, *find(session, upload.id, None))

    def _delete_unknown(self, key: str) -> None:
        """The file, where its row has gone while it was put together."""
        with self._database.read() as session:
            is_known = session.scalar(select(Asset.id).where(Asset.key == key)) is not None
        if not is_known:
            self._store.delete(key)

    def _join(self, key: str, store_id: str, parts: Sequence[Part], size: int) -> None:
        try:
            self._store.join(key, store_id, parts, size)
        except StorageError:
            if not self._is_there(key, size):  # a server may have joined them, and its answer was lost
                raise

    def _read_back(self, hold: Hold, key: str, end: int | None) -> tuple[Any, bytes]:
        """SHA-256 of the stored file up to `end`, and its first bytes."""
        digest, head = hashlib.sha256(), bytearray()
        for chunk in self._store.read(key, 0, end):
            digest.update(chunk)
            head += chunk[: HEAD - len(head)]
            hold.check()
        return digest, bytes(head)

    def _is_there(self, key: str, size: int) -> bool:
        try:
            return self._store.size(key) == size
        except NotFound:
            return False

    def forget(self, upload_id: UUID) -> None:
        """The upload, and what has come of it; a file that is whole stays."""
        with self._database.read() as session:
            upload, asset = find(session, upload_id, None)
        if upload.state == OPEN:
            if upload.store_id:
                self._store.abandon(asset.key, upload.store_id)
            self._delete_rests(asset.key)
            self._assets.discard([asset.id])  # and its upload's row with it
        with self._database.write() as session:
            session.execute(delete_rows(Upload).where(Upload.id == upload_id))

    def _delete_rests(self, key: str) -> None:
        if not self._store.takes_any_part:
            for rest in list(self._store.keys(rest_key(key, 0)[:-1])):
                self._store.delete(rest)
