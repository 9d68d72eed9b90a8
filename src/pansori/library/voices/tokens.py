"""Tokens: found, read, written, deleted, and the clips that are imitated. Every function is told whose they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from pansori.db import insert_into, owned
from pansori.db import now as now_of
from pansori.db.tables import Actor, Artifact, Asset, Script, Token, Track
from pansori.domain.errors import Conflict, InvalidRequest, NotFound, Text
from pansori.domain.units import Bytes, Seconds
from pansori.lexicon.hangul import is_block
from pansori.library._words import search_text
from pansori.library.voices._models import ID_PATTERN, RESERVED, NewToken, Reference, TokenChange, TokenDraft, TokenView
from pansori.library.voices._rows import PAGE, Entries, change_row, page_of, refuse_too_many, row_of
from pansori.library.voices.scripts import words_of
from pansori.media import READY, Assets

NO_SUCH_TOKEN: Final = Text("There is no such token.", "그런 토큰은 없어요.")
DRAFTED: Final = set(TokenDraft.model_fields)


def find(
    session: Session,
    owner: UUID,
    *,
    search: str = "",
    cursor: str | None = None,
    limit: int = PAGE,
    script_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> Entries[TokenView]:
    """Those that have every word of `search` in id, name or text of their own; of one script or actor, where named.
    Raises `InvalidRequest` naming `cursor`."""
    named = ((Token.script_id, script_id), (Token.actor_id, actor_id))
    only = [column == key for column, key in named if key is not None]
    page = page_of(session, Token, owner, search=search, cursor=cursor, limit=limit, only=only)
    return Entries(_views(session, page.items), page.next_cursor, page.total)


def get(session: Session, token_id: str, owner: UUID, *, to_change: bool = False) -> TokenView:
    """Raises `NotFound`. `to_change`: nobody else changes it until the transaction has ended."""
    return _views(session, [_row(session, token_id, owner, to_change=to_change)])[0]


def add(session: Session, owner: UUID, new: NewToken) -> TokenView:
    """Raises `InvalidRequest` naming what it refers to and there is not, a line that its script does not have, or an
    id that no token may have; `Conflict` where the id is taken."""
    token_id = new.id or uuid4().hex
    draft = TokenDraft.model_validate(new.model_dump(include=DRAFTED))
    made = _make(session, token_id, owner, draft)
    if made is None:
        raise Conflict(
            Text("There is a token of this id already.", "이 id를 쓰는 토큰이 이미 있어요."),
            field="id",
            cure=Text("Choose another one, or leave it out.", "다른 id를 쓰거나 비워 두세요."),
        )
    return made


def put(session: Session, token_id: str, owner: UUID, draft: TokenDraft) -> tuple[TokenView, bool]:
    """The token with this content, and whether it is new. Raises as `add` does, and `NotFound` where the id is
    another's."""
    made = _make(session, token_id, owner, draft)
    if made is not None:
        return made, True
    row = _row(session, token_id, owner, to_change=True)
    _check(session, owner, draft)
    change_row(session, row, _columns(token_id, draft))
    return _views(session, [row])[0], False


def change(session: Session, token_id: str, owner: UUID, changes: TokenChange) -> TokenView:
    """The token with those fields that `changes` has. Raises `NotFound`, `InvalidRequest`."""
    before = TokenDraft.model_validate(_row(session, token_id, owner, to_change=True), from_attributes=True)
    draft = TokenDraft.model_validate(before.model_dump() | changes.model_dump(exclude_unset=True))
    return put(session, token_id, owner, draft)[0]


def ensure(session: Session, token_id: str, owner: UUID) -> TokenView:
    """The owner's token of that id, made where there is none. Raises `NotFound` where it is another's, and
    `InvalidRequest` for an id that no token may have."""
    made = _make(session, token_id, owner, TokenDraft())
    return get(session, token_id, owner) if made is None else made


