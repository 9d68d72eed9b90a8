"""`/actors`: who speaks, people and voices that are made."""

from __future__ import annotations

from fastapi import Response
from pydantic import BaseModel

from pansori.api.contracts.audio_analysis._kept import (
    FIRST_PAGE,
    Cursor,
    Gone,
    IfMatch,
    Limit,
    SavingDep,
    Search,
    add,
    check_unchanged,
    look,
    refuses,
    show,
)
from pansori.api.deps import OwnerDep, ServicesDep, parse_id
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.library.voices import ActorChange, ActorDraft, ActorView, actors

MISSING = actors.NO_SUCH_ACTOR

router = Router(prefix="/actors", tags=["actors"], route_class=route_with(detail))


class Actors(BaseModel):
    actors: list[ActorView]
    next_cursor: str | None
    total: int


@router.get("", response_model=Actors)
def list_actors(
    services: ServicesDep, owner: OwnerDep, q: Search = "", limit: Limit = FIRST_PAGE, cursor: Cursor = None
) -> Actors:
    """Actors, newest first."""
    page = look(services, lambda session: actors.find(session, owner, search=q, limit=limit, cursor=cursor))
    return Actors(actors=list(page.items), next_cursor=page.next_cursor, total=page.total)


@router.post("", status_code=201, response_model=ActorView, responses=refuses(422))
def add_actor(body: ActorDraft, services: ServicesDep, owner: OwnerDep, response: Response) -> ActorView:
    """Keep an actor."""
    return add(services, response, router.prefix, lambda session: actors.add(session, owner, body))


@router.get("/{actor_id}", response_model=ActorView, responses=refuses(404))
def actor(actor_id: str, services: ServicesDep, owner: OwnerDep, response: Response) -> ActorView:
    """One actor."""
    return show(services, response, lambda session: actors.get(session, parse_id(actor_id, MISSING), owner))


@router.put("/{actor_id}", response_model=ActorView, responses=refuses(404, 412, 422))
def replace_actor(actor_id: str, body: ActorDraft, owner: OwnerDep, saving: SavingDep) -> ActorView:
    """Give an actor another content."""
    key = parse_id(actor_id, MISSING)
    return saving.save(
        current=lambda session: actors.get(session, key, owner, to_change=True),
        write=lambda session: actors.replace(session, key, owner, body),
    )


@router.patch("/{actor_id}", response_model=ActorView, responses=refuses(404, 412, 422))
def change_actor(actor_id: str, body: ActorChange, owner: OwnerDep, saving: SavingDep) -> ActorView:
    """Change some of an actor's fields, those of `voice` one by one."""
    key = parse_id(actor_id, MISSING)
    return saving.save(
        current=lambda session: actors.get(session, key, owner, to_change=True),
        write=lambda session: actors.change(session, key, owner, body),
    )


@router.delete("/{actor_id}", response_model=Gone, responses=refuses(404, 412))
def delete_actor(actor_id: str, services: ServicesDep, owner: OwnerDep, if_match: IfMatch = None) -> Gone:
    """Delete an actor. Tokens and lines of theirs stay, and name nobody."""
    key = parse_id(actor_id, MISSING)
    with services.database.write() as session:
        check_unchanged(actors.get(session, key, owner, to_change=True), if_match)
        return Gone(deleted=str(key), tokens=actors.delete(session, key, owner))
