"""Conversations: turns that belong together. Every function is told whose they are to be, and finds no others; but for
`owner_of`, which tells whose they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, exists, insert, select, update
from sqlalchemy.orm import Session

from pansori.db import now, owned
from pansori.db.tables import Conversation, Turn
from pansori.domain.errors import NotFound, Text

NONE_SUCH: Final = Text("There is no such conversation.", "그런 대화는 없어요.")
TITLE_MAX: Final = 80  #: characters of what was said first that it is called by


@dataclass(frozen=True)
class ConversationView:
    id: UUID
    title: str
    created_at: datetime
    updated_at: datetime


COLUMNS: Final = tuple(Conversation.__table__.c[name] for name in ConversationView.__dataclass_fields__)


def begin(session: Session, owner: UUID) -> ConversationView:
    moment = now(session)
    row = {"id": uuid4(), "owner": owner, "title": "", "created_at": moment, "updated_at": moment}
    session.execute(insert(Conversation).values(row))
    return get(session, owner, row["id"])  # type: ignore[arg-type]  # of a row of many kinds


def get(session: Session, owner: UUID, conversation_id: UUID) -> ConversationView:
    """Raises `NotFound`."""
    wanted = owned(select(*COLUMNS).where(Conversation.id == conversation_id), owner)
    found = session.execute(wanted).mappings().first()
    if found is None:
        raise NotFound(NONE_SUCH, field="conversation_id")
    return ConversationView(**found)


def owner_of(session: Session, conversation_id: UUID) -> UUID:
    """Whose it is by now: a guest who logs in to an account takes it along. Raises `NotFound` where it is gone."""
    found = session.execute(select(Conversation.owner).where(Conversation.id == conversation_id)).scalars().first()
    if found is None:
        raise NotFound(NONE_SUCH, field="conversation_id")
    return found


def touch(session: Session, owner: UUID, conversation_id: UUID, said: str) -> None:
    """Note that it goes on. It is called by what was said first."""
    mine = Conversation.id == conversation_id
    session.execute(owned(update(Conversation).where(mine).values(updated_at=now(session)), owner))
    title = " ".join(said.split())[:TITLE_MAX]
    session.execute(owned(update(Conversation).where(mine, Conversation.title == "").values(title=title), owner))


def empty(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those in which nothing was kept, or nothing is any more, and that have not gone on since that moment."""
    return Conversation.updated_at < before, ~exists().where(Turn.conversation_id == Conversation.id)


def listed(session: Session, owner: UUID, *, limit: int = 50) -> list[ConversationView]:
    """The latest first."""
    wanted = select(*COLUMNS).order_by(Conversation.updated_at.desc(), Conversation.id).limit(limit)
    return [ConversationView(**row) for row in session.execute(owned(wanted, owner)).mappings()]
