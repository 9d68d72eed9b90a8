"""Scripts: found, read, written, deleted. Every function is told whose they are, and finds no others."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from pansori.db import owned
from pansori.db.tables import Actor, Script, Token
from pansori.domain.errors import InvalidRequest, Text
from pansori.library._words import search_text
from pansori.library.voices._models import ScriptChange, ScriptDraft, ScriptLine, ScriptView
from pansori.library.voices._rows import PAGE, Entries, add_row, change_row, page_of, row_of

NO_SUCH_SCRIPT: Final = Text("There is no such script.", "그런 대본은 없어요.")


def find(
    session: Session, owner: UUID, *, search: str = "", cursor: str | None = None, limit: int = PAGE
) -> Entries[ScriptView]:
    """Those that have every word of `search` in title, lines, roles or notes. Raises `InvalidRequest` naming
    `cursor`."""
    page = page_of(session, Script, owner, search=search, cursor=cursor, limit=limit)
    return Entries(tuple(map(_view, page.items)), page.next_cursor, page.total)


def get(session: Session, script_id: UUID, owner: UUID, *, to_change: bool = False) -> ScriptView:
    """Raises `NotFound`. `to_change`: nobody else changes it until the transaction has ended."""
    return _view(_row(session, script_id, owner, to_change=to_change))


def add(session: Session, owner: UUID, draft: ScriptDraft) -> ScriptView:
    """Raises `InvalidRequest` naming a line whose actor there is not, or where there are too many scripts."""
    _check_actors(session, owner, draft.lines)
    return _view(add_row(session, Script, owner, _columns(draft)))


def replace(session: Session, script_id: UUID, owner: UUID, draft: ScriptDraft) -> ScriptView:
    """The script with another content. Raises `NotFound`, `InvalidRequest`."""
    row = _row(session, script_id, owner, to_change=True)
    _check_actors(session, owner, draft.lines)
    change_row(session, row, _columns(draft))
    return _view(row)


def change(session: Session, script_id: UUID, owner: UUID, changes: ScriptChange) -> ScriptView:
    """The script with those fields that `changes` has. Raises `NotFound`, `InvalidRequest`."""
    before = _view(_row(session, script_id, owner, to_change=True))
    kept = before.model_dump(include=set(ScriptDraft.model_fields))
    draft = ScriptDraft.model_validate(kept | changes.model_dump(exclude_unset=True))
    return replace(session, script_id, owner, draft)


def delete(session: Session, script_id: UUID, owner: UUID) -> list[str]:
    """Tokens of it stay, and keep the words that they took from it as their own. Returns their ids. Raises
    `NotFound`."""
    row = _row(session, script_id, owner, to_change=True)
    tokens = session.scalars(owned(select(Token).where(Token.script_id == script_id).order_by(Token.id), owner)).all()
    for token in tokens:
        token.text = token.text or words_of(row.lines, token.first_line, token.last_line)
        token.language = token.language or row.language
        token.script_id = token.first_line = token.last_line = None
    session.delete(row)
    session.flush()
    return [token.id for token in tokens]


def words_of(lines: Collection[object], first: int | None, last: int | None) -> str:
    """The words of stored lines `first` to `last`, a line each. Those that the script no longer has are passed over."""
    wanted = list(lines)[first or 0 : None if last is None else last + 1]
    return "\n".join(str(line["text"]) for line in wanted if isinstance(line, dict))


def forget_actor(session: Session, actor_id: UUID, owner: UUID) -> None:
    """No line names the actor any more."""
    for row in session.scalars(owned(select(Script).with_for_update(), owner)):
        if any(line["actor_id"] == str(actor_id) for line in row.lines):
            row.lines = [line | ({"actor_id": None} if line["actor_id"] == str(actor_id) else {}) for line in row.lines]
    session.flush()


# -- pieces ------------


def _row(session: Session, script_id: UUID, owner: UUID, *, to_change: bool = False) -> Script:
    return row_of(session, Script, script_id, owner, NO_SUCH_SCRIPT, to_change=to_change)


def _columns(draft: ScriptDraft) -> dict[str, object]:
    lines = [line.model_dump(mode="json") for line in draft.lines]
    said = (part for line in draft.lines for part in (line.role, line.text))
    return {
        "title": draft.title,
        "language": draft.language,
        "lines": lines,
        "notes": draft.notes,
        "search": search_text(draft.title, *said, draft.notes),
    }


def _check_actors(session: Session, owner: UUID, lines: list[ScriptLine]) -> None:
    named = {line.actor_id for line in lines if line.actor_id is not None}
    if not named:
        return
    known = set(session.scalars(owned(select(Actor.id).where(Actor.id.in_(named)), owner)))
    for number, line in enumerate(lines):
        if line.actor_id is not None and line.actor_id not in known:
            raise InvalidRequest(
                Text("There is no such actor.", "그런 배우는 없어요."), field=f"lines.{number}.actor_id"
            )


def _view(row: Script) -> ScriptView:
    return ScriptView.model_validate(row, from_attributes=True)
