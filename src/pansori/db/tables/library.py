"""What accounts keep: tracks and prompt templates."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base
from pansori.domain.jobs import JsonDict


class Track(Base):
    """A finished song in its owner's library."""

    __tablename__ = "tracks"
    __table_args__ = (
        Index("ix_tracks_owner_created", "owner", "created_at", "id"),
        Index("ix_tracks_owner_title", "owner", "title_key", "id"),
        Index("ix_tracks_owner_duration", "owner", "duration", "id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"), unique=True)
    asset_id: Mapped[UUID] = mapped_column(ForeignKey("assets.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    title_key: Mapped[str] = mapped_column(Text)  #: the title as it is sorted: composed and case-folded
    prompt: Mapped[str] = mapped_column(Text)
    expanded_prompt: Mapped[str] = mapped_column(Text, default="")
    lyrics: Mapped[str] = mapped_column(Text, default="")
    parameters: Mapped[JsonDict]  #: what was asked: duration, samplerate, seed, quality, engine's options
    engine: Mapped[str] = mapped_column(String(64))
    seed: Mapped[int | None] = mapped_column(BigInteger)
    licence: Mapped[str] = mapped_column(String(200), default="")
    facts: Mapped[JsonDict]  #: what the engine told: tempo, key, sections, notices, mapping report
    lines: Mapped[list[JsonDict]] = mapped_column(JSON)  #: what is sung, with its times; apart, for it is long
    media_type: Mapped[str] = mapped_column(String(127))
    size: Mapped[int] = mapped_column(BigInteger)
    duration: Mapped[float]
    favourite: Mapped[bool] = mapped_column(default=False)
    search: Mapped[str] = mapped_column(Text, default="")  #: title, prompts, lyrics and engine, case-folded
    created_at: Mapped[datetime]


class PromptTemplate(Base):
    """A prompt with {variables}, saved by its owner. The bundled ones are files of the program."""

    __tablename__ = "prompt_templates"
    __table_args__ = (Index("ix_prompt_templates_owner", "owner", "name"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(100))
    language: Mapped[str] = mapped_column(String(8), default="")
    prompt: Mapped[str] = mapped_column(Text)
    lyrics: Mapped[str] = mapped_column(Text, default="")
    parameters: Mapped[JsonDict] = mapped_column(JSON)
    created_at: Mapped[datetime]