def delete(session: Session, assets: Assets, token_id: str, owner: UUID) -> None:
    """With the clip that was sent for it. What was analysed for it stays, and says so still. Raises `NotFound`."""
    row = _row(session, token_id, owner, to_change=True)
    _let_go(session, assets, row)
    session.delete(row)
    session.flush()


# -- the clip that is imitated ------------


def set_reference(
    session: Session, assets: Assets, token_id: str, owner: UUID, asset_id: UUID, *, own: bool
) -> TokenView:
    """Let the token have this clip, instead of the one before. `own`: it was sent for this, and goes with the token.
    Raises `NotFound`, and `InvalidRequest` where the file is not there or not the owner's."""
    row = _row(session, token_id, owner, to_change=True)
    theirs = owned(select(Asset.id).where(Asset.id == asset_id, Asset.state == READY), owner)
    if session.execute(theirs.with_for_update(read=True)).one_or_none() is None:
        raise InvalidRequest(Text("There is no such file.", "그런 파일은 없어요."), field="asset_id")
    if row.reference_id != asset_id:
        _let_go(session, assets, row)
        row.reference_id, row.reference_own = asset_id, own
        row.updated_at = now_of(session)
        session.flush()
    return _views(session, [row])[0]


def drop_reference(session: Session, assets: Assets, token_id: str, owner: UUID) -> TokenView:
    """Raises `NotFound`, also where it has no clip."""
    row = _row(session, token_id, owner, to_change=True)
    if row.reference_id is None:
        raise NotFound(Text("The token has no reference clip.", "이 토큰에는 기준 녹음이 없어요."))
    _let_go(session, assets, row)
    row.updated_at = now_of(session)
    session.flush()
    return _views(session, [row])[0]


def _let_go(session: Session, assets: Assets, row: Token) -> None:
    """The clip that it had goes with the next `assets.collect()`, where it was its own and nothing else uses it."""
    asset_id, own = row.reference_id, row.reference_own
    row.reference_id, row.reference_own = None, False
    session.flush()
    if asset_id is None or not own:
        return
    uses = (Artifact.asset_id == asset_id, Track.asset_id == asset_id, Token.reference_id == asset_id)
    if not any(session.scalar(select(exists().where(use))) for use in uses):
        assets.retire(session, [asset_id])


# -- pieces ------------


def _make(session: Session, token_id: str, owner: UUID, draft: TokenDraft) -> TokenView | None:
    """None: somebody has one of that id."""
    _check_id(token_id)
    if session.execute(select(Token.id).where(Token.id == token_id)).first() is not None:
        return None
    refuse_too_many(session, Token, owner)
    _check(session, owner, draft)
    now = now_of(session)
    values = {"owner": owner, "reference_own": False, "created_at": now, "updated_at": now}
    inserting = insert_into(session, Token).values(**values, **_columns(token_id, draft)).on_conflict_do_nothing()
    if session.execute(inserting.returning(Token.id)).one_or_none() is None:
        return None  # somebody was faster
    return get(session, token_id, owner)


def _check_id(token_id: str) -> None:
    if token_id in RESERVED:
        names = ", ".join(RESERVED)
        raise InvalidRequest(
            Text(
                f"No token may be called that: {names} are addresses of their own.",
                f"이 이름은 토큰에 쓸 수 없어요. {names}: 따로 쓰이는 주소예요.",
            ),
            field="id",
        )
    if re.fullmatch(ID_PATTERN, token_id) is None:
        raise InvalidRequest(
            Text(
                "An id has 1 to 64 letters, digits, dots, _, ~ or -, and begins with a letter or digit.",
                "id는 영문자나 숫자로 시작하고 영문자, 숫자, 점, _, ~, -를 64자까지 쓸 수 있어요.",
            ),
            field="id",
        )


def _row(session: Session, token_id: str, owner: UUID, *, to_change: bool = False) -> Token:
    if re.fullmatch(ID_PATTERN, token_id) is None:  # which the database might refuse to compare
        raise NotFound(NO_SUCH_TOKEN)
    return row_of(session, Token, token_id, owner, NO_SUCH_TOKEN, to_change=to_change)


