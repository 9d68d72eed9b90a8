"""Stored files, and which step each is a result of."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base, BigId


class Asset(Base):
    """A stored file. It is `pending` from before its bytes are written until what it belongs to is committed, and
    `deleting` from before its bytes are deleted until its row is."""

    __tablename__ = "assets"
    __table_args__ = (
        Index("ix_assets_pending", "state", "step_id"),
        Index("ix_assets_owner", "owner", "size"),  # what an account's files take is told by the index alone
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(255), unique=True)  #: where the store keeps it
    state: Mapped[str] = mapped_column(String(16))  #: `pending`, `ready` or `deleting`
    name: Mapped[str] = mapped_column(String(255))  #: shown to people and used for downloads
    media_type: Mapped[str] = mapped_column(String(127), default="application/octet-stream")
    size: Mapped[int] = mapped_column(BigInteger, default=0)
    sha256: Mapped[str] = mapped_column(String(64), default="")
    duration: Mapped[float | None]
    step_id: Mapped[int | None] = mapped_column(BigId)  #: the step that is writing it, and that step's attempt
    attempt: Mapped[int | None]
    created_at: Mapped[datetime]


class Artifact(Base):
    """Says that an asset is a result of a step, and in what role."""

    __tablename__ = "artifacts"
    __table_args__ = (
        UniqueConstraint("step_id", "role"),
        Index("ix_artifacts_job", "job_id"),
        Index("ix_artifacts_asset", "asset_id"),  # deleting an asset looks for them
    )
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    step_id: Mapped[int] = mapped_column(ForeignKey("steps.id", ondelete="CASCADE"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    role: Mapped[str] = mapped_column(String(64))
