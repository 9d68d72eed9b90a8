"""Actors: listed, written, deleted."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Final, get_args

from fastapi import Form, Query, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.audio_analysis import tag_of
from pansori.api.deps import GuestOwnerDep, OwnerDep, parse_id
from pansori.api.routing import Router
from pansori.domain.errors import InvalidRequest, Text
from pansori.library.voices import ActorDraft, ActorView, VoiceKind, actors
from pansori.web.forms import Given, Wrong, read_form
from pansori.web.frame import Page, PageDep
from pansori.web.pages.voices import PAGE, SURE, VERSION, ask_first, listing, nothing, same_as_read, saved
from pansori.web.pages.voices_words import WORDS

__all__ = ["WORDS", "router"]

router = Router(include_in_schema=False)
VOICE: Final = ("kind", "age", "accent", "description")
FIELDS: Final = ("name", "language", "notes", *VOICE)
KINDS: Final[tuple[str, ...]] = get_args(VoiceKind)
LIST: Final = "/app/actors"


@router.get("/app/actors")
def show(
    page: PageDep, q: Annotated[str, Query(max_length=200)] = "", cursor: str | None = None, done: str = ""
) -> Response:
    found = nothing()
    if page.owner is not None:
        with page.server.services.database.read() as session:
            found = actors.find(session, page.owner, search=q, cursor=cursor, limit=PAGE)
    return listing(page, "actors.html", found, q=q, cursor=cursor, done=done)


@router.get("/app/actors/new")
def new(page: PageDep) -> Response:
    return _form(page, dict.fromkeys((*FIELDS, VERSION), ""))


@router.post("/app/actors")
async def save_new(page: PageDep, request: Request, owner: GuestOwnerDep) -> Response:
    given = await read_form(request, FIELDS)

    def save(session: Session) -> str:
        actors.add(session, owner, _draft(given))
        return f"{LIST}?done=saved"

    return await run_in_threadpool(saved, page, given, _places(), save, partial(_form, page))


@router.get("/app/actors/{actor_id}")
def edit(actor_id: str, page: PageDep, owner: OwnerDep) -> Response:
    with page.server.services.database.read() as session:
        view = actors.get(session, parse_id(actor_id, actors.NO_SUCH_ACTOR), owner)
    return _form(page, _given(view), actor_id=actor_id)


@router.post("/app/actors/{actor_id}")
async def save(actor_id: str, page: PageDep, request: Request, owner: OwnerDep) -> Response:
    given, key = await read_form(request, (*FIELDS, VERSION)), parse_id(actor_id, actors.NO_SUCH_ACTOR)

    def replace(session: Session) -> str:
        same_as_read(actors.get(session, key, owner, to_change=True), given)
        actors.replace(session, key, owner, _draft(given))
        return f"{LIST}?done=saved"

    again = partial(_form, page, actor_id=actor_id)
    return await run_in_threadpool(saved, page, given, _places(), replace, again)


@router.post("/app/actors/{actor_id}/delete")
def delete(actor_id: str, page: PageDep, owner: OwnerDep, sure: Annotated[str, Form(alias=SURE)] = "") -> Response:
    key = parse_id(actor_id, actors.NO_SUCH_ACTOR)
    with page.server.services.database.write() as session:
        view = actors.get(session, key, owner)
        if sure:
            actors.delete(session, key, owner)
    return page.go(f"{LIST}?done=gone") if sure else ask_first(page, view.name, page.path, LIST, "actor_goes")


# -- pieces ------------


def _form(page: Page, given: Given, wrong: Wrong | None = None, status: int = 200, *, actor_id: str = "") -> Response:
    kinds = [(kind, f"kind_{kind}") for kind in KINDS]
    told: dict[str, Any] = {"given": {VERSION: "", **given}, "wrong": _flat(wrong or {}), "actor_id": actor_id}
    return page.render("actor_form.html", WORDS, status=status, kinds=kinds, **told)


def _places() -> tuple[str, ...]:
    """What the model calls the form's fields."""
    return (*(name for name in FIELDS if name not in VOICE), *(f"voice.{name}" for name in VOICE))


def _flat(wrong: Wrong) -> dict[str, str]:
    return {name.removeprefix("voice."): words for name, words in wrong.items()}


def _draft(given: Given) -> ActorDraft:
    """Raises `ValidationError`, `InvalidRequest` naming the field."""
    voice: dict[str, Any] = {name: given[name] for name in VOICE if name != "age"}
    if age := given["age"].strip():
        if not (age.isascii() and age.isdigit() and len(age) < 4):
            raise InvalidRequest(Text("This has to be a whole number.", "정수여야 해요."), field="voice.age")
        voice["age"] = int(age)
    told = {name: given[name] for name in FIELDS if name not in VOICE}
    return ActorDraft.model_validate({**told, "voice": voice})


def _given(view: ActorView) -> Given:
    voice = view.voice.model_dump()
    told = {name: str(getattr(view, name)) for name in FIELDS if name not in VOICE}
    return {**told, **{name: "" if voice[name] is None else str(voice[name]) for name in VOICE}, VERSION: tag_of(view)}
