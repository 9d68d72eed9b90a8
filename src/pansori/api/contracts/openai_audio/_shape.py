"""How this contract tells of errors: `{"error": {message, type, param, code}}`, as OpenAI's clients read it."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Collection
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from pansori.api.language import language_of
from pansori.api.problems import NO_STORE, Failure, Handler, failure
from pansori.db import AWAY, reason
from pansori.domain.errors import EngineError, Language, PansoriError, Text
from pansori.domain.jobs import JsonDict

log = logging.getLogger(__name__)

CODES: Final = {"unauthenticated": "invalid_api_key", "busy": "rate_limit_exceeded"}
"""Ours that OpenAI calls otherwise."""
TYPES: Final = {403: "permission_error", 429: "rate_limit_error"}
NOT_AGAIN: Final = {"X-Should-Retry": "false"}  #: which OpenAI's clients heed
FAULT: Final = 500  #: from here on it is the server's
ROOT: Final = "/v1/"
NO_MORE: Final = Text(
    "Of OpenAI's API there are /v1/models, /v1/audio/speech, /v1/audio/transcriptions and /v1/audio/translations.",
    "OpenAI API 중에는 /v1/models, /v1/audio/speech, /v1/audio/transcriptions, /v1/audio/translations가 있어요.",
)


class OpenaiError(BaseModel):
    message: str = Field(description="What happened, and what would help, in English or Korean (`Accept-Language`).")
    type: str
    param: str | None = Field(description="The field that caused it.")
    code: str | None


class OpenaiRefusal(BaseModel):
    """An error."""

    error: OpenaiError


def refuses(*statuses: int) -> dict[int | str, JsonDict]:
    """How the description of a route says so."""
    return {status: {"model": OpenaiRefusal} for status in (400, 401, 403, 404, *statuses)}


def error_of(failed: Failure) -> JsonDict:
    """As it is in an answer, or in an event of a stream."""
    kind = "server_error" if failed.status >= FAULT else "invalid_request_error"
    return {
        "message": f"{failed.detail} {failed.cure}" if failed.cure else failed.detail,
        "type": TYPES.get(failed.status, kind),
        "param": failed.field,
        "code": CODES.get(failed.code, failed.code),
    }


def told(failed: Failure) -> Response:
    """What is wrong with a request is 400 here, and not 422."""
    status = HTTPStatus.BAD_REQUEST if failed.status == HTTPStatus.UNPROCESSABLE_ENTITY else failed.status
    content = json.dumps({"error": error_of(failed)}, ensure_ascii=False).encode(errors="replace")
    return Response(content, status, {**NO_STORE, **failed.headers}, "application/json")


def shape_at(others: Collection[str], path: str) -> Callable[[Request, Failure], Response] | None:
    """How it is told of a request that no route has answered: so, wherever OpenAI's clients may look below `/v1`.
    `others`: the first parts of what is there of other contracts."""
    theirs = path.startswith(ROOT) and path.removeprefix(ROOT).partition("/")[0] not in others
    return _told_at if theirs else None


def _told_at(request: Request, failed: Failure) -> Response:
    nowhere = failed.status == HTTPStatus.NOT_FOUND
    return told(replace(failed, cure=NO_MORE.in_language(language_of(request))) if nowhere else failed)


class OpenaiRoute(APIRoute):
    """A route that tells of every error so, its own faults too."""

    def get_route_handler(self) -> Handler:
        inner: Handler = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except Exception as error:  # noqa: BLE001 - told, and logged where it has no name
                return told(failure_of(error, language_of(request)))

        return handler


def failure_of(error: Exception, language: Language) -> Failure:
    """What is told of an error; a fault of the program's is logged."""
    if isinstance(error, AWAY):
        log.warning("the database does not answer: %s", reason(error))
    elif not isinstance(error, PansoriError | HTTPException | RequestValidationError):
        log.error("a request failed", exc_info=error)
    found = failure(error, language)
    if isinstance(error, EngineError) and not error.retryable:
        found.headers.update(NOT_AGAIN)
    return found
