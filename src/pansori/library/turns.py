"""Turns: what was said and answered, and the users of the voice backend who said it. Every function is told whose they
are to be, and finds no others.

A turn that was only heard waits to be taken up. From then on it is the user's current turn, and in their lists: what
was obtained is seen, whatever fails afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, delete, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from pansori.db import now, owned
from pansori.db.tables import Account, Artifact, Asset, Token, Turn, VoiceUser
from pansori.domain.errors import NotFound, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SPEECH_MAX_CHARACTERS, Message
from pansori.media import Assets

State = Literal["heard", "open", "done", "failed"]
REMEMBERED: Final = 10  #: turns that a reply has in mind
NO_SUCH_USER: Final = Text("❌ User not found", "❌ User not found")
NOTHING_HEARD: Final = Text(
    "Nothing has been heard yet: send a recording or words to POST /run-model first.",
    "아직 들은 말이 없어요. 먼저 POST /run-model로 녹음이나 글을 보내 주세요.",
)


@dataclass(frozen=True)
class TurnView:
    """One turn, as far as it came. `input_wav`, `output_wav`: where clients find the sound."""

    id: UUID
    user_number: int
    conversation_id: UUID | None
    job_id: UUID | None
    state: State
    input_id: UUID | None
    input_path: str | None
    heard: str | None
    reply: str | None
    output_id: UUID | None
    output_path: str | None
    language: str
    timings: JsonDict
    error: JsonDict | None
    created_at: datetime
    finished_at: datetime | None


@dataclass(frozen=True)
class UserView:
    """A user with all of their turns of the backend, the oldest first: places of the four lists belong together."""

    id: int
    input_wav_list: list[str | None] = field(default_factory=list)
    atot_text_list: list[str | None] = field(default_factory=list)
    ttot_text_list: list[str | None] = field(default_factory=list)
    output_wav_list: list[str | None] = field(default_factory=list)


COLUMNS: Final = tuple(Turn.__table__.c[name] for name in TurnView.__dataclass_fields__)
LISTED: Final = (Turn.state != "heard", Turn.heard.is_not(None))
OF_BACKEND: Final = Turn.conversation_id.is_(None)
"""The turns of the voice backend, by which its lists and its current turn go. Those of a live conversation are kept
beside them, so that nobody who talks on a page moves the places of a program's lists, or has their words answered by
it."""


# -- users ------------


def ensure_user(session: Session, owner: UUID, number: int) -> bool:
    """See that there is such a user. Returns whether they are new."""
    mine = owned(select(VoiceUser.id).where(VoiceUser.number == number), owner)
    if session.execute(mine.limit(1)).first() is not None:
        return False
    # PostgreSQL lets two transactions look at once, so they queue at the account's row; SQLite has one writer
    session.execute(select(Account.id).where(Account.id == owner).with_for_update())
    if session.execute(mine.limit(1)).first() is not None:
        return False
    row = {"id": uuid4(), "owner": owner, "number": number, "manner": {}, "created_at": now(session)}
    session.execute(insert(VoiceUser).values(row))
    return True


def is_user(session: Session, owner: UUID, number: int) -> bool:
    mine = owned(select(VoiceUser.id).where(VoiceUser.number == number), owner)
    return session.execute(mine.limit(1)).first() is not None


def user(session: Session, owner: UUID, number: int) -> UserView:
    """Raises `NotFound`."""
    if not is_user(session, owner, number):
        raise NotFound(NO_SUCH_USER)
    return _listed(session, owner, [number], Turn.user_number == number)[0]


def users(session: Session, owner: UUID) -> list[UserView]:
    """All of the account's, by number."""
    numbers = session.scalars(owned(select(VoiceUser.number).distinct().order_by(VoiceUser.number), owner)).all()
    return _listed(session, owner, numbers)


def remember(session: Session, owner: UUID, number: int, said: str) -> None:
    """Keep the latest text that a user wants answered. The user is made where there is none."""
    ensure_user(session, owner, number)
    session.execute(owned(update(VoiceUser).where(VoiceUser.number == number).values(said=said), owner))


def said(session: Session, owner: UUID, number: int) -> str:
    """The user's latest text. Raises `NotFound` where there is none."""
    mine = select(VoiceUser.said).where(VoiceUser.number == number, VoiceUser.said.is_not(None))
    found = session.execute(owned(mine, owner)).scalars().first()
    if found is None:
        raise NotFound(NOTHING_HEARD if is_user(session, owner, number) else NO_SUCH_USER)
    return found


