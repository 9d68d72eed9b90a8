"""What is spoken with: users of the voice backend, conversations, and turns of both."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import JSON, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from pansori.db.tables.base import Base
from pansori.domain.jobs import JsonDict


class VoiceUser(Base):
    """Who speaks, by the number that the voice backend's document has for them. A number says who is meant among those
    of one account, and nothing of who asks: another account may have users of the same numbers.

    No rule of the database says that an account has each number once: a guest who turns out to have an account brings
    theirs along. Whatever has the same number counts as the same user.
    """

    __tablename__ = "voice_users"
    __table_args__ = (Index("ix_voice_users_owner_number", "owner", "number"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    number: Mapped[int]
    said: Mapped[str | None] = mapped_column(Text)  #: the latest text that was to be answered. None: there was none
    manner: Mapped[JsonDict]  #: how they want to be spoken to: `rate`, `volume`; empty: as usual
    created_at: Mapped[datetime]


class Conversation(Base):
    """Turns that belong together: each is answered with those before it in mind."""

    __tablename__ = "conversations"
    __table_args__ = (Index("ix_conversations_owner_created", "owner", "created_at", "id"),)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(200), default="")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Turn(Base):
    """What somebody said and what they were answered, as far as it came: whatever was obtained is kept at once.

    `state`: `heard`: waiting to be taken up; `open`: being answered; `done`; `failed`, for which `error` says why.
    """

    __tablename__ = "turns"
    __table_args__ = (
        Index("ix_turns_owner_user", "owner", "user_number", "created_at", "id"),
        Index("ix_turns_conversation", "conversation_id", "created_at"),
        Index("ix_turns_job", "job_id"),
        Index("ix_turns_input", "input_id"),
        Index("ix_turns_output", "output_id"),
    )
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner: Mapped[UUID] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"))
    user_number: Mapped[int]
    conversation_id: Mapped[UUID | None] = mapped_column(ForeignKey("conversations.id", ondelete="SET NULL"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))  #: that tells of it
    state: Mapped[str] = mapped_column(String(16))
    input_id: Mapped[UUID | None] = mapped_column(ForeignKey("assets.id", ondelete="SET NULL"))
    input_path: Mapped[str | None] = mapped_column(String(500))  #: as clients are told; it stays when the file goes
    heard: Mapped[str | None] = mapped_column(Text)  #: None: not yet; empty: nobody spoke
    reply: Mapped[str | None] = mapped_column(Text)
    output_id: Mapped[UUID | None] = mapped_column(ForeignKey("assets.id", ondelete="SET NULL"))
    output_path: Mapped[str | None] = mapped_column(String(500))
    language: Mapped[str] = mapped_column(String(40), default="")
    timings: Mapped[JsonDict]  #: by stage, `at` which moment it began and how many `seconds` it took
    error: Mapped[JsonDict | None] = mapped_column(JSON(none_as_null=True))
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
