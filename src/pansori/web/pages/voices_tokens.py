"""Tokens: listed, written, given a clip to imitate, attempted, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final

from fastapi import Form, Query, Request
from fastapi.responses import JSONResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.audio_analysis import tag_of
from pansori.api.deps import CONVERSIONS_IN_LINE, GuestOwnerDep, OwnerDep, ServerDep
from pansori.api.routing import Router
from pansori.api.sse import EventStream
from pansori.api.uploads import receive_file
from pansori.domain.errors import InvalidRequest, NotFound, PansoriError, Text
from pansori.domain.jobs import JsonDict
from pansori.library.voices import Attempt, NewToken, TokenDraft, TokenView, actors, attempts, scripts, tokens
from pansori.web.cards import JobCard, card_of
from pansori.web.forms import WHOLE, Given, Wrong, read_form, wrong_with
from pansori.web.frame import Page, PageDep
from pansori.web.measures import When, when
from pansori.web.pages.voices import PAGE, SURE, VERSION, ask_first, listing, nothing, same_as_read, saved
from pansori.web.pages.voices_words import WORDS
from pansori.web.streams import Look, stream
from pansori.web.words import FRAME, Told
from pansori.workflows import drop_reference, speak_reference, submit_received, take_reference

__all__ = ["WORDS", "router"]

router = Router(include_in_schema=False)
FIELDS: Final = ("name", "script_id", "first_line", "last_line", "actor_id", "text", "language")
LINES: Final = ("first_line", "last_line")
LIST: Final = "/app/tokens"
CHOICES: Final = 200  #: actors and scripts that are offered
ORIGIN: Final = "web"


@dataclass(frozen=True)
class Try:
    """An attempt as the list of a token shows it. `card`: of one that is not done."""

    attempt: Attempt
    when: When
    card: JobCard | None
    best: bool
    elsewhere: bool
    """It was compared with another clip than the token has now."""


@router.get("/app/tokens")
def show(
    page: PageDep, q: Annotated[str, Query(max_length=200)] = "", cursor: str | None = None, done: str = ""
) -> Response:
    found, tried = nothing(), dict[str, int]()
    if page.owner is not None:
        with page.server.services.database.read() as session:
            found = tokens.find(session, page.owner, search=q, cursor=cursor, limit=PAGE)
            tried = attempts.counts(session, page.owner, [one.id for one in found.items])
    return listing(page, "tokens.html", found, q=q, cursor=cursor, done=done, tried=tried)


@router.get("/app/new-token")
def new(page: PageDep, script: str = "", actor: str = "") -> Response:
    return _form(page, {**dict.fromkeys(("id", *FIELDS), ""), "script_id": script, "actor_id": actor})


@router.post("/app/new-token")
async def save_new(page: PageDep, request: Request, owner: GuestOwnerDep) -> Response:
    given = await read_form(request, ("id", *FIELDS))

    def save(session: Session) -> str:
        told = {**_told(given), "id": given["id"].strip() or None}
        return f"{LIST}/{tokens.add(session, owner, NewToken.model_validate(told)).id}?done=saved"

    return await run_in_threadpool(saved, page, given, ("id", *FIELDS), save, partial(_form, page))


@router.get("/app/tokens/{token_id}")
def token(token_id: str, page: PageDep, owner: OwnerDep, done: str = "") -> Response:
    return _page(page, token_id, done=done)


@router.get("/app/tokens/{token_id}/events", response_class=EventStream)
async def events(token_id: str, page: PageDep, owner: OwnerDep) -> Response:
    """The attempts, kept true."""
    await run_in_threadpool(_find, page, token_id)  # 404 as long as there can be one

    def look() -> Look:
        view = _find(page, token_id)
        return Look({"attempts": page.fragment("_attempts.html", WORDS, **_tries(page, view))})

    return stream(page, look)


@router.get("/app/tokens/{token_id}/edit")
def edit(token_id: str, page: PageDep, owner: OwnerDep) -> Response:
    return _form(page, _given(_find(page, token_id)), token_id=token_id)


@router.post("/app/tokens/{token_id}/edit")
async def save(token_id: str, page: PageDep, request: Request, owner: OwnerDep) -> Response:
    given = await read_form(request, (*FIELDS, VERSION))

    def replace(session: Session) -> str:
        same_as_read(tokens.get(session, token_id, owner, to_change=True), given)
        tokens.put(session, token_id, owner, TokenDraft.model_validate(_told(given)))
        return f"{LIST}/{token_id}?done=saved"

    return await run_in_threadpool(saved, page, given, FIELDS, replace, partial(_form, page, token_id=token_id))


@router.post("/app/tokens/{token_id}/delete")
def delete(token_id: str, page: PageDep, owner: OwnerDep, sure: Annotated[str, Form(alias=SURE)] = "") -> Response:
    services = page.server.services
    view = _find(page, token_id)
    if not sure:
        return ask_first(page, name_of(view), page.path, f"{LIST}/{token_id}", "token_goes")
    with services.database.write() as session:
        tokens.delete(session, services.assets, token_id, owner)
    services.assets.collect()
    return page.go(f"{LIST}?done=gone")


@router.post("/app/tokens/{token_id}/reference")
async def set_clip(token_id: str, page: PageDep, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Keep the clip that is to be imitated."""
    await run_in_threadpool(_find, page, token_id)
    try:
        clip = await receive_file(request, server, owner)
        await run_in_threadpool(take_reference, server.services, token_id, owner, clip)
    except PansoriError as error:
        return await _refused(page, request, token_id, error, "reference")
    return _gone_on(page, request, f"{LIST}/{token_id}?done=clip")


