"""Actors: found, read, written, deleted. Every function is told whose they are, and finds no others."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Actor, Token
from pansori.domain.errors import Text
from pansori.library._words import search_text
from pansori.library.voices import scripts
from pansori.library.voices._models import ActorChange, ActorDraft, ActorView
from pansori.library.voices._rows import PAGE, Entries, add_row, change_row, page_of, row_of

NO_SUCH_ACTOR: Final = Text("There is no such actor.", "그런 배우는 없어요.")


def find(
    session: Session, owner: UUID, *, search: str = "", cursor: str | None = None, limit: int = PAGE
) -> Entries[ActorView]:
    """Those that have every word of `search` in name, voice or notes. Raises `InvalidRequest` naming `cursor`."""
    page = page_of(session, Actor, owner, search=search, cursor=cursor, limit=limit)
    return Entries(tuple(map(_view, page.items)), page.next_cursor, page.total)


def get(session: Session, actor_id: UUID, owner: UUID, *, to_change: bool = False) -> ActorView:
    """Raises `NotFound`. `to_change`: nobody else changes it until the transaction has ended."""
    return _view(_row(session, actor_id, owner, to_change=to_change))


def add(session: Session, owner: UUID, draft: ActorDraft) -> ActorView:
    """Raises `InvalidRequest` where there are too many."""
    return _view(add_row(session, Actor, owner, _columns(draft)))


def replace(session: Session, actor_id: UUID, owner: UUID, draft: ActorDraft) -> ActorView:
    """The actor with another content. Raises `NotFound`."""
    row = _row(session, actor_id, owner, to_change=True)
    change_row(session, row, _columns(draft))
    return _view(row)


def change(session: Session, actor_id: UUID, owner: UUID, changes: ActorChange) -> ActorView:
    """The actor with those fields that `changes` has. Raises `NotFound`."""
    before = _view(_row(session, actor_id, owner, to_change=True))
    kept, given = before.model_dump(include=set(ActorDraft.model_fields)), changes.model_dump(exclude_unset=True)
    given |= {"voice": kept["voice"] | given["voice"]} if "voice" in given else {}  # as RFC 7396 merges objects
    return replace(session, actor_id, owner, ActorDraft.model_validate(kept | given))


def delete(session: Session, actor_id: UUID, owner: UUID) -> list[str]:
    """Tokens and lines of theirs stay, and name nobody. Returns the tokens' ids. Raises `NotFound`."""
    row = _row(session, actor_id, owner, to_change=True)
    tokens = session.scalars(owned(select(Token).where(Token.actor_id == actor_id).order_by(Token.id), owner)).all()
    for token in tokens:
        token.actor_id = None
    scripts.forget_actor(session, actor_id, owner)
    session.delete(row)
    session.flush()
    return [token.id for token in tokens]


# -- pieces ------------


def _row(session: Session, actor_id: UUID, owner: UUID, *, to_change: bool = False) -> Actor:
    return row_of(session, Actor, actor_id, owner, NO_SUCH_ACTOR, to_change=to_change)


def _columns(draft: ActorDraft) -> dict[str, object]:
    voice = draft.voice
    return {
        "name": draft.name,
        "language": draft.language,
        "voice": voice.model_dump(mode="json"),
        "notes": draft.notes,
        "search": search_text(draft.name, voice.accent, voice.description, draft.notes),
    }


def _view(row: Actor) -> ActorView:
    return ActorView.model_validate(row, from_attributes=True)
