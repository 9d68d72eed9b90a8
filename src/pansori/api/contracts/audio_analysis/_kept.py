"""What the routes of scripts, actors and tokens share: refusals, lists, and answers that can be changed safely."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, TypeVar

from fastapi import Depends, Header, Query, Response
from pydantic import BaseModel, Field
from sqlalchemy.orm import Session

from pansori.api.deps import ServicesDep
from pansori.domain.errors import Outdated, Text
from pansori.domain.jobs import JsonDict
from pansori.library.voices import LARGEST_PAGE, PAGE, ActorView, ScriptView, TokenView
from pansori.workflows import Services

View = TypeVar("View", bound=BaseModel)
Kept = TypeVar("Kept", ActorView, ScriptView, TokenView)
Found = TypeVar("Found")

Search = Annotated[str, Query(max_length=200, description="Words all of which have to be found.")]
Limit = Annotated[int, Query(ge=1, le=LARGEST_PAGE)]
Cursor = Annotated[str | None, Query(max_length=400, description="`next_cursor` of the page before.")]
IfMatch = Annotated[
    list[str] | None,
    Header(description="The `ETag` of the one that is to be changed: 412 where it has changed since."),
]
FIRST_PAGE = PAGE


class Refused(BaseModel):
    """An error: words, or for a request that is wrong a list saying where."""

    detail: str | list[JsonDict]


class Gone(BaseModel):
    """What was deleted, and what named it."""

    deleted: str
    tokens: list[str] = Field(description="Tokens that named it. They stay, and name it no longer.")


def refuses(*statuses: int) -> dict[int | str, JsonDict]:
    """How the description of a route says so."""
    return {status: {"model": Refused} for status in statuses}


def tag_of(view: BaseModel) -> str:
    """The entity tag (RFC 9110 §8.8.3) of what is told."""
    return f'"{hashlib.sha256(view.model_dump_json().encode()).hexdigest()[:24]}"'


def tagged(response: Response, view: BaseModel) -> None:
    response.headers["ETag"] = tag_of(view)


def look(services: Services, find: Callable[[Session], Found]) -> Found:
    """What `find` reads."""
    with services.database.read() as session:
        return find(session)


def show(services: Services, response: Response, find: Callable[[Session], View]) -> View:
    """What `find` reads, tagged."""
    found = look(services, find)
    tagged(response, found)
    return found


def add(services: Services, response: Response, place: str, write: Callable[[Session], Kept]) -> Kept:
    """What `write` keeps, tagged, with where it is: below `place`."""
    with services.database.write() as session:
        made = write(session)
    response.headers["Location"] = f"{place}/{made.id}"
    tagged(response, made)
    return made


@dataclass(frozen=True)
class Saving:
    """A change that is made only to what is still as whoever asks has read it."""

    services: Services
    response: Response
    conditions: list[str] | None

    def save(self, current: Callable[[Session], BaseModel], write: Callable[[Session], View]) -> View:
        """What `write` makes of `current`, in one transaction, tagged. Raises as `check_unchanged` does."""
        with self.services.database.write() as session:
            check_unchanged(current(session), self.conditions)
            saved = write(session)
        tagged(self.response, saved)
        return saved


async def _saving(services: ServicesDep, response: Response, if_match: IfMatch = None) -> Saving:
    return Saving(services, response, if_match)


SavingDep = Annotated[Saving, Depends(_saving)]


def check_unchanged(view: BaseModel, conditions: list[str] | None) -> None:
    """Raises `Outdated` unless `If-Match` (RFC 9110 §13.1.1), where it was sent, names what there is."""
    if conditions is None:
        return
    tags = [tag.strip() for line in conditions for tag in line.split(",")]
    if "*" not in tags and tag_of(view) not in tags:
        raise Outdated(
            Text("It has changed since you read it.", "읽은 뒤에 내용이 바뀌었어요."),
            cure=Text("Read it again, and change that.", "다시 읽어서 고쳐 주세요."),
        )
