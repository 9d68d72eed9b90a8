"""Prompt templates: those that come with the program and one's own, filled in and used."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from pansori.api.deps import GuestOwnerDep, OwnerDep, Server, ServerDep, parse_id
from pansori.api.routing import Router
from pansori.domain.errors import InvalidRequest, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import LYRICS_MAX_CHARACTERS, PROMPT_MAX_CHARACTERS
from pansori.library import TemplateDraft, TemplateView, TrackView, templates, tracks
from pansori.library.templates import NAME_MAX_CHARACTERS, VALUE_MAX_CHARACTERS, VARIABLE, bundled
from pansori.web.forms import Given, Wrong, read_form, wrong_with
from pansori.web.frame import Page, PageDep

router = Router(include_in_schema=False)

WORDS = {
    "heading": Text("Templates", "템플릿"),
    "lead": Text(
        "Prompts with blanks. Fill them in, or leave what stands there, and the form is filled for you.",
        "빈칸이 있는 설명이에요. 빈칸을 채우거나 그대로 두고 쓰면, 만들기 양식이 채워져요.",
    ),
    "own": Text("Your own", "내 템플릿"),
    "own_none": Text(
        "You have saved none yet. Save one of your prompts, or change one of those below.",
        "아직 저장한 템플릿이 없어요. 자주 쓰는 설명을 저장하거나, 아래 템플릿을 고쳐 보세요.",
    ),
    "included": Text("Included", "기본 템플릿"),
    "other_language": Text("한국어로 된 템플릿 보기", "Templates in English"),
    "one_language": Text("Only those in English", "한국어 템플릿만 보기"),
    "new": Text("New template", "새 템플릿"),
    "use": Text("Use", "쓰기"),
    "use_named": Text("Use {title}", "{title} 쓰기"),
    "edit": Text("Edit", "고치기"),
    "edit_named": Text("Edit {title}", "{title} 고치기"),
    "copy_change": Text("Copy and change", "복사해서 고치기"),
    "copy_change_named": Text("Copy and change: {title}", "복사해서 고치기: {title}"),
    "delete": Text("Delete", "삭제"),
    "delete_named": Text("Delete {title}", "{title} 삭제"),
    "delete_sure": Text("Delete the template {title}?", "템플릿 {title|을/를} 지울까요?"),
    "with_lyrics": Text("With lyrics", "가사 포함"),
    "of_length": Text("{n} s", "{n}초"),
    "heading_new": Text("New template", "새 템플릿"),
    "heading_edit": Text("Edit a template", "템플릿 고치기"),
    "field_name": Text("Name", "이름"),
    "field_prompt": Text("Prompt", "설명"),
    "field_prompt_hint": Text(
        "{variable} is a blank; {variable=value} says what it is where it is left empty.",
        "{변수}는 빈칸이에요. {변수=값}처럼 적으면 비워 두었을 때 그 값을 써요.",
    ),
    "field_lyrics": Text("Lyrics, if there are any", "가사(있다면)"),
    "field_duration": Text("Length in seconds, if it matters", "길이(초, 정해 두려면)"),
    "save": Text("Save", "저장"),
    "saved": Text("Saved.", "저장했어요."),
    "gone": Text("The template was deleted.", "템플릿을 지웠어요."),
}
DONE: Final = ("saved", "gone")
FIELDS: Final = ("name", "prompt", "lyrics", "duration")
VALUE: Final = "v."  #: how the fields of variables begin
#: What of a template's parameters the Make form has a field for.
PARAMETERS: Final = ("title", "duration", "quality", "voice", "engine", "seed", "format", "samplerate")
PIECES: Final = re.compile(VARIABLE.pattern)


@dataclass(frozen=True)
class Piece:
    """A part of a prompt: text, or a blank where `variable` is named."""

    text: str
    variable: str = ""


@dataclass(frozen=True)
class Shown:
    """A template as its card shows it. `given`: values by variable that the reader has filled in."""

    view: TemplateView
    pieces: list[Piece]
    given: dict[str, str]
    wrong: Wrong


@router.get("/app/templates")
def templates_page(page: PageDep, every: Annotated[str, Query(alias="all")] = "", done: str = "") -> Response:
    return _listing(page, every=every == "1", done=done)


@router.post("/app/templates/{template_id}/use")
async def use(template_id: str, page: PageDep, request: Request, server: ServerDep, owner: GuestOwnerDep) -> Response:
    """On to the Make form, filled in; or the list again, with what is wrong at its field."""
    form = await request.form(max_files=0, max_fields=100)
    given = {name.removeprefix(VALUE): str(value) for name, value in form.items() if name.startswith(VALUE)}
    view = await run_in_threadpool(_find, server, template_id, page)
    try:
        filled = templates.fill(view, given)
    except InvalidRequest as error:
        wrong, _ = wrong_with(error, page.language, (f"variables.{name}" for name in given))
        wrong = {name.removeprefix("variables."): words for name, words in wrong.items()}
        return await run_in_threadpool(_listing, page, every=True, at=template_id, given=given, wrong=wrong, status=422)
    told = {"prompt": filled.prompt, "lyrics": filled.lyrics}
    told |= {name: filled.parameters[name] for name in PARAMETERS if name in filled.parameters}
    return page.go(f"/app/make?{urlencode({name: value for name, value in told.items() if value not in ('', None)})}")


@router.get("/app/templates/new")
def new(
    page: PageDep,
    source: Annotated[str, Query(alias="from")] = "",
    made: Annotated[str, Query(alias="track")] = "",
    prompt: str = "",
    lyrics: str = "",
) -> Response:
    """An empty form; or one filled with another template, with a track of the reader's, or with words."""
    given = {"name": "", "prompt": prompt, "lyrics": lyrics, "duration": ""}
    if source:
        given = _given(_find(page.server, source, page))
    elif made:
        given = _given_by(_track(page, made))
    return _form(page, given)


