"""What the server says of itself: `/`, `/health`, `/ready`."""

from __future__ import annotations

import logging
from typing import Annotated

from fastapi import Query
from fastapi.responses import JSONResponse, Response
from sqlalchemy.exc import DBAPIError
from starlette.concurrency import run_in_threadpool

from pansori import __version__, jobs
from pansori.accounts import AccountView
from pansori.api.deps import LanguageDep, Server, ServerDep, VisitorDep
from pansori.api.openapi import PROBLEM_ANSWER
from pansori.api.problems import Failure, problem
from pansori.api.routing import Router
from pansori.api.shown import About, Health, Readiness
from pansori.db import AWAY, reason
from pansori.db.tables import WorkerProcess
from pansori.domain.errors import StorageError, Text
from pansori.domain.jobs import JsonDict

log = logging.getLogger(__name__)

router = Router(tags=["server"])
NO_STORE = {"Cache-Control": "no-store"}
PATIENCE = 2.0  #: seconds that Redis may take to answer
NEEDED = "cpu"  #: the queue without which nothing is ever finished
NOT_WRITABLE = Text("The database cannot be written.", "데이터베이스에 쓸 수 없어요.")
NO_WORKER = Text(
    "No worker has been heard of; start one with `pansori worker`.",
    "일할 작업자가 없어요. `pansori worker`로 시작하세요.",
)
NO_WORKER_YET = Text(
    "The server's own workers are starting; none has been heard of yet.",
    "서버의 작업자가 시작하는 중이에요. 아직 준비된 작업자가 없어요.",
)
NO_BROKER = Text("Redis does not answer.", "Redis가 답하지 않아요.")
NO_SPACE = Text("The asset store is full or cannot be written.", "파일 저장소가 가득 찼거나 쓸 수 없어요.")


@router.get("/", response_model=About)
async def root(
    server: ServerDep,
    response: Response,
    visitor: VisitorDep,
    user_id: Annotated[
        int | None, Query(ge=1, le=2**31 - 1, description="Which user of the voice backend. Default: one's own.")
    ] = None,
) -> JsonDict:
    """What this is, where its documentation is, and who asks: null where nobody has logged in. A user that is not
    there yet is made."""
    response.headers["Vary"] = "Accept"  # whoever would rather read a page gets the first one
    user = None if visitor.account is None else await run_in_threadpool(_user, server, visitor.account, user_id)
    return {"message": server.message, "version": __version__, "docs": "/docs", "user": user}


def _user(server: Server, account: AccountView, user_id: int | None) -> JsonDict:
    """What is said of who asks. That this is a server is said while the database is away, too."""
    if server.introduce is not None:
        try:
            return server.introduce(account.id, user_id)
        except AWAY as error:
            log.warning("the database does not answer: %s", reason(error))
    return {"id": account.alias}


@router.get(
    "/health",
    response_model=Health,
    responses={503: {"model": Health, "description": "A part of the installation is down; the body says which."}},
)
def health(server: ServerDep) -> Response:
    """Each part of the installation, looked at now."""
    scaled = bool(server.services.settings.broker_url)
    served = _served(server)
    parts = {
        "database": "disconnected" if served is None else "connected",
        "redis": _redis(server) if scaled else "not used",
        "celery": ("running" if served else "stopped") if scaled else "not used",
        "workers": "running" if served else "stopped",
    }
    healthy = not {"disconnected", "stopped"} & set(parts.values())
    body = Health.model_validate({"status": "healthy" if healthy else "unhealthy", **parts})
    return JSONResponse(body.model_dump(), 200 if healthy else 503, NO_STORE)


@router.get(
    "/ready",
    response_model=Readiness,
    responses={503: {**PROBLEM_ANSWER, "description": "A job would not be done now; `detail` says why."}},
)
def ready(server: ServerDep, language: LanguageDep) -> Response:
    """200 when a job would be taken and run: the database can be written, files stored, and a worker is there."""
    reason = _hindrance(server)
    if reason is not None:
        return problem(Failure(503, "not_ready", reason.in_language(language), headers={"Retry-After": "1"}))
    return JSONResponse({"status": "ready"}, headers=NO_STORE)


def _hindrance(server: Server) -> Text | None:
    if not _is_writable(server):
        return NOT_WRITABLE
    try:
        server.services.store.check_space()
    except StorageError:
        return NO_SPACE
    if server.services.settings.broker_url and _redis(server) == "disconnected":
        return NO_BROKER
    if NEEDED in (_served(server) or ()):
        return None
    return NO_WORKER_YET if server.services.settings.workers else NO_WORKER


def _served(server: Server) -> frozenset[str] | None:
    """Queues that somebody works for. None: the database does not answer."""
    try:
        with server.services.database.read() as session:
            return jobs.served_queues(session)
    except DBAPIError:
        return None


def _is_writable(server: Server) -> bool:
    try:
        with server.services.database.write() as session:
            session.query(WorkerProcess).filter(WorkerProcess.name == "").delete()  # takes the lock, changes nothing
    except DBAPIError:
        return False
    return True


def _redis(server: Server) -> str:
    from redis import Redis, RedisError  # loaded where one is used

    url = server.services.settings.broker_url
    try:
        with Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as client:
            return "connected" if client.ping() else "disconnected"
    except RedisError:
        return "disconnected"
