"""`/scripts`: texts that are spoken, line by line."""

from __future__ import annotations

from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
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
)
from pansori.api.delivery import ISOLATED, content_disposition
from pansori.api.deps import OwnerDep, ServicesDep, parse_id
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.domain.jobs import JsonDict
from pansori.library.voices import ScriptChange, ScriptDraft, ScriptView, plain, scripts
from pansori.media import clean_name

MISSING = scripts.NO_SUCH_SCRIPT
PLAIN: JsonDict = {"text/plain": {"schema": {"type": "string"}}}

router = Router(prefix="/scripts", tags=["scripts"], route_class=route_with(detail))


class Scripts(BaseModel):
    scripts: list[ScriptView]
    next_cursor: str | None
    total: int


@router.get("", response_model=Scripts)
def list_scripts(
    services: ServicesDep, owner: OwnerDep, q: Search = "", limit: Limit = FIRST_PAGE, cursor: Cursor = None
) -> Scripts:
    """Scripts, newest first."""
    page = look(services, lambda session: scripts.find(session, owner, search=q, limit=limit, cursor=cursor))
    return Scripts(scripts=list(page.items), next_cursor=page.next_cursor, total=page.total)


@router.post("", status_code=201, response_model=ScriptView, responses=refuses(422))
def add_script(body: ScriptDraft, services: ServicesDep, owner: OwnerDep, response: Response) -> ScriptView:
    """Keep a script."""
    return add(services, response, router.prefix, lambda session: scripts.add(session, owner, body))


@router.post(
    "/import",
    status_code=201,
    response_model=ScriptView,
    responses=refuses(413, 422),
    openapi_extra={"requestBody": {"required": True, "content": PLAIN}},
)
async def import_script(
    request: Request,
    services: ServicesDep,
    owner: OwnerDep,
    response: Response,
    title: Annotated[str, Query(description="1 to 200 characters.")],
    language: Annotated[str, Query(description="BCP 47.")] = "",
) -> ScriptView:
    """Keep a script that is sent as plain text: a line each, whose part before a colon and a space is a role."""
    lines = plain.parse(plain.decoded(await request.body()))
    draft = _draft({"title": title, "language": language, "lines": [line.model_dump() for line in lines]})
    return await run_in_threadpool(add_script, draft, services, owner, response)


@router.get("/{script_id}", response_model=ScriptView, responses=refuses(404))
def script(script_id: str, services: ServicesDep, owner: OwnerDep, response: Response) -> ScriptView:
    """One script with its lines."""
    return show(services, response, lambda session: scripts.get(session, parse_id(script_id, MISSING), owner))


@router.get("/{script_id}/text", response_class=Response, responses={200: {"content": PLAIN}, **refuses(404)})
def script_text(script_id: str, services: ServicesDep, owner: OwnerDep) -> Response:
    """The script as a plain text file, which can be imported again."""
    found = look(services, lambda session: scripts.get(session, parse_id(script_id, MISSING), owner))
    name = content_disposition(clean_name(f"{found.title}.txt"), "attachment")
    headers = {**ISOLATED, "Cache-Control": "private, no-cache", "Content-Disposition": name}
    return Response(plain.write(found.lines), headers=headers, media_type="text/plain")


@router.put("/{script_id}", response_model=ScriptView, responses=refuses(404, 412, 422))
def replace_script(script_id: str, body: ScriptDraft, owner: OwnerDep, saving: SavingDep) -> ScriptView:
    """Give a script another content."""
    key = parse_id(script_id, MISSING)
    return saving.save(
        current=lambda session: scripts.get(session, key, owner, to_change=True),
        write=lambda session: scripts.replace(session, key, owner, body),
    )


@router.patch("/{script_id}", response_model=ScriptView, responses=refuses(404, 412, 422))
def change_script(script_id: str, body: ScriptChange, owner: OwnerDep, saving: SavingDep) -> ScriptView:
    """Change some of a script's fields. `lines` are replaced as a whole."""
    key = parse_id(script_id, MISSING)
    return saving.save(
        current=lambda session: scripts.get(session, key, owner, to_change=True),
        write=lambda session: scripts.change(session, key, owner, body),
    )


@router.delete("/{script_id}", response_model=Gone, responses=refuses(404, 412))
def delete_script(script_id: str, services: ServicesDep, owner: OwnerDep, if_match: IfMatch = None) -> Gone:
    """Delete a script. Tokens of it keep its words as their own."""
    key = parse_id(script_id, MISSING)
    with services.database.write() as session:
        check_unchanged(scripts.get(session, key, owner, to_change=True), if_match)
        return Gone(deleted=str(key), tokens=scripts.delete(session, key, owner))


def _draft(values: JsonDict) -> ScriptDraft:
    """Raises `RequestValidationError` naming a parameter of the query."""
    try:
        return ScriptDraft.model_validate(values)
    except ValidationError as error:
        raise RequestValidationError(
            [{**one, "loc": ("query", *one["loc"])} for one in error.errors(include_url=False)]
        ) from error