def manner(session: Session, owner: UUID, number: int) -> JsonDict:
    """How a user wants to be spoken to: `rate`, `volume`. Empty: as usual."""
    wanted = owned(select(VoiceUser.manner).where(VoiceUser.number == number), owner)
    return session.execute(wanted).scalars().first() or {}


def keep_manner(session: Session, owner: UUID, number: int, wanted: JsonDict) -> None:
    ensure_user(session, owner, number)
    session.execute(owned(update(VoiceUser).where(VoiceUser.number == number).values(manner=wanted), owner))


def _listed(session: Session, owner: UUID, numbers: Sequence[int], *which: ColumnElement[bool]) -> list[UserView]:
    """`which`: whose turns; none: those of all, for no database takes any number of numbers in one question."""
    columns = (Turn.user_number, Turn.input_path, Turn.heard, Turn.reply, Turn.output_path)
    wanted = select(*columns).where(*which, *LISTED, OF_BACKEND).order_by(Turn.created_at, Turn.id)
    found = {number: UserView(number) for number in numbers}
    for row in session.execute(owned(wanted, owner)):
        lists = found.get(row.user_number)
        if lists is None:  # who came between the two questions
            continue
        lists.input_wav_list.append(row.input_path)
        lists.atot_text_list.append(row.heard)
        lists.ttot_text_list.append(row.reply)
        lists.output_wav_list.append(row.output_path)
    return list(found.values())


# -- turns ------------


def add(session: Session, owner: UUID, number: int, *, state: State, **values: Any) -> TurnView:
    """Keep a new turn of a user, who is made where there is none. `values`: columns of `turns`."""
    ensure_user(session, owner, number)
    row: JsonDict = {
        "id": uuid4(),
        "owner": owner,
        "user_number": number,
        "state": state,
        "language": "",
        "timings": {},
        "created_at": now(session),
        **values,
    }
    return _views(session, insert(Turn).values(row).returning(*COLUMNS))[0]


def copied(session: Session, owner: UUID, path: str) -> UUID | None:
    """The file that another server's recording was copied into, by the path that it has there. None: none."""
    latest = select(Turn.input_id).where(Turn.input_path == path, Turn.input_id.is_not(None))
    return session.execute(owned(latest.order_by(Turn.created_at.desc()).limit(1), owner)).scalars().first()


def get(session: Session, owner: UUID, turn_id: UUID) -> TurnView:
    """Raises `NotFound`."""
    found = _views(session, owned(select(*COLUMNS).where(Turn.id == turn_id), owner))
    if not found:
        raise NotFound(Text("There is no such turn.", "그런 대화는 없어요."))
    return found[0]


def recent(session: Session, owner: UUID, *, limit: int) -> list[TurnView]:
    """Turns in which something was said, the latest first."""
    wanted = select(*COLUMNS).where(*LISTED, Turn.heard != "").order_by(Turn.created_at.desc(), Turn.id.desc())
    return _views(session, owned(wanted.limit(limit), owner))


def latest_heard(session: Session, owner: UUID, number: int) -> TurnView:
    """What the user said last. Raises `NotFound` where they have said nothing yet."""
    return _latest(session, owner, number, Turn.heard.is_not(None))


def current(session: Session, owner: UUID, number: int) -> TurnView:
    """The turn that was taken up last. Raises `NotFound` where there is none."""
    return _latest(session, owner, number, *LISTED)


def take(session: Session, owner: UUID, number: int) -> TurnView:
    """Make what the user said last their current turn. One that was answered before is answered anew, as a turn of its
    own. Raises `NotFound`."""
    return _taken(session, owner, latest_heard(session, owner, number))


def take_told(
    session: Session, owner: UUID, number: int, input_path: str | None, heard: str, timings: JsonDict
) -> TurnView:
    """The same with what another server has heard last. `timings`: how long it took to learn of it."""
    same = Turn.heard == heard, Turn.input_path.is_not_distinct_from(input_path)
    new: JsonDict = {"input_path": input_path, "heard": heard, "timings": timings}
    try:
        known = _latest(session, owner, number, *same)
    except NotFound:
        return add(session, owner, number, state="open", **new)
    if input_path is None and known.state not in ("heard", "open"):  # the same words once more
        return add(session, owner, number, state="open", **new)
    return _taken(session, owner, known, timings)


def repeat(session: Session, owner: UUID, turn: TurnView, **values: Any) -> TurnView:
    """A new open turn in which the same was said."""
    same = {name: getattr(turn, name) for name in ("input_id", "input_path", "heard", "language", "conversation_id")}
    timings = {name: one for name, one in turn.timings.items() if name == "hear"}
    return add(session, owner, turn.user_number, state="open", **{**same, "timings": timings, **values})


