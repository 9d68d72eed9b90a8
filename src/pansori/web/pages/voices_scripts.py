"""Scripts: listed, written as text, brought in from files, given a cast, deleted."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from pansori.api.contracts.audio_analysis import tag_of
from pansori.api.deps import GuestOwnerDep, OwnerDep, parse_id
from pansori.api.routing import Router
from pansori.domain.jobs import JsonDict
from pansori.library.voices import (
    ActorView,
    ScriptDraft,
    ScriptLine,
    ScriptView,
    TokenView,
    actors,
    plain,
    scripts,
    tokens,
)
from pansori.web.forms import Given, Wrong, read_form
from pansori.web.frame import Page, PageDep
from pansori.web.pages.voices import PAGE, SURE, VERSION, ask_first, listing, nothing, same_as_read, saved
from pansori.web.pages.voices_words import WORDS

__all__ = ["WORDS", "router"]

router = Router(include_in_schema=False)
FIELDS: Final = ("title", "language", "text", "notes")
MISSING: Final = scripts.NO_SUCH_SCRIPT
LIST: Final = "/app/scripts"
CHOICES: Final = 200  #: actors and scripts that are offered in a form


@router.get("/app/scripts")
def show(
    page: PageDep, q: Annotated[str, Query(max_length=200)] = "", cursor: str | None = None, done: str = ""
) -> Response:
    found = nothing()
    if page.owner is not None:
        with page.server.services.database.read() as session:
            found = scripts.find(session, page.owner, search=q, cursor=cursor, limit=PAGE)
    return listing(page, "scripts.html", found, q=q, cursor=cursor, done=done)


@router.get("/app/scripts/new")
def new(page: PageDep) -> Response:
    return _form(page, dict.fromkeys(FIELDS, ""))


@router.post("/app/scripts")
async def save_new(page: PageDep, request: Request, owner: GuestOwnerDep) -> Response:
    return await run_in_threadpool(_add, page, owner, await read_form(request, FIELDS))


@router.post("/app/scripts/import")
async def bring_in(page: PageDep, request: Request, owner: GuestOwnerDep) -> Response:
    """A text file becomes a script that is called like it."""
    async with request.form(max_files=1, max_fields=2) as form:
        file = form.get("file")
        name, content = (file.filename or "", await file.read()) if isinstance(file, UploadFile) else ("", b"")

    def add(session: Session) -> str:
        lines = plain.parse(plain.decoded(content))
        title = name.rpartition(".")[0] or name or (lines[0].text[:100] if lines else "")
        draft = ScriptDraft.model_validate({"title": title, "lines": [line.model_dump() for line in lines]})
        return f"{LIST}/{scripts.add(session, owner, draft).id}?done=saved"

    given = dict.fromkeys(FIELDS, "")
    return await run_in_threadpool(saved, page, given, ("text",), add, partial(_form, page))


@router.get("/app/scripts/{script_id}")
def edit(script_id: str, page: PageDep, owner: OwnerDep, done: str = "") -> Response:
    with page.server.services.database.read() as session:
        view = scripts.get(session, parse_id(script_id, MISSING), owner)
    return _form(page, _given(view), view=view, done=done)


@router.post("/app/scripts/{script_id}")
async def save(script_id: str, page: PageDep, request: Request, owner: OwnerDep) -> Response:
    form = await request.form(max_files=0, max_fields=2 * CHOICES)
    given = await read_form(request, (*FIELDS, VERSION))
    cast = dict(zip(map(str, form.getlist("role")), map(str, form.getlist("actor")), strict=False))
    key = parse_id(script_id, MISSING)
    with_view = await run_in_threadpool(_read, page, key, owner)

    def replace(session: Session) -> str:
        before = scripts.get(session, key, owner, to_change=True)
        same_as_read(before, given)
        scripts.replace(session, key, owner, _draft(given, before, cast))
        return f"{LIST}/{key}?done=saved"

    again = partial(_form, page, view=with_view)
    return await run_in_threadpool(saved, page, given, FIELDS, replace, again)


@router.post("/app/scripts/{script_id}/delete")
def delete(script_id: str, page: PageDep, owner: OwnerDep, sure: Annotated[str, Form(alias=SURE)] = "") -> Response:
    key = parse_id(script_id, MISSING)
    with page.server.services.database.write() as session:
        view = scripts.get(session, key, owner)
        if sure:
            scripts.delete(session, key, owner)
    return page.go(f"{LIST}?done=gone") if sure else ask_first(page, view.title, page.path, LIST, "script_goes")


# -- pieces ------------


def _read(page: Page, key: UUID, owner: UUID) -> ScriptView:
    with page.server.services.database.read() as session:
        return scripts.get(session, key, owner)


def _add(page: Page, owner: UUID, given: Given) -> Response:
    def add(session: Session) -> str:
        return f"{LIST}/{scripts.add(session, owner, _draft(given)).id}?done=saved"

    return saved(page, given, FIELDS, add, partial(_form, page))


def _form(
    page: Page,
    given: Given,
    wrong: Wrong | None = None,
    status: int = 200,
    *,
    view: ScriptView | None = None,
    done: str = "",
) -> Response:
    known, of_it = _beside(page, view)
    roles = dict.fromkeys(line.role for line in view.lines) if view else {}
    first = {line.role: line.actor_id for line in reversed(view.lines)} if view else {}
    told: JsonDict = {
        "given": {VERSION: "", **given},
        "wrong": wrong or {},
        "view": view,
        "done": done if done == "saved" else "",
        "actors": known,
        "cast": [(role, first[role]) for role in roles],
        "tokens": of_it,
    }
    return page.render("script_form.html", WORDS, status=status, **told)


def _beside(page: Page, view: ScriptView | None) -> tuple[tuple[ActorView, ...], tuple[TokenView, ...]]:
    """Who may have a role, and the tokens of the script."""
    if view is None or page.owner is None:
        return (), ()
    with page.server.services.database.read() as session:
        known = actors.find(session, page.owner, limit=CHOICES).items
        return known, tokens.find(session, page.owner, script_id=view.id, limit=CHOICES).items


def _draft(given: Given, before: ScriptView | None = None, cast: dict[str, str] | None = None) -> ScriptDraft:
    """Raises `ValidationError`, `InvalidRequest` naming the field. Lines have the actor of their role; a role that is
    new has none."""
    lines: list[dict[str, Any]] = [line.model_dump() for line in plain.parse(given["text"])]
    chosen = cast or {}
    known = {line.role: line.actor_id for line in reversed(before.lines)} if before else dict[str, UUID | None]()
    for line in lines:
        actor = chosen.get(line["role"], known.get(line["role"]))
        line["actor_id"] = actor or None
    told = {name: given[name] for name in ("title", "language", "notes")}
    return ScriptDraft.model_validate({**told, "lines": lines})


def _given(view: ScriptView) -> Given:
    lines: list[ScriptLine] = view.lines
    return {
        "title": view.title,
        "language": view.language,
        "text": plain.write(lines),
        "notes": view.notes,
        VERSION: tag_of(view),
    }