@router.post("/app/templates/new")
async def new_of(page: PageDep, request: Request) -> Response:
    """The form, filled with what stands in that of Make: lyrics may be longer than addresses are."""
    given = {**await read_form(request, FIELDS), "name": ""}
    return await run_in_threadpool(_form, page, given)


@router.get("/app/templates/{template_id}/edit")
def edit(template_id: str, page: PageDep, owner: OwnerDep) -> Response:
    return _form(page, _given(_find(page.server, template_id, page)), template_id)


@router.post("/app/templates")
async def save_new(page: PageDep, request: Request, owner: GuestOwnerDep) -> Response:
    return await _save(page, request, owner, "")


@router.post("/app/templates/{template_id}")
async def save(template_id: str, page: PageDep, request: Request, owner: OwnerDep) -> Response:
    return await _save(page, request, owner, template_id)


@router.post("/app/templates/{template_id}/delete")
def delete(template_id: str, page: PageDep, owner: OwnerDep) -> Response:
    with page.server.services.database.write() as session:
        templates.delete(session, template_id, owner)
    return page.go("/app/templates?done=gone")


# -- pieces ------------

LIMITS: Final = {"name": NAME_MAX_CHARACTERS, "prompt": PROMPT_MAX_CHARACTERS, "lyrics": LYRICS_MAX_CHARACTERS}


def _form(page: Page, given: Given, template_id: str = "", wrong: Wrong | None = None, status: int = 200) -> Response:
    """`template_id`: of the one that is changed; empty for a new one."""
    told = {"given": given, "wrong": wrong or {}, "template_id": template_id, "limits": LIMITS}
    return page.render("template_form.html", WORDS, status=status, **told)


