"""The open door by which an analysis server answers. Who comes in shows the address that was handed out for the job, or
signs with the secret that both servers share."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request
from starlette.concurrency import run_in_threadpool

from pansori import jobs
from pansori.api.contracts.audio_analysis._kept import refuses
from pansori.api.contracts.audio_analysis._results import find
from pansori.api.contracts.audio_analysis._views import Accepted, state_of
from pansori.api.deps import LanguageDep, Server, ServerDep
from pansori.api.problems import detail, route_with
from pansori.api.routing import Router
from pansori.db import now
from pansori.domain.errors import Conflict, Forbidden, InvalidRequest, MediaTooLarge, Text, Unauthenticated
from pansori.domain.jobs import JobView, JsonDict
from pansori.domain.units import Bytes
from pansori.net import ID, parse_json, verify_webhook
from pansori.workflows import REMOTE, AnalysisWorkflow, take_letter

MOST = Bytes(32 * 1024 * 1024)  #: of a body: all measures of three hours of sound, and room to spare
STEP = "analyze"  #: that waits for it
RESULTS, ERROR, JOB = "analysis_results", "error", "job_id"
TAKEN = Text("The results were received.", "분석 결과를 받았어요.")
SIGNED = "webhook-signature"
BODY: JsonDict = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": [RESULTS],
                    "properties": {
                        RESULTS: {"anyOf": [{"type": "object"}, {"type": "null"}], "description": "What was found."},
                        ERROR: {"anyOf": [{"type": "object"}, {"type": "string"}], "description": "Why nothing was."},
                    },
                }
            }
        },
    }
}

router = Router(prefix="/tokens/webhook", tags=["audio_analysis"], route_class=route_with(detail))


@router.post(
    "/analysis-complete",
    response_model=Accepted,
    responses=refuses(401, 403, 404, 409, 413, 422),
    openapi_extra=BODY,
)
async def analysis_complete(
    request: Request,
    server: ServerDep,
    language: LanguageDep,
    job_id: Annotated[str, Query(description="The job that the results are of.")],
    token: Annotated[str, Query(description="As in the address that was handed out.")] = "",
) -> Accepted:
    """Take the results of an analysis that was asked of another server. A second delivery changes nothing."""
    job = await run_in_threadpool(find, server.services, None, job_id)
    if token:
        await run_in_threadpool(server.services.handout.check_webhook, job.id, STEP, token)
        body = await _read(request)
    else:
        body = await _signed(request, server)
        await run_in_threadpool(_check_meant, server, job, request.headers.get(ID, ""), body)
    job = await run_in_threadpool(_deliver, server, job.id, _parsed(body))
    state = state_of(job, language)
    return Accepted(message=TAKEN.in_language(language), job_id=str(job.id), status=state.status)


async def _read(request: Request) -> bytes:
    """Raises `MediaTooLarge`, before it has read more than that."""
    body = bytearray()
    said = request.headers.get("content-length", "")
    if said.isascii() and said.isdigit() and int(said[:20]) > MOST:
        raise _too_large()
    async for piece in request.stream():
        if len(body) + len(piece) > MOST:
            raise _too_large()
        body += piece
    return bytes(body)


async def _signed(request: Request, server: Server) -> bytes:
    """The body of a request that shows no address of ours, so it has to be signed. Raises `Unauthenticated`,
    `Forbidden`."""
    secret = server.services.settings.webhook_secret
    if not secret or SIGNED not in request.headers:
        raise Unauthenticated(
            Text(
                "Results are taken by the address that was handed out for the job, or signed.",
                "작업마다 내준 주소로 보내거나, 서명해서 보낸 결과만 받아요.",
            )
        )
    body = await _read(request)

    def check() -> None:
        with server.services.database.read() as session:
            moment = now(session)
        verify_webhook(secret, request.headers, body, moment)

    await run_in_threadpool(check)
    return body


def _check_meant(server: Server, job: JobView, letter_id: str, body: bytes) -> None:
    """Raises `Forbidden` where the letter is about another job than its address, which no signature covers: the letters
    that our own `/analyze-voice` signs go wherever a stranger likes, and each names the job it is of; one that names
    none is good for the job that it came about first."""
    try:
        told = parse_json(body)
    except ValueError:
        return  # which is refused for itself
    if isinstance(told, dict) and told.get(JOB, str(job.id)) != str(job.id):
        raise Forbidden(Text("The results are of another job.", "다른 작업의 결과예요."), field=JOB)
    with server.services.database.write() as session:
        take_letter(session, letter_id, job.id)


def _parsed(body: bytes) -> JsonDict:
    """What is kept of it. Raises `InvalidRequest`."""
    try:
        told = parse_json(body)
    except ValueError:
        raise InvalidRequest(Text("The body is not JSON.", "본문이 올바른 JSON이 아니에요.")) from None
    results = told.get(RESULTS) if isinstance(told, dict) else None
    if isinstance(results, dict):
        return {RESULTS: results}
    if isinstance(told, dict) and results is None and isinstance(told.get(ERROR), dict | str):
        return {ERROR: told[ERROR]}
    raise InvalidRequest(Text("This has to be an object.", "객체여야 해요."), field=RESULTS)


def _deliver(server: Server, job_id: UUID, payload: JsonDict) -> JobView:
    services = server.services
    with services.database.write() as session:
        _check_asked(jobs.get(session, job_id))
        jobs.deliver(session, job_id, STEP, payload)
        job = jobs.get(session, job_id)
    services.kernel.wake()
    return job


def _check_asked(job: JobView) -> None:
    """Raises `Conflict` for a job that asked no other server, though its step of that name runs."""
    if job.kind != AnalysisWorkflow.kind or job.task.get("engine") != REMOTE:
        raise Conflict(Text("The job does not wait for this.", "이 작업은 결과를 기다리고 있지 않아요."))


def _too_large() -> MediaTooLarge:
    return MediaTooLarge(Text(f"Results may have {MOST:,} bytes.", f"결과는 {MOST:,}바이트까지 받을 수 있어요."))
