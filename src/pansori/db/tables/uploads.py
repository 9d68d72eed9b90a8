"""Uploads that come in pieces, and how far they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base


class Upload(Base):
    """A file that comes in pieces, for which its asset waits, `pending`. The row stays for a while when the asset is
    `ready`, so that who sent the file finds it."""

    __tablename__ = "uploads"
    __table_args__ = (
        Index("ix_uploads_asset", "asset_id", unique=True),
        Index("ix_uploads_owner", "owner", "state"),
        Index("ix_uploads_expires", "expires_at"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    protocol: Mapped[str] = mapped_column(String(16))  #: `tus`, `store` (parts go to the store itself) or `server`
    state: Mapped[str] = mapped_column(String(16))  #: `open` or `complete`
    size: Mapped[int | None] = mapped_column(BigInteger)  #: None: not said yet
    received: Mapped[int] = mapped_column(BigInteger, default=0)  #: bytes that are safely stored, from the first on
    part_size: Mapped[int] = mapped_column(BigInteger, default=0)  #: of the parts that clients send, where they do
    store_id: Mapped[str] = mapped_column(Text, default="")  #: what the store calls it; empty: it has nothing of it yet
    parts: Mapped[list[Any]] = mapped_column(JSON, default=list)  #: what the store has: number, tag, size
    said: Mapped[str] = mapped_column(Text, default="")  #: `Upload-Metadata`, as it was sent
    holder: Mapped[str | None] = mapped_column(String(32))  #: the request that writes to it
    held_until: Mapped[datetime | None]
    wanted: Mapped[bool] = mapped_column(default=False)  #: somebody else would like to write to it
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