def _listing(
    page: Page,
    *,
    every: bool,
    done: str = "",
    at: str = "",
    given: dict[str, str] | None = None,
    wrong: Wrong | None = None,
    status: int = 200,
) -> Response:
    with page.server.services.database.read() as session:
        found = _all(session, page, every=every)

    def shown(view: TemplateView) -> Shown:
        asked = view.id == at
        return Shown(view, pieces_of(view.prompt), (given or {}) if asked else {}, (wrong or {}) if asked else {})

    return page.render(
        "templates.html",
        WORDS,
        status=status,
        own=[shown(view) for view in found if not view.bundled],
        included=[shown(view) for view in found if view.bundled],
        every=every,
        done=done if done in DONE else "",
        at=at,
        most=VALUE_MAX_CHARACTERS,
    )


def _all(session: Session, page: Page, *, every: bool) -> list[TemplateView]:
    language = None if every else page.language
    if page.owner is None:
        return [one for one in bundled() if language in (None, one.language)]
    return templates.list_templates(session, page.owner, language=language)


def _find(server: Server, template_id: str, page: Page) -> TemplateView:
    """Raises `NotFound`."""
    found = next((one for one in bundled() if one.id == template_id), None)
    if found is not None:
        return found
    owner = page.viewer.known("read").id
    with server.services.database.read() as session:
        return templates.get(session, template_id, owner)


def pieces_of(prompt: str) -> list[Piece]:
    """The prompt, cut at its blanks, each of which shows what it is where nothing else is said."""
    defaults = {variable.name: variable.default for variable in templates.variables_of(prompt)}
    found, end = [], 0
    for match in PIECES.finditer(prompt):
        name = match[1].strip()
        found += [Piece(prompt[end : match.start()]), Piece(defaults[name] or name, name)]
        end = match.end()
    return [piece for piece in (*found, Piece(prompt[end:])) if piece.text]


def _given(view: TemplateView) -> dict[str, str]:
    duration = view.parameters.get("duration")
    return {
        "name": view.name,
        "prompt": view.prompt,
        "lyrics": view.lyrics,
        "duration": f"{duration:g}" if isinstance(duration, int | float) else "",
    }


def _track(page: Page, track_id: str) -> TrackView:
    with page.server.services.database.read() as session:
        return tracks.get(session, parse_id(track_id, tracks.NO_SUCH_TRACK), page.viewer.known("read").id)


def _given_by(track: TrackView) -> Given:
    duration = track.parameters.get("duration")
    return {
        "name": track.title[:NAME_MAX_CHARACTERS],
        "prompt": track.prompt,
        "lyrics": track.lyrics or "",
        "duration": f"{duration:g}" if isinstance(duration, int | float) else "",
    }


async def _save(page: Page, request: Request, owner: UUID, template_id: str) -> Response:
    given = await read_form(request, FIELDS)
    try:
        await run_in_threadpool(_store, page, owner, given, template_id)
    except (ValidationError, InvalidRequest) as error:
        wrong, status = wrong_with(error, page.language, FIELDS)
        return await run_in_threadpool(_form, page, given, template_id, wrong, status)
    return page.go("/app/templates?done=saved")


def _store(page: Page, owner: UUID, given: dict[str, str], template_id: str) -> None:
    """Raises `ValidationError` naming the field, also for a duration that is no number."""
    text = {name: given[name] for name in ("name", "prompt", "lyrics")}
    with page.server.services.database.write() as session:
        before: JsonDict = templates.get(session, template_id, owner).parameters if template_id else {}
        kept = {name: value for name, value in before.items() if name != "duration"}
        parameters = {**kept, **({"duration": _seconds(given["duration"])} if given["duration"].strip() else {})}
        draft = TemplateDraft.model_validate({**text, "parameters": parameters})
        templates.save(session, owner, draft, template_id or None)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 1 <= seconds <= 600:
        raise InvalidRequest(Text("This has to be 1 to 600 seconds.", "1초에서 600초 사이여야 해요."), field="duration")
    return seconds
