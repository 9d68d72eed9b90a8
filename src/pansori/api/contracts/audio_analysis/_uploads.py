"""Recordings that are to be analysed for a token: sent, or stored before."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.audio_analysis._kept import refuses
from pansori.api.contracts.audio_analysis._views import ORIGIN, Accepted, accepted
from pansori.api.deps import OwnerDep, Server, ServerDep, parse_id
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.api.uploads import file_body, receive_file
from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Kind, Part
from pansori.library.voices import tokens
from pansori.settings import Settings
from pansori.workflows import REMOTE, AnalysisTask, AnalysisWorkflow, submit_received

NO_SUCH_FILE = Text("There is no such file.", "그런 파일은 없어요.")
Include = Annotated[list[Part] | None, Query(description="Which groups to measure. Default: all.")]
Known = Annotated[Kind | None, Query(description="What the recording is. Default: told by its sound.")]

router = Router(prefix="/tokens", tags=["audio_analysis"], route_class=route_with(detail))


class StoredRecording(BaseModel):
    """A recording that is stored already, as one that came in parts is."""

    model_config = ConfigDict(extra="forbid")

    asset_id: str = Field(description="Of a file of one's own.")
    include: tuple[Part, ...] = Field(default=(), description="Which groups to measure. Default: all.")
    kind: Kind | None = Field(default=None, description="What the recording is. Default: told by its sound.")
    options: JsonDict = Field(default_factory=dict, description="Options of the engine.")


@router.post(
    "/{token_id}/upload-audio",
    response_model=Accepted,
    responses=refuses(404, 413, 422, 507),
    openapi_extra=file_body(),
)
async def upload_audio(
    token_id: str, request: Request, server: ServerDep, owner: OwnerDep, include: Include = None, kind: Known = None
) -> Accepted:
    """Take a recording of whatever format, and have it analysed. A token that is not there yet is made."""
    await run_in_threadpool(_ensure, server, token_id, owner)  # before all of a file is read in vain
    stored = await receive_file(request, server, owner)
    asked = _asked(server, token_id, {"include": include or (), "kind": kind})
    begin = partial(submit_received, server.services, stored, asked, owner=owner, origin=ORIGIN)
    return accepted(await run_in_threadpool(begin))


@router.post("/{token_id}/analyses", response_model=Accepted, responses=refuses(404, 413, 422))
def analyse_stored(token_id: str, body: StoredRecording, server: ServerDep, owner: OwnerDep) -> Accepted:
    """Have a recording analysed that is stored already."""
    _ensure(server, token_id, owner)
    asset_id = parse_id(body.asset_id, NO_SUCH_FILE)
    task = AnalysisTask.model_validate({**_asked(server, token_id, body.model_dump()), "asset_id": asset_id})
    return accepted(server.services.submit(AnalysisWorkflow.kind, task, owner=owner, origin=ORIGIN))


def _ensure(server: Server, token_id: str, owner: UUID) -> None:
    """Raises `NotFound` where the token is another's, `InvalidRequest` for an id that no token may have."""
    with server.services.database.write() as session:
        tokens.ensure(session, token_id, owner)


def _asked(server: Server, token_id: str, told: JsonDict) -> JsonDict:
    return {**told, "token_id": token_id, "engine": _engine(server.services.settings)}


def _engine(settings: Settings) -> str | None:
    """The documented server where it is set and nobody has chosen an engine on purpose. None: the installation's."""
    chosen = "analyze_engine" in settings.model_fields_set
    return REMOTE if settings.target_server_url and not chosen else None