def _check(session: Session, owner: UUID, draft: TokenDraft) -> None:
    if draft.actor_id is not None:
        mine = owned(select(Actor.id).where(Actor.id == draft.actor_id), owner)
        if session.execute(mine).one_or_none() is None:
            raise InvalidRequest(Text("There is no such actor.", "그런 배우는 없어요."), field="actor_id")
    if draft.script_id is None:
        for name in ("first_line", "last_line"):
            if getattr(draft, name) is not None:
                raise InvalidRequest(
                    Text("A line needs the script that it is of.", "줄을 고르려면 대본도 골라야 해요."), field=name
                )
        return
    lines = session.execute(owned(select(Script.lines).where(Script.id == draft.script_id), owner)).one_or_none()
    if lines is None:
        raise InvalidRequest(Text("There is no such script.", "그런 대본은 없어요."), field="script_id")
    _check_range(len(lines[0]), draft)


def _check_range(count: int, draft: TokenDraft) -> None:
    for name in ("first_line", "last_line"):
        value = getattr(draft, name)
        if value is not None and value >= count:
            raise InvalidRequest(
                Text(
                    f"The script has {count} lines, which are counted from 0.",
                    f"대본은 {count}줄이고, 줄 번호는 0부터 세요.",
                ),
                field=name,
            )
    if draft.first_line is not None and draft.last_line is not None and draft.last_line < draft.first_line:
        raise InvalidRequest(
            Text("The last line may not come before the first.", "마지막 줄이 첫 줄보다 앞설 수 없어요."),
            field="last_line",
        )


def _columns(token_id: str, draft: TokenDraft) -> dict[str, Any]:
    return {"id": token_id, **draft.model_dump(), "search": search_text(token_id, draft.name, draft.text)}


def _views(session: Session, rows: Sequence[Token]) -> tuple[TokenView, ...]:
    scripts, actors, clips = _things(session, rows)

    def view(row: Token) -> TokenView:
        script = scripts.get(row.script_id)
        lines, language = (script.lines, script.language) if script else ([], "")
        said = row.text or words_of(lines, row.first_line, row.last_line)
        return TokenView(
            **{name: getattr(row, name) for name in DRAFTED},
            id=row.id,
            said=said,
            spoken_language=row.language or language or _own_language(actors.get(row.actor_id, ""), said),
            reference=clips.get(row.reference_id),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )

    return tuple(map(view, rows))


def _own_language(language: str, said: str) -> str:
    """The actor's, where the words may be in it: Korean is written in Hangul, and nothing else is. Else nobody has
    said."""
    if not any(map(str.isalpha, said)):
        return language
    is_korean = any(map(is_block, unicodedata.normalize("NFC", said)))
    return language if (language.partition("-")[0] == "ko") == is_korean else ""


def _things(
    session: Session, rows: Sequence[Token]
) -> tuple[dict[UUID | None, Any], dict[UUID | None, str], dict[UUID | None, Reference]]:
    """Scripts with their lines, languages of actors, and clips, by their ids."""
    script_ids, actor_ids, asset_ids = (
        {key for row in rows if (key := getattr(row, name)) is not None}
        for name in ("script_id", "actor_id", "reference_id")
    )
    scripts = session.execute(select(Script.id, Script.lines, Script.language).where(Script.id.in_(script_ids)))
    actors = session.execute(select(Actor.id, Actor.language).where(Actor.id.in_(actor_ids)))
    clips = session.scalars(select(Asset).where(Asset.id.in_(asset_ids), Asset.state == READY))
    return (
        {row.id: row for row in scripts},
        {row.id: row.language for row in actors},
        {row.id: _reference(row) for row in clips},
    )


def _reference(row: Asset) -> Reference:
    return Reference(
        asset_id=row.id,
        url=f"/v1/assets/{row.id}/content",
        name=row.name,
        media_type=row.media_type,
        size=Bytes(row.size),
        sha256=row.sha256,
        duration=None if row.duration is None else Seconds(row.duration),
    )
