"""What is ours beside TextTune's contract: changing and sharing tracks, prompt templates, prompts written out."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pansori.api.contracts.texttune import Deleted, TrackShown, allowed, delete_tracks, track_of
from pansori.api.deps import GuestOwnerDep, LanguageDep, OwnerDep, Server, ServerDep, ServicesDep, parse_id
from pansori.api.reading import signer, thing
from pansori.api.routing import Router
from pansori.api.signing import public_address
from pansori.domain.errors import Language
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import GENRE_MAX_CHARACTERS, LYRICS_MAX_CHARACTERS, PROMPT_MAX_CHARACTERS, SEED_MAX, SHORTEST
from pansori.domain.units import BeatsPerMinute, Seconds
from pansori.engines.compose.base import Plan
from pansori.engines.write.base import Writing
from pansori.library import TemplateDraft, TemplateView, TrackView, templates, tracks
from pansori.workflows import GenerationTask, Preview, Voice, preview

router = Router(prefix="/v1", tags=["library"])
WEEK, YEAR = Seconds(7 * 86_400.0), Seconds(365 * 86_400.0)
AT_ONCE = 1000  #: tracks deleted by one request


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


# -- tracks ------------


class TrackChange(Body):
    """What is left out stays as it is."""

    title: str | None = Field(default=None, description="1 to 200 characters.")
    favourite: bool | None = None


class Chosen(Body):
    ids: list[UUID] = Field(max_length=AT_ONCE, description="Tracks; or generations, which are cancelled.")


class ShareRequest(Body):
    expires_in: Annotated[Seconds, Field(ge=60, le=YEAR)] = Field(
        default=WEEK, description="Seconds for which whoever has the link may listen."
    )


class Shared(BaseModel):
    """Addresses that need no login."""

    url: str = Field(description="The page to show to others.")
    stream_url: str
    download_url: str
    expires_at: datetime


@router.patch("/tracks/{track_id}", response_model=TrackShown)
def change_track(track_id: str, body: TrackChange, services: ServicesDep, owner: OwnerDep) -> TrackShown:
    """Give a track another title, or mark it as a favourite."""
    key = parse_id(track_id, tracks.NO_SUCH_TRACK)
    with services.database.write() as session:
        if body.title is not None:
            tracks.rename(session, key, owner, body.title)
        if body.favourite is not None:
            tracks.set_favourite(session, key, owner, favourite=body.favourite)
        return track_of(tracks.get(session, key, owner))


@router.post("/library/delete", response_model=Deleted)
def delete_several(body: Chosen, services: ServicesDep, owner: OwnerDep) -> Deleted:
    """Delete tracks with their files. `deleted` names those that went; what was gone before is passed over."""
    return Deleted(deleted=delete_tracks(services, owner, body.ids))


@router.post("/tracks/{track_id}/share", response_model=Shared)
def share_track(track_id: str, body: ShareRequest, request: Request, server: ServerDep, owner: OwnerDep) -> Shared:
    """Make a link by which anybody may listen to the track, without a login, until it expires."""
    with server.services.database.read() as session:
        track = tracks.get(session, parse_id(track_id, tracks.NO_SUCH_TRACK), owner)
    return share(server, request, track, body.expires_in)


def share(server: Server, request: Request, track: TrackView, expires_in: Seconds) -> Shared:
    """Links to the track that are read without a login for so long. The track was found for its owner before."""
    services = server.services
    with services.database.read() as session:
        expires = services.database.now(session).replace(microsecond=0) + timedelta(seconds=expires_in)
    query = signer(server).query(thing(track.id), expires)

    def address(path: str) -> str:
        return public_address(services.settings, request, f"{path}/{track.id}?{query}")

    return Shared(
        url=address("/app/shared"),
        stream_url=address("/v1/stream"),
        download_url=address("/v1/download"),
        expires_at=expires,
    )


# -- prompts ------------


class PromptRequest(Body):
    """A prompt that is perhaps not finished."""

    prompt: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)] = Field(
        max_length=PROMPT_MAX_CHARACTERS
    )
    expanded_prompt: str = Field(
        default="", max_length=GENRE_MAX_CHARACTERS, description="The prompt in more words, where it was edited."
    )
    lyrics: str | None = Field(default=None, max_length=LYRICS_MAX_CHARACTERS)
    duration: Seconds | None = Field(
        default=None,
        ge=SHORTEST,
        allow_inf_nan=False,
        description="Seconds, at most `MAX_DURATION_SECONDS`. Default: that many.",
    )
    voice: Voice = "auto"
    seed: int | None = Field(default=None, ge=0, le=SEED_MAX)
    engine: str | None = Field(default=None, max_length=64)


class Understood(BaseModel):
    """What the prompt says, and what was chosen where it says nothing."""

    style: str
    mood: str
    tempo: BeatsPerMinute
    key: str
    instruments: list[str]
    structure: list[str] = Field(description="Labels of the sections in order.")
    voice: str | None = Field(description="`female` or `male`; null: nobody sings.")
    language: str
    theme: str


class Expanded(BaseModel):
    """What would be made of a prompt."""

    understood: Understood | None = Field(description="Null where the writing engine cannot tell at once.")
    expanded_prompt: str
    title: str
    lyrics: str = Field(description="What would be sung: the lyrics that were given, or else written ones.")
    plan: Plan | None = Field(description="The song's form; null where the composing engine cannot tell.")
    notices: list[str]
    refused: JsonDict | None = Field(description="`field` and `detail`, where it would be refused as it stands.")


@router.post("/prompts/expand", response_model=Expanded)
def expand(body: PromptRequest, services: ServicesDep, owner: GuestOwnerDep, language: LanguageDep) -> Expanded:
    """Write a prompt out, in milliseconds and without making anything."""
    duration = allowed(body.duration, services.settings.max_duration_seconds)
    task = GenerationTask.model_validate({**body.model_dump(exclude={"duration"}), "duration": duration})
    return _expanded(preview(services, task), task, language)


def _expanded(found: Preview, task: GenerationTask, language: Language) -> Expanded:
    writing, plan, refused = found.writing, found.plan, found.refused
    return Expanded(
        understood=_understood(writing) if writing else None,
        expanded_prompt=writing.expanded_prompt if writing else task.prompt,
        title=writing.title if writing else "",
        lyrics=task.lyrics if task.lyrics is not None else (writing.lyrics if writing else ""),
        plan=plan,
        notices=[
            notice.in_language(language)
            for told in (writing, plan)
            for notice in (told.notices if told is not None else ())
        ],
        refused={"field": refused.field, "detail": refused.message.in_language(language)} if refused else None,
    )


def _understood(writing: Writing) -> Understood:
    told = writing.model_dump(include=Understood.model_fields.keys() - {"style"})
    return Understood(style=writing.genre, **told)


# -- templates ------------


class Templates(BaseModel):
    templates: list[TemplateView]


class Values(Body):
    variables: dict[str, str] = Field(default_factory=dict, max_length=100)


class FilledTemplate(BaseModel):
    prompt: str
    lyrics: str
    parameters: JsonDict


@router.get("/templates", response_model=Templates)
def list_templates(
    services: ServicesDep,
    owner: GuestOwnerDep,
    language: Annotated[Language | None, Query(description="Of the bundled ones, only those in it.")] = None,
) -> Templates:
    """Prompt templates: one's own, then those that come with the program."""
    with services.database.read() as session:
        return Templates(templates=templates.list_templates(session, owner, language=language))


