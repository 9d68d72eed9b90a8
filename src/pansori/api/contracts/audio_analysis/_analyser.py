"""Being the analysis server: what others ask us, and what we let them read whom we ask."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Header, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from pansori.accounts import Viewer
from pansori.api.contracts.audio_analysis._kept import refuses
from pansori.api.contracts.audio_analysis._views import ORIGIN, Accepted, state_of
from pansori.api.delivery import deliver
from pansori.api.deps import LanguageDep, OwnerDep, ServerDep, ServicesDep, VisitorDep, parse_id
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.api.signing import is_signed
from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Kind, Part
from pansori.media import AssetInfo
from pansori.workflows import RECORDINGS, Services, VoiceAnalysisTask, VoiceAnalysisWorkflow

TAKEN = Text("The analysis was begun.", "분석을 시작했어요.")
NO_SUCH_FILE = Text("There is no such file.", "그런 파일은 없어요.")
CONTENT: JsonDict = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}

router = Router(tags=["audio_analysis"], route_class=route_with(detail))


class VoiceRequest(BaseModel):
    """What is to be analysed. Fields that are not known are passed over, for other servers send more."""

    model_config = ConfigDict(extra="ignore")

    audio_url: str = Field(max_length=8_192, description="Where the recording is; http or https.")
    webhook_url: str | None = Field(
        default=None,
        max_length=8_192,
        description='Where `{"analysis_results": {…}}` is sent to. Default: the result is asked for.',
    )
    file_name: str = Field(default="", max_length=1_000, description="What the recording is called.")
    include: tuple[Part, ...] = Field(default=(), description="Which groups to measure. Default: all.")
    kind: Kind | None = Field(default=None, description="What the recording is. Default: told by its sound.")
    options: JsonDict = Field(default_factory=dict, description="Options of the engine.")


@router.post("/analyze-voice", response_model=Accepted, responses=refuses(401, 422))
def analyze_voice(
    body: VoiceRequest,
    services: ServicesDep,
    owner: OwnerDep,
    language: LanguageDep,
    idempotency_key: Annotated[
        str | None,
        Header(description="The same key with the same request gives the same job.", min_length=1, max_length=255),
    ] = None,
) -> Accepted:
    """Fetch a recording, analyse it, and call back with the results."""
    task = VoiceAnalysisTask.model_validate({**body.model_dump(), "file_name": body.file_name[-200:]})
    job = services.submit(VoiceAnalysisWorkflow.kind, task, owner=owner, origin=ORIGIN, idempotency_key=idempotency_key)
    state = state_of(job, language)  # who asks again with the same key is told how it went
    message = TAKEN.in_language(language) if state.status == "processing" else state.message
    return Accepted(message=message, job_id=str(job.id), status=state.status)


@router.get(RECORDINGS + "/{asset_id}", response_class=Response, responses={200: CONTENT, **refuses(403, 404, 410)})
def recording(asset_id: str, request: Request, server: ServerDep, visitor: VisitorDep) -> Response:
    """A recording, for its owner and for the analysis server that was handed its signed address. That needs no login,
    and ends after an hour, or as late as a result is waited for."""
    return deliver(request, server.services.assets, _handed_out(server.services, asset_id, request, visitor))


def _handed_out(services: Services, asset_id: str, request: Request, visitor: Viewer) -> AssetInfo:
    key: UUID = parse_id(asset_id, NO_SUCH_FILE)
    owner = None if is_signed(request) else visitor.known("read").id
    with services.database.read() as session:
        if owner is None:
            services.handout.check_reading(str(key), request.query_params, services.database.now(session))
        return services.assets.info(session, key, owner=owner)
