"""What voice training keeps: scripts, who speaks them, clips to be imitated; and results of analyses."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base
from pansori.domain.jobs import JsonDict


class Script(Base):
    """A text that is spoken, line by line."""

    __tablename__ = "scripts"
    __table_args__ = (Index("ix_scripts_owner_created", "owner", "created_at", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(16))
    lines: Mapped[list[JsonDict]] = mapped_column(JSON)  #: in their order: `text`, and whose part it is
    notes: Mapped[str] = mapped_column(Text, default="")
    search: Mapped[str] = mapped_column(Text, default="")  #: title, words and notes, case-folded
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Actor(Base):
    """Who speaks: a person, or a voice that is made."""

    __tablename__ = "actors"
    __table_args__ = (Index("ix_actors_owner_created", "owner", "created_at", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(16))
    voice: Mapped[JsonDict]  #: kind of voice, age, accent, and so on
    notes: Mapped[str] = mapped_column(Text, default="")
    search: Mapped[str] = mapped_column(Text, default="")  #: name, voice and notes, case-folded
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Token(Base):
    """A clip of a part of a script that is to be imitated. Its id is chosen by who makes it first."""

    __tablename__ = "tokens"
    __table_args__ = (
        Index("ix_tokens_owner_created", "owner", "created_at", "id"),
        Index("ix_tokens_script", "script_id"),
        Index("ix_tokens_actor", "actor_id"),
        Index("ix_tokens_reference", "reference_id"),
    )
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(200), default="")
    script_id: Mapped[UUID | None] = mapped_column(ForeignKey("scripts.id", ondelete="SET NULL"))
    first_line: Mapped[int | None]  #: of the script, counted from 0
    last_line: Mapped[int | None]  #: the same, inclusive
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id", ondelete="SET NULL"))
    text: Mapped[str] = mapped_column(Text, default="")  #: what is said, where that is not the script's lines
    language: Mapped[str] = mapped_column(String(16), default="")
    reference_id: Mapped[UUID | None] = mapped_column(ForeignKey("assets.id", ondelete="SET NULL"))
    reference_own: Mapped[bool] = mapped_column(default=False)  #: it was sent for this token, and goes with it
    search: Mapped[str] = mapped_column(Text, default="")  #: id, name and text, case-folded
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class AnalysisResult(Base):
    """What an analysis found. Its job's row holds the state."""

    __tablename__ = "analysis_results"
    __table_args__ = (
        Index("ix_analysis_results_owner_created", "owner", "created_at", "job_id"),
        Index("ix_analysis_results_token", "token_id"),
    )
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    token_id: Mapped[str | None] = mapped_column(String(64))  #: stays when the token goes
    name: Mapped[str] = mapped_column(String(255))  #: of the recording
    result: Mapped[JsonDict]
    corrections: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))  #: what people said against it
    created_at: Mapped[datetime]