@router.post("/templates", status_code=201, response_model=TemplateView)
def save_template(body: TemplateDraft, services: ServicesDep, owner: GuestOwnerDep, response: Response) -> TemplateView:
    """Keep a template of one's own."""
    with services.database.write() as session:
        saved = templates.save(session, owner, body)
    response.headers["Location"] = f"/v1/templates/{saved.id}"
    return saved


@router.get("/templates/{template_id}", response_model=TemplateView)
def template(template_id: str, services: ServicesDep, owner: OwnerDep) -> TemplateView:
    """One template with its variables."""
    with services.database.read() as session:
        return templates.get(session, template_id, owner)


@router.put("/templates/{template_id}", response_model=TemplateView)
def change_template(template_id: str, body: TemplateDraft, services: ServicesDep, owner: OwnerDep) -> TemplateView:
    """Give a template of one's own another content. Those that come with the program stay as they are."""
    with services.database.write() as session:
        return templates.save(session, owner, body, template_id)


@router.delete("/templates/{template_id}", status_code=204)
def delete_template(template_id: str, services: ServicesDep, owner: OwnerDep) -> None:
    """Delete a template of one's own."""
    with services.database.write() as session:
        templates.delete(session, template_id, owner)


@router.post("/templates/{template_id}/fill", response_model=FilledTemplate)
def fill_template(template_id: str, body: Values, services: ServicesDep, owner: OwnerDep) -> FilledTemplate:
    """The template with its variables replaced; those that are left out are what the template says."""
    with services.database.read() as session:
        found = templates.get(session, template_id, owner)
    filled = templates.fill(found, body.variables)
    return FilledTemplate(prompt=filled.prompt, lyrics=filled.lyrics, parameters=filled.parameters)
