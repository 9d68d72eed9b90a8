"""Errors become responses here, and nowhere else are HTTP statuses chosen.

Ours are problem details (RFC 9457). A contract that documents another shape renders the same `Failure` its own way.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from itertools import islice
from typing import Any, get_args

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException

from pansori import telemetry
from pansori.api.fields import joined
from pansori.api.language import language_of
from pansori.api.prefer import prefers_page
from pansori.api.routing import allowed_methods
from pansori.db import AWAY
from pansori.domain import errors
from pansori.domain.errors import Language, PansoriError, Text
from pansori.domain.jobs import ErrorInfo, JsonDict
from pansori.domain.units import Bytes
from pansori.domain.words import explain
from pansori.lexicon.particles import attach

STATUS: dict[type[PansoriError], HTTPStatus] = {
    PansoriError: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.InvalidRequest: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.NotFound: HTTPStatus.NOT_FOUND,
    errors.Conflict: HTTPStatus.CONFLICT,
    errors.Outdated: HTTPStatus.PRECONDITION_FAILED,
    errors.IdempotencyMismatch: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.Busy: HTTPStatus.TOO_MANY_REQUESTS,
    errors.UploadHeld: HTTPStatus.LOCKED,
    errors.Unauthenticated: HTTPStatus.UNAUTHORIZED,
    errors.Forbidden: HTTPStatus.FORBIDDEN,
    errors.LinkExpired: HTTPStatus.GONE,
    errors.Cancelled: HTTPStatus.CONFLICT,
    errors.DeadlineExceeded: HTTPStatus.GATEWAY_TIMEOUT,
    errors.EngineUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NotEnoughMemory: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.NetworkError: HTTPStatus.BAD_GATEWAY,
    errors.UnsafeAddress: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.FetchTimedOut: HTTPStatus.GATEWAY_TIMEOUT,
    errors.RemoteSilent: HTTPStatus.GATEWAY_TIMEOUT,
    errors.UnreadableMedia: HTTPStatus.UNPROCESSABLE_ENTITY,
    errors.MediaTooLarge: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    errors.StorageError: HTTPStatus.SERVICE_UNAVAILABLE,
    errors.StorageFull: HTTPStatus.INSUFFICIENT_STORAGE,
    errors.QuotaExceeded: HTTPStatus.INSUFFICIENT_STORAGE,  # as RFC 4331, section 6, has it
}
BY_CODE = {kind.code: kind for kind in errors.error_types()}
HTTP_CODES: dict[int, tuple[str, Text]] = {
    400: ("bad_request", Text("The request could not be read.", "요청을 읽을 수 없어요.")),
    403: ("forbidden", Text("This is not allowed.", "허용되지 않는 요청이에요.")),
    404: ("not_found", Text("There is nothing at this address.", "이 주소에는 아무것도 없어요.")),
    405: ("method_not_allowed", Text("This address does not take that method.", "이 주소에서 쓸 수 없는 메서드예요.")),
    415: (
        "unsupported_media_type",
        Text(
            "The body has to be JSON, sent with Content-Type: application/json and no Content-Encoding.",
            "본문은 Content-Type: application/json으로, Content-Encoding 없이 보낸 JSON이어야 해요.",
        ),
    ),
    412: (
        "precondition_failed",
        Text("The file is not the one that the request's conditions name.", "요청 조건에 맞는 파일이 아니에요."),
    ),
    416: (
        "range_not_satisfiable",
        Text("The file has none of the bytes that were asked for.", "요청한 범위가 파일 안에 없어요."),
    ),
    413: ("body_too_large", Text("The body is larger than this server accepts.", "요청 본문이 너무 커요.")),
    503: ("unavailable", Text("The server cannot do this now.", "지금은 처리할 수 없어요.")),
}
NO_STORE = {"Cache-Control": "no-store"}
RETRY_AFTER = 2  #: seconds
DATABASE_AWAY = Text("The database does not answer now.", "지금 데이터베이스가 답하지 않아요.")
JSON = "application/json"
UNKNOWN = "extra_forbidden"  #: pydantic's kind of issue for a field that there is not
LONGEST_NAME = 100  #: characters of what a client calls a field that are repeated
MOST_ISSUES = 100  #: that are told of one request: a body of wrong fields alone would have an answer 15 times its size

Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Issue:
    """One thing that is wrong with a request. `place` is the path to it: `("body", "task", "genre")`."""

    place: Place
    kind: str
    message: str

    @property
    def field(self) -> str | None:
        if self.kind == "json_invalid":
            return None  # its place is a position in the text
        return ".".join(str(part) for part in self.place[1:]) or None


@dataclass(frozen=True)
class Failure:
    """An error on its way out, in the reader's language, in no contract's shape yet."""

    status: int
    code: str
    detail: str
    field: str | None = None
    cure: str | None = None
    issues: tuple[Issue, ...] = ()
    headers: dict[str, str] = dataclasses.field(default_factory=dict)


class BodyTooLarge(HTTPException):
    """Of HTTP's, for those pass through whoever reads the body."""

    def __init__(self, most: Bytes) -> None:
        super().__init__(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        self.cure = Text(
            f"At most {most:,} bytes are taken (PANSORI_MAX_BODY).",
            f"최대 {most:,}바이트까지 보낼 수 있어요 (PANSORI_MAX_BODY).",
        )


def status_of(kind: type[PansoriError]) -> int:
    return next(STATUS[parent] for parent in kind.__mro__ if parent in STATUS).value


def failure(error: Exception, language: Language, *, where: str = "body", known: Sequence[str] = ()) -> Failure:
    """What to tell about `error`. Of one without a name only that it happened is told.

    `where`: the part of the request in which fields of our own errors are. `known`: the fields that its body may have.
    """
    if isinstance(error, PansoriError):
        return _of_ours(error, language, where)
    if isinstance(error, RequestValidationError | ValidationError):
        told = _of_validation(error.errors(), language)
        meant = _meant(told, error.body, known) if isinstance(error, RequestValidationError) else None
        return dataclasses.replace(told, cure=meant.in_language(language) if meant else None)
    if isinstance(error, HTTPException):
        told = _of_http(error.status_code, language, dict(error.headers or {}))
        cure = error.cure.in_language(language) if isinstance(error, BodyTooLarge) else None
        return dataclasses.replace(told, cure=cure)
    if isinstance(error, AWAY):
        return Failure(
            503, "unavailable", DATABASE_AWAY.in_language(language), headers={"Retry-After": str(RETRY_AFTER)}
        )
    fault = errors.InternalError(
        Text("Something went wrong here; it has been logged.", "서버에서 문제가 생겼어요. 기록해 두었어요.")
    )
    return _of_ours(fault, language, where)


def failure_of_job(error: ErrorInfo, language: Language) -> Failure:
    """Why a job failed, as an answer to whoever waited for it."""
    kind = BY_CODE.get(error.code, PansoriError)
    cure = error.cured.in_language(language) if error.cured else None
    return Failure(status_of(kind), error.code, error.told.in_language(language), error.field, cure)


def _of_ours(error: PansoriError, language: Language, where: str) -> Failure:
    cure = error.cure.in_language(language) if error.cure else None
    detail = error.message.in_language(language)
    issues = (Issue((where, *error.field.split(".")), error.code, detail),) if error.field else ()
    return Failure(status_of(type(error)), error.code, detail, error.field, cure, issues, _headers(error))


def _headers(error: PansoriError) -> dict[str, str]:
    if isinstance(error, errors.Busy):
        return {"Retry-After": str(max(1, math.ceil(error.retry_after)))}
    return {"WWW-Authenticate": "Bearer"} if isinstance(error, errors.Unauthenticated) else {}  # RFC 9110 §15.5.2


def _of_validation(found: Iterable[Any], language: Language) -> Failure:
    # what was sent is not repeated: it may be huge, or not even be encodable
    issues = tuple(
        Issue(
            tuple(one["loc"]), one["type"], explain(one["type"], one["msg"], one.get("ctx", {})).in_language(language)
        )
        for one in islice(found, MOST_ISSUES)
    )
    first = issues[0]
    name = first.field or str(first.place[0])
    return Failure(HTTPStatus.UNPROCESSABLE_ENTITY, "invalid_request", f"{name}: {first.message}", name, None, issues)


def _meant(failed: Failure, body: Any, known: Sequence[str]) -> Text | None:
    """The field that was rather meant: one that is missing, where the body has one that is almost called so; or for one
    that is not known, the known one that comes nearest, or else all of them."""
    wrong = failed.issues[0]
    if len(wrong.place) != 2 or not isinstance(body, dict):
        return None
    name = str(wrong.place[1])
    if wrong.kind == UNKNOWN:
        return _known(name, known)
    sent = map(str, islice(body, MOST_ISSUES))
    near = difflib.get_close_matches(name, sent, n=1) if wrong.kind == "missing" else []
    return _did_you_mean(name, near[0]) if near else None


def _known(name: str, known: Sequence[str]) -> Text | None:
    near = difflib.get_close_matches(name.lower(), known, n=1)
    if near:
        return _did_you_mean(near[0], name)
    listed = ", ".join(known)
    return Text(f"There are: {listed}.", f"쓸 수 있는 항목: {listed}.") if known else None


def _did_you_mean(meant: str, written: str) -> Text:
    written = written[:LONGEST_NAME]
    return Text(f"Did you mean {meant} by {written}?", f"{written} 대신 {attach(meant, '을/를')} 쓰려던 건가요?")


def fields_of_body(request: Request) -> tuple[str, ...]:
    """Names of the fields that a body may have at the request's address; empty where any may come, or none."""
    model = getattr(getattr(request.scope.get("route"), "body_field", None), "field_info", None)
    shape = next((one for one in _alternatives(getattr(model, "annotation", None)) if _is_model(one)), None)
    return () if shape is None else tuple(shape.model_fields)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    """`X` and `None` of `X | None`; else the annotation alone."""
    return get_args(annotation) or (annotation,)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _of_http(status: int, language: Language, headers: dict[str, str]) -> Failure:
    code, text = HTTP_CODES.get(status, (HTTPStatus(status).name.lower(), Text(HTTPStatus(status).phrase, "")))
    return Failure(status, code, text.in_language(language) or text.en, headers=headers)


# -- shapes ------------


def problem(failed: Failure) -> Response:
    """`application/problem+json`, with `code` and `request_id`, and with `field`, `cure` and `errors` where there are
    any."""
    body: JsonDict = {
        "type": f"urn:pansori:problem:{failed.code}",
        "title": HTTPStatus(failed.status).phrase,
        "status": failed.status,
        "detail": failed.detail,
        "code": failed.code,
        "field": failed.field,
        "cure": failed.cure,
        "errors": [{"field": issue.field, "type": issue.kind, "detail": issue.message} for issue in failed.issues],
        "request_id": telemetry.known().get("request_id"),
    }
    told = {name: value for name, value in body.items() if value not in (None, [])}
    return _json(told, failed, "application/problem+json")


def detail(failed: Failure) -> Response:
    """`{"detail"}` as several documents have it: words, or for a request that is wrong a list saying where. It has no
    place for a cure, which therefore follows the words."""
    listed = failed.status == HTTPStatus.UNPROCESSABLE_ENTITY and failed.issues
    told = [
        {"type": one.kind, "loc": list(one.place), "msg": _cured(one.message, failed.cure)} for one in failed.issues
    ]
    return _json({"detail": told if listed else _cured(failed.detail, failed.cure)}, failed, JSON)


def _cured(words: str, cure: str | None) -> str:
    return f"{words} {cure}" if cure else words


def _json(body: JsonDict, failed: Failure, media_type: str) -> Response:
    content = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    return Response(content, failed.status, {**NO_STORE, **failed.headers}, media_type)


Shape = Callable[[Failure], Response]
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def route_with(shape: Shape) -> type[APIRoute]:
    """The class of routes that tell of their errors in `shape`."""

    class ShapedRoute(APIRoute):
        def get_route_handler(self) -> Handler:
            inner = super().get_route_handler()

            async def handler(request: Request) -> Response:
                try:
                    return await inner(request)
                except (PansoriError, RequestValidationError, HTTPException) as error:
                    where = "query" if request.method in ("GET", "HEAD") else "body"
                    told = failure(error, language_of(request), where=where, known=fields_of_body(request))
                    return shape(told)

            return handler

    return ShapedRoute


async def as_problem(request: Request, error: Exception) -> Response:
    """The application's handler for whatever no route has shaped."""
    told = failure(_as_http_has_it(request, error), language_of(request), known=fields_of_body(request))
    return tell(request, told)


def tell(request: Request, failed: Failure) -> Response:
    """As a page to one who would rather have that, where there are pages; else plainly."""
    if not prefers_page(joined(request.headers.getlist("accept"))):
        return tell_plainly(request, failed)
    show = request.app.state.server.show
    answer: Response = tell_plainly(request, failed) if show is None else show(request, failed)
    return answer


def tell_plainly(request: Request, failed: Failure) -> Response:
    """In the shape of the contract that the address belongs to; else, and outside of an application, as a problem."""
    app = request.scope.get("app")
    shape = None if app is None else app.state.server.shape_at(request.url.path)
    answer: Response = problem(failed) if shape is None else shape(request, failed)
    return answer


def _as_http_has_it(request: Request, error: Exception) -> Exception:
    """A method or a kind of body that is not taken has a status of its own (RFC 9110 §15.5.6, §15.5.16)."""
    if isinstance(error, HTTPException) and error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return HTTPException(error.status_code, headers={"Allow": allowed_methods(request)})
    unread = isinstance(error, HTTPException) and error.status_code == HTTPStatus.BAD_REQUEST
    refused = isinstance(error, RequestValidationError) and error.errors()[0]["loc"] == ("body",)
    if (unread or refused) and not _is_plain_json(request):
        return HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, headers={"Accept": JSON})
    return error


def _is_plain_json(request: Request) -> bool:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    encoding = request.headers.get("content-encoding", "identity").lower()
    return encoding in ("", "identity") and (media_type == JSON or media_type.endswith("+json"))
