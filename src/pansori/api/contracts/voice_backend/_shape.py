"""How this contract tells of errors: `{"detail"}`, in the document's words where it has some."""

from __future__ import annotations

import logging
from typing import Final

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from pansori import telemetry
from pansori.api.problems import Failure, Handler, detail, failure, route_with
from pansori.db import AWAY, reason
from pansori.domain.errors import FetchFailed, FetchTimedOut, Language, NetworkError, PansoriError, Text, Unreachable
from pansori.domain.jobs import JsonDict
from pansori.settings import Settings
from pansori.workflows import voice

log = logging.getLogger(__name__)

FAULT: Final = "❌ 서버 오류: 참조 번호 {reference}"
UNREACHABLE: Final = {
    voice.HEAR: "❌ atot 서버에 연결할 수 없습니다",
    voice.ANSWERING: "❌ ttot 서버에 연결할 수 없습니다",
    voice.SAY: "TTS 서버 연결 실패 (port 8004가 실행 중인지 확인)",
}
"""As documented, byte for byte, by the stage that failed."""
NAMES: Final = {voice.HEAR: "❌ atot", voice.ANSWERING: "❌ ttot", voice.SAY: "TTS"}


class Refused(BaseModel):
    """An error: words, or for a request that is wrong a list saying where."""

    detail: str | list[JsonDict]


def refuses(*statuses: int) -> dict[int | str, JsonDict]:
    """How the description of a route says so."""
    return {status: {"model": Refused} for status in statuses}


class VoiceRoute(route_with(detail)):  # type: ignore[misc]  # a class that is made
    """A route whose faults are told in the document's words, with the number by which the log knows them."""

    def get_route_handler(self) -> Handler:
        inner: Handler = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await inner(request)
            except (HTTPException, RequestValidationError):  # as of a client that left
                raise
            except AWAY as error:
                log.warning("the database does not answer: %s", reason(error))
            except Exception:
                log.exception("a request failed: %s %r", request.method, request.url.path)
            reference = telemetry.known().get("request_id", "")
            return detail(Failure(500, "internal_error", FAULT.format(reference=reference)))

        return handler


def reworded(stage: str, error: PansoriError, settings: Settings) -> PansoriError:
    """A failure of one of the three servers in the words of the document, which tells apart which of them it is; one
    that nobody listens at, one that is late, one that says that it failed, one that says nonsense. Others as they
    are."""
    if not isinstance(error, NetworkError):
        return error
    if isinstance(error, Unreachable):
        return Unreachable(Text(UNREACHABLE[stage], UNREACHABLE[stage]))
    name = NAMES[stage]
    if isinstance(error, FetchTimedOut):
        late = Text(
            f"{name} server: no answer within {settings.voice_timeout:g} seconds",
            f"{name} 서버가 {settings.voice_timeout:g}초 안에 응답하지 않았습니다",
        )
        return FetchTimedOut(late)
    told = f"{name} server failed: {error.message.en}", f"{name} 서버 오류: {error.message.ko}"
    if isinstance(error, FetchFailed):
        return FetchFailed(Text(*told), status=error.status)
    return type(error)(Text(*told))


def words(stage: str, error: PansoriError, settings: Settings, language: Language) -> str:
    """What is told of a stage's failure within an answer."""
    told = failure(reworded(stage, error, settings), language)
    return f"{told.detail} {told.cure}" if told.cure else told.detail
