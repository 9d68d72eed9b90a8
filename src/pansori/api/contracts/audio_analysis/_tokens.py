"""`/tokens`: clips of parts of scripts, which are to be imitated."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

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
    tagged,
)
from pansori.api.deps import OwnerDep, ServerDep, ServicesDep
from pansori.api.limits import whole_body
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.api.uploads import file_body, receive_file
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes
from pansori.library.voices import NewToken, TokenChange, TokenDraft, TokenView, tokens
from pansori.workflows import Services, drop_reference, name_reference, take_reference

MOST_JSON = Bytes(16 * 1024)

router = Router(prefix="/tokens", tags=["tokens"], route_class=route_with(detail))


class Tokens(BaseModel):
    tokens: list[TokenView]
    next_cursor: str | None
    total: int


class StoredClip(BaseModel):
    """A file that is stored already."""

    model_config = ConfigDict(extra="forbid")

    asset_id: UUID = Field(description="Of a file of one's own with sound.")


def clip_body() -> JsonDict:
    """What the document says of the body of a reference: a file, or the id of one."""
    body = file_body()
    body["requestBody"]["content"]["application/json"] = {"schema": StoredClip.model_json_schema()}
    return body


@router.get("", response_model=Tokens)
def list_tokens(
    services: ServicesDep,
    owner: OwnerDep,
    q: Search = "",
    script_id: Annotated[UUID | None, Query(description="Only those of this script.")] = None,
    actor_id: Annotated[UUID | None, Query(description="Only those of this actor.")] = None,
    limit: Limit = FIRST_PAGE,
    cursor: Cursor = None,
) -> Tokens:
    """Tokens, newest first."""
    page = look(
        services,
        lambda session: tokens.find(
            session, owner, search=q, limit=limit, cursor=cursor, script_id=script_id, actor_id=actor_id
        ),
    )
    return Tokens(tokens=list(page.items), next_cursor=page.next_cursor, total=page.total)


@router.post("", status_code=201, response_model=TokenView, responses=refuses(409, 422))
def add_token(body: NewToken, services: ServicesDep, owner: OwnerDep, response: Response) -> TokenView:
    """Keep a token, by an id that may be chosen."""
    return add(services, response, router.prefix, lambda session: tokens.add(session, owner, body))


@router.get("/{token_id}", response_model=TokenView, responses=refuses(404))
def token(token_id: str, services: ServicesDep, owner: OwnerDep, response: Response) -> TokenView:
    """One token, with what is said and the clip that is imitated."""
    return show(services, response, lambda session: tokens.get(session, token_id, owner))


@router.put(
    "/{token_id}",
    response_model=TokenView,
    responses={201: {"model": TokenView, "description": "There was none before."}, **refuses(404, 412, 422)},
)
def put_token(
    token_id: str,
    body: TokenDraft,
    services: ServicesDep,
    owner: OwnerDep,
    response: Response,
    if_match: IfMatch = None,
) -> TokenView:
    """Give a token another content, or make it. Its reference clip stays."""
    with services.database.write() as session:
        if if_match is not None:
            check_unchanged(tokens.get(session, token_id, owner, to_change=True), if_match)
        saved, is_new = tokens.put(session, token_id, owner, body)
    if is_new:
        response.status_code = 201
        response.headers["Location"] = f"{router.prefix}/{saved.id}"
    tagged(response, saved)
    return saved


@router.patch("/{token_id}", response_model=TokenView, responses=refuses(404, 412, 422))
def change_token(token_id: str, body: TokenChange, owner: OwnerDep, saving: SavingDep) -> TokenView:
    """Change some of a token's fields."""
    return saving.save(
        current=lambda session: tokens.get(session, token_id, owner, to_change=True),
        write=lambda session: tokens.change(session, token_id, owner, body),
    )


@router.delete("/{token_id}", response_model=Gone, responses=refuses(404, 412))
def delete_token(token_id: str, services: ServicesDep, owner: OwnerDep, if_match: IfMatch = None) -> Gone:
    """Delete a token with the clip that was sent for it. What was analysed for it stays."""
    with services.database.write() as session:
        check_unchanged(tokens.get(session, token_id, owner, to_change=True), if_match)
        tokens.delete(session, services.assets, token_id, owner)
    services.assets.collect()
    return Gone(deleted=token_id, tokens=[])


# -- the clip that is imitated. Where its bytes are stands in the token: no GET is added below a token ------------


@router.put(
    "/{token_id}/reference",
    response_model=TokenView,
    responses=refuses(404, 413, 422, 507),
    openapi_extra=clip_body(),
)
async def set_reference(
    token_id: str, request: Request, server: ServerDep, owner: OwnerDep, response: Response
) -> TokenView:
    """Give a token the clip that is to be imitated: the field `file` of a form, or as JSON the `asset_id` of a file of
    one's own. A clip that was sent before goes."""
    services = server.services
    await run_in_threadpool(_there, services, token_id, owner)
    if request.headers.get("content-type", "").startswith("application/json"):
        named = _stored(await whole_body(request, MOST_JSON))
        token = await run_in_threadpool(name_reference, services, token_id, owner, named.asset_id)
    else:
        clip = await receive_file(request, server, owner)
        token = await run_in_threadpool(take_reference, services, token_id, owner, clip)
    tagged(response, token)
    return token


@router.delete("/{token_id}/reference", response_model=TokenView, responses=refuses(404))
def delete_reference(token_id: str, services: ServicesDep, owner: OwnerDep, response: Response) -> TokenView:
    """Take the clip from a token."""
    token = drop_reference(services, token_id, owner)
    tagged(response, token)
    return token


def _there(services: Services, token_id: str, owner: UUID) -> None:
    """Raises `NotFound`, before anything is read."""
    with services.database.read() as session:
        tokens.get(session, token_id, owner)


def _stored(body: bytes) -> StoredClip:
    try:
        return StoredClip.model_validate_json(body)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        raise RequestValidationError(found) from error
