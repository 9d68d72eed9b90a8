"""Pages of a library by keyset: a cursor names the last entry seen, so whatever is added or deleted meanwhile, every
entry that stays comes exactly once."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, literal, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from pansori.db.tables import Track
from pansori.domain.errors import InvalidRequest, Text

SORTS: Final[dict[str, InstrumentedAttribute[Any]]] = {
    "created_at": Track.created_at,
    "title": Track.title_key,
    "duration": Track.duration,
}
"""What one may sort by; a minus before it turns the order round."""
ORDERS = tuple(f"{sign}{name}" for name in SORTS for sign in ("", "-"))
NEWEST_FIRST = "-created_at"


def ordered(statement: Select[Any], sort: str, cursor: str | None) -> Select[Any]:
    """The statement in that order, from after the cursor on. Raises `InvalidRequest` naming the field."""
    column, descending = _column(sort), sort.startswith("-")
    if cursor is not None:
        statement = statement.where(_beyond(column, sort, cursor, descending=descending))
    keys = (column, Track.id)
    return statement.order_by(*((key.desc() for key in keys) if descending else keys))


def cursor_after(row: Any, sort: str) -> str:
    """Names the row, for the page after it. It is of use with the same order alone."""
    value = getattr(row, _column(sort).key)
    place = [sort, value.isoformat() if isinstance(value, datetime) else value, row.id.hex]
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _column(sort: str) -> InstrumentedAttribute[Any]:
    if sort not in ORDERS:
        known = ", ".join(ORDERS)
        raise InvalidRequest(
            Text(f"Tracks are sorted by one of: {known}.", f"정렬은 다음 중에서 고를 수 있어요: {known}."), field="sort"
        )
    return SORTS[sort.removeprefix("-")]


def _beyond(column: InstrumentedAttribute[Any], sort: str, cursor: str, *, descending: bool) -> ColumnElement[bool]:
    value, track_id = _parse(cursor, sort)
    here = tuple_(column, Track.id)
    there = tuple_(literal(value, column.type), literal(track_id, Track.id.type))
    return here < there if descending else here > there


def _parse(cursor: str, sort: str) -> tuple[datetime | str | float, UUID]:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        order, value, track_id = json.loads(text)
        if order != sort:
            raise ValueError("the cursor of another order")
        return _value(sort.removeprefix("-"), value), UUID(track_id)
    except (ValueError, TypeError, AttributeError, OverflowError, RecursionError) as error:
        raise InvalidRequest(
            Text("The cursor is not one of ours, or belongs to another order.", "커서가 올바르지 않아요."),
            field="cursor",
            cure=Text("Leave it out to begin anew.", "빼고 처음부터 읽으세요."),
        ) from error


def _value(name: str, value: Any) -> datetime | str | float:
    if name == "created_at":
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise ValueError("naive time")
        return moment.astimezone(UTC)  # near the ends of the calendar not every zone has a UTC
    if name == "duration":
        return float(value)
    if not isinstance(value, str) or "\0" in value:
        raise ValueError("no title of ours")
    value.encode()  # lone surrogates are no text
    return value