@router.post("/app/tokens/{token_id}/reference/speak")
async def speak_clip(token_id: str, page: PageDep, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Let the built-in voice say it."""
    try:
        await server.convert(CONVERSIONS_IN_LINE, speak_reference, server.services, token_id, owner)
    except NotFound:
        raise
    except PansoriError as error:
        return await _refused(page, request, token_id, error, "reference")
    return page.go(f"{LIST}/{token_id}?done=clip")


@router.post("/app/tokens/{token_id}/reference/drop")
def drop_clip(token_id: str, page: PageDep, owner: OwnerDep) -> Response:
    drop_reference(page.server.services, token_id, owner)
    return page.go(f"{LIST}/{token_id}?done=unclip")


@router.post("/app/tokens/{token_id}/attempts")
async def attempt(token_id: str, page: PageDep, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Keep a recording, and begin to compare it."""
    await run_in_threadpool(_find, page, token_id)
    try:
        source = await receive_file(request, server, owner)
        asked = {"token_id": token_id}
        begun = partial(submit_received, server.services, source, asked, owner=owner, origin=ORIGIN)
        job = await run_in_threadpool(begun)
    except PansoriError as error:
        return await _refused(page, request, token_id, error, "attempt")
    return _gone_on(page, request, f"/app/attempts/{job.id}")


# -- pieces ------------


def name_of(view: TokenView) -> str:
    """What it is called, or else what is said, or its id."""
    return view.name or view.said.partition("\n")[0] or view.id


def _wants_json(request: Request) -> bool:
    return request.headers.get("accept", "").startswith("application/json")


def _gone_on(page: Page, request: Request, path: str) -> Response:
    """Scripts are told where to go."""
    return JSONResponse({"path": path}, 202) if _wants_json(request) else page.go(path)


async def _refused(page: Page, request: Request, token_id: str, error: PansoriError, place: str) -> Response:
    if _wants_json(request):
        raise error
    wrong, status = wrong_with(error, page.language, ())
    return await run_in_threadpool(_page, page, token_id, wrong={place: wrong[WHOLE]}, status=status)


def _find(page: Page, token_id: str) -> TokenView:
    """Raises `NotFound`."""
    owner = page.viewer.known("read").id
    with page.server.services.database.read() as session:
        return tokens.get(session, token_id, owner)


def _page(page: Page, token_id: str, *, done: str = "", wrong: Wrong | None = None, status: int = 200) -> Response:
    view, owner = _find(page, token_id), page.viewer.known("read").id
    with page.server.services.database.read() as session:
        script = scripts.get(session, view.script_id, owner) if view.script_id else None
        actor = actors.get(session, view.actor_id, owner) if view.actor_id else None
    return page.render(
        "token.html",
        WORDS,
        status=status,
        token=view,
        name=name_of(view),
        script=script,
        actor=actor,
        wrong=wrong or {},
        done=done if done in ("saved", "clip", "unclip") else "",
        **_tries(page, view),
    )


def _tries(page: Page, view: TokenView) -> dict[str, Any]:
    """The attempts, the best score, and whether any is under way."""
    database, owner = page.server.services.database, page.viewer.known("read").id
    with database.read() as session:
        found, now = attempts.find(session, owner, view.id), database.now(session)
    sha256 = view.reference.sha256 if view.reference else ""
    scores = [one.score for one in found if one.score is not None and one.reference == sha256]
    best, told = max(scores, default=None), Told(page.language, FRAME)

    def line(one: Attempt) -> Try:
        view, is_ours = one.unfinished, one.reference == sha256
        card = card_of(view.job, told, now, title=view.name) if view else None
        is_best = best is not None and one.score == best and is_ours
        return Try(one, when(one.created_at, now, page.language), card, is_best, one.score is not None and not is_ours)

    return {"tries": [line(one) for one in found], "best": best}


def _form(page: Page, given: Given, wrong: Wrong | None = None, status: int = 200, *, token_id: str = "") -> Response:
    known: JsonDict = {"scripts": (), "actors": ()}
    if page.owner is not None:
        with page.server.services.database.read() as session:
            known["scripts"] = scripts.find(session, page.owner, limit=CHOICES).items
            known["actors"] = actors.find(session, page.owner, limit=CHOICES).items
    told: JsonDict = {"given": {VERSION: "", "id": "", **given}, "wrong": wrong or {}, "token_id": token_id}
    return page.render("token_form.html", WORDS, status=status, **told, **known)


def _told(given: Given) -> dict[str, Any]:
    """The form in the words of the model: lines are counted from 0 there, and from 1 by people."""
    told: dict[str, Any] = {name: given[name] for name in FIELDS if name not in LINES}
    for name in ("script_id", "actor_id"):
        told[name] = told[name] or None
    for name in LINES:
        written = given[name].strip()
        if written and not (written.isascii() and written.isdigit() and int(written[:9]) > 0):
            raise InvalidRequest(Text("Lines are counted from 1.", "줄 번호는 1부터예요."), field=name)
        told[name] = int(written[:9]) - 1 if written and told["script_id"] else None
    return told


def _given(view: TokenView) -> Given:
    told = {name: "" if (value := getattr(view, name)) is None else str(value) for name in FIELDS}
    for name in LINES:
        if (number := getattr(view, name)) is not None:
            told[name] = str(number + 1)
    return {**told, VERSION: tag_of(view)}