def change(session: Session, owner: UUID, turn_id: UUID, **values: Any) -> bool:
    """Write to a turn that is not finished. False: it is, or it is gone."""
    return _changed(session, owner, turn_id, values) is not None


def rewrite(session: Session, owner: UUID, turn_id: UUID, **values: Any) -> None:
    """Write to a turn, finished or not."""
    session.execute(owned(update(Turn).where(Turn.id == turn_id).values(**values), owner))


def finish(session: Session, owner: UUID, turn: TurnView, state: State, **values: Any) -> TurnView:
    """End a turn. Where it was ended meanwhile, as by somebody who answered it at the same time, this is another
    one."""
    ended = {"state": state, "finished_at": now(session), **values}
    found = _changed(session, owner, turn.id, ended)
    if found is None:
        found = _changed(session, owner, repeat(session, owner, turn).id, ended)
    assert found is not None, "nobody else knows of it yet"
    return found


def without_job(before: datetime) -> tuple[ColumnElement[bool], ...]:
    """Those from before that moment that no job tells of: nobody has taken up what was said, or answered it."""
    return Turn.job_id.is_(None), Turn.created_at < before


def forget(session: Session, assets: Assets, turn_ids: Collection[UUID]) -> int:
    """Delete turns of any account that no job tells of, and those of their sounds that nothing else uses; files go
    with the next `assets.collect()`. The others go with their jobs. Returns how many went."""
    alone = Turn.id.in_(turn_ids), Turn.job_id.is_(None)
    # locked, so that none of them is answered meanwhile
    found = session.execute(select(Turn.id, Turn.input_id, Turn.output_id).where(*alone).with_for_update()).all()
    ids = [row.id for row in found]
    sounds = {one for row in found for one in (row.input_id, row.output_id) if one is not None}
    session.execute(select(Asset.id).where(Asset.id.in_(sounds)).order_by(Asset.id).with_for_update())
    session.execute(delete(Turn).where(Turn.id.in_(ids)))
    for used in (Turn.input_id, Turn.output_id, Artifact.asset_id, Token.reference_id):
        sounds.difference_update(session.scalars(select(used).where(used.in_(sounds))))
    assets.retire(session, sounds)
    return len(ids)


def history(
    session: Session, owner: UUID, number: int, *, conversation_id: UUID | None = None, before: datetime
) -> tuple[Message, ...]:
    """The turns before that moment that were answered: those of a conversation, or else of a user without one."""
    alone = (Turn.conversation_id.is_(None), Turn.user_number == number)
    same = alone if conversation_id is None else (Turn.conversation_id == conversation_id,)
    answered = (*same, Turn.created_at < before, Turn.reply.is_not(None), Turn.heard != "")
    wanted = select(*COLUMNS).where(*answered).order_by(Turn.created_at.desc(), Turn.id.desc()).limit(REMEMBERED)
    return tuple(_messages(reversed(_views(session, owned(wanted, owner)))))


def _messages(told: Iterable[TurnView]) -> Iterable[Message]:
    for one in told:
        yield Message(role="user", text=(one.heard or "")[:SPEECH_MAX_CHARACTERS])
        yield Message(role="assistant", text=(one.reply or "")[:SPEECH_MAX_CHARACTERS])


def _taken(session: Session, owner: UUID, turn: TurnView, timings: JsonDict | None = None) -> TurnView:
    if turn.state in ("done", "failed"):
        return repeat(session, owner, turn, **({} if timings is None else {"timings": timings}))
    taken = {"state": "open", "timings": {**turn.timings, **(timings or {})}}
    return _changed(session, owner, turn.id, taken) or get(session, owner, turn.id)


def _changed(session: Session, owner: UUID, turn_id: UUID, values: JsonDict) -> TurnView | None:
    """A turn that was not finished, as it is now. None: it is, or it is gone."""
    open_one = Turn.id == turn_id, Turn.state.in_(("heard", "open"))
    changed = owned(update(Turn).where(*open_one).values(**values), owner).returning(*COLUMNS)
    return next(iter(_views(session, changed)), None)


def _latest(session: Session, owner: UUID, number: int, *which: Any) -> TurnView:
    wanted = select(*COLUMNS).where(Turn.user_number == number, OF_BACKEND, *which)
    found = _views(session, owned(wanted.order_by(Turn.created_at.desc(), Turn.id.desc()).limit(1), owner))
    if not found:
        raise NotFound(NOTHING_HEARD if is_user(session, owner, number) else NO_SUCH_USER)
    return found[0]


def _views(session: Session, wanted: Select[Any] | ReturningInsert[Any] | ReturningUpdate[Any]) -> list[TurnView]:
    return [TurnView(**row) for row in session.execute(wanted).mappings()]
