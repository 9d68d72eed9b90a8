"""Bytes that go on where an upload stands."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import update

from pansori.db.tables import Asset, Upload
from pansori.domain.errors import InvalidRequest, StorageError, Text
from pansori.domain.units import Bytes, Seconds
from pansori.media._parts import PartWriter
from pansori.media._receiving import too_large
from pansori.media.stores.base import Part
from pansori.media.uploads._rows import Hold, held_by_another

if TYPE_CHECKING:
    from pansori.media.uploads._uploads import Uploads

SAFE: Final = Bytes(32 * 1024 * 1024)  #: so many bytes may be lost where the machine dies; what they take is sent again


class Appending:
    """One request's bytes on their way into an upload that it holds. Not for several threads at once.

    What has arrived is noted as it is stored. `checked`: only `keep` notes anything, for the bytes count together or
    not at all.
    """

    def __init__(self, uploads: Uploads, hold: Hold, upload: Upload, key: str, *, checked: bool, digest: Any) -> None:
        self._uploads, self.hold, self._key = uploads, hold, key
        self._store, self._database = uploads.assets.store, uploads.assets.database
        self._checked = checked
        self.id, self.size = upload.id, upload.size
        self._deferred = upload.size is None
        self._noted = upload.received
        self._rest = 0 if self._store.takes_any_part else upload.received - sum(size for _, _, size in upload.parts)
        self.parts = PartWriter(
            self._store,
            key,
            upload=upload.store_id,
            parts=[Part(*one) for one in upload.parts],
            at=upload.received - self._rest,
            digest=digest,
            begun=self._begun,
            stored=self._stored,
        )
        if self._rest:
            kept = b"".join(self._store.read(rest_key(key, upload.received), 0, self._rest))
            self.parts.write(kept, counted=digest is None)

    @property
    def received(self) -> int:
        return self.parts.position

    @property
    def is_whole(self) -> bool:
        return self.size is not None and self.received == self.size

    def write(self, data: bytes | bytearray) -> None:
        """Raises `MediaTooLarge`, `InvalidRequest` where more comes than was said, `QuotaExceeded`, `StorageError`, and
        `UploadHeld` where another request took over."""
        most = self._uploads.limit if self.size is None else self.size
        if self.received + len(data) > most:
            raise too_large(self._uploads.limit) if self.size is None else _too_much(self.size)
        self.hold.check()
        if not self.hold.is_safe:
            raise held_by_another()
        self.parts.write(data)

    def tick(self, silent: Seconds) -> None:
        """Nothing has come for so long. Raises `UploadHeld` where another request waits for this upload."""
        self.hold.check(silent)

    def keep(self) -> None:
        """Let what came count, and survive a power cut. Raises as `write` does."""
        if self.is_whole and not self.parts.upload:
            return  # it is stored at once, and then noted
        if self.is_whole or self._store.takes_any_part:
            self.parts.cut()
        self.parts.wait()
        position = self.received
        if (held := self.parts.held) and position != self._noted:
            self._store.put_bytes(rest_key(self._key, position), held)
        if position != self._noted:
            before = rest_key(self._key, self._noted) if self._rest else ""
            self._note(self.parts.parts, position)
            if before:
                with suppress(StorageError):  # it is swept with the upload
                    self._store.delete(before)

    def close(self) -> None:
        self.parts.close()

    def _begun(self, upload: str) -> None:
        with self._database.write() as session:
            self.hold.tell(session, store_id=upload)

    def _stored(self, parts: Sequence[Part], position: int) -> None:
        if self._checked or (self._store.takes_any_part and position - self._noted < SAFE):
            return
        if position > self._noted:
            self._note(parts, position)

    def _note(self, parts: Sequence[Part], position: int) -> None:
        if self.parts.upload:
            self._store.flush(self._key, self.parts.upload)
        told = [] if self._store.takes_any_part else [[part.number, part.tag, part.size] for part in parts]
        with self._database.write() as session:
            expires = self._database.now(session) + timedelta(seconds=self._uploads.ttl)
            self.hold.tell(session, received=position, parts=told, expires_at=expires)
            if self._deferred:
                self._reserve(session, position)
        self._noted = position

    def _reserve(self, session: Any, position: int) -> None:
        """Of a file whose size was not said, what has come counts in the account's quota."""
        owner, before = session.execute(
            Asset.__table__.select().with_only_columns(Asset.owner, Asset.size).where(Asset.key == self._key)
        ).one()
        if position > before:
            self._uploads.assets.quotas.check(session, owner, position - before)
            session.execute(update(Asset).where(Asset.key == self._key).values(size=position))


def rest_key(key: str, received: int) -> str:
    """Where what has come beyond the last whole part is kept, until more comes."""
    return f"{key.rpartition('.')[0]}.rest{received}"


def _too_much(size: int) -> InvalidRequest:
    return InvalidRequest(
        Text(f"More bytes come than the {size:,} that were said.", f"처음에 알린 {size:,}바이트보다 많이 왔어요."),
        field="Upload-Length",
    )
