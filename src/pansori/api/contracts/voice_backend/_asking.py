"""Who asks, and for which user."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool

from pansori.api.deps import Server, ServerDep, ViewerDep
from pansori.api.guard import FOREIGN_PAGE, is_foreign
from pansori.domain.errors import Forbidden
from pansori.workflows import voice

HIGHEST: Final = 2**31 - 1  #: of numbers that every database keeps


UserId = Annotated[
    int | None,
    Query(alias="user_id", ge=1, le=HIGHEST, description="Which of one's own users. Default: USER_ID, or the account."),
]


async def _speaker(request: Request, server: ServerDep, viewer: ViewerDep) -> UUID:
    """The account, for routes that do something though they are asked with GET: a key has to allow it, and a page of
    another origin may not let its visitors call them."""
    if is_foreign(request.headers, request.url.scheme, server.origins):
        raise Forbidden(FOREIGN_PAGE)
    return viewer.known("write").id


SpeakerDep = Annotated[UUID, Depends(_speaker)]


async def number_of(server: Server, owner: UUID, user_id: int | None) -> int:
    """The user who is meant. Raises `NotFound` as `voice.meant` does."""

    def found() -> int:
        with server.services.database.read() as session:
            return voice.meant(session, server.services.settings, owner, user_id)

    return await run_in_threadpool(found)
