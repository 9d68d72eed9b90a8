"""The ATOT server: speech in, text out; words may be sent in place of a recording."""

from __future__ import annotations

from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.concurrency import run_in_threadpool

from pansori.api.contracts.voice_backend._asking import HIGHEST, UserId, number_of
from pansori.api.contracts.voice_backend._shape import VoiceRoute, refuses
from pansori.api.contracts.voice_backend._views import Heard
from pansori.api.deps import OwnerDep, Server, ServerDep
from pansori.api.limits import LargeBody, whole_body
from pansori.api.plain import Plain
from pansori.api.routing import Router
from pansori.api.uploads import file_body, receive_some
from pansori.domain.errors import Busy, InvalidRequest, NotFound, Text
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import SAID_MAX_CHARACTERS, TAG_OR_AUTO
from pansori.library.turns import TurnView
from pansori.media import AssetInfo
from pansori.workflows import voice

PATH: Final = "/run-model"
LARGE_BODIES: Final = (LargeBody("POST", PATH),)
FORM, ENCODED, TEXT = "multipart/form-data", "application/x-www-form-urlencoded", "text/plain"
MOST_FIELDS: Final = 50  #: of a form

router = Router(tags=["atot"], route_class=VoiceRoute)


class Words(BaseModel):
    """What was said, in writing. Fields that are not known are passed over."""

    model_config = ConfigDict(extra="ignore")

    user_id: int | None = Field(default=None, ge=1, le=HIGHEST, description="Who says it. Default: as for GET.")
    language: str = Field(default="auto", max_length=40, pattern=TAG_OR_AUTO, description="Spoken in the recording.")
    text: Plain | None = Field(default=None, min_length=1, max_length=SAID_MAX_CHARACTERS, description="What was said.")


class _Said(Words):
    """Without a recording there have to be words."""

    text: Plain = Field(min_length=1, max_length=SAID_MAX_CHARACTERS)


def _body() -> JsonDict:
    """What the document says of such a body."""
    body = file_body(
        user_id="Who speaks. Default: as in the query.", text="What was said, in words.", language="Spoken."
    )
    content = body["requestBody"]["content"]
    content[FORM]["schema"]["required"] = []
    content["application/json"] = {"schema": _Said.model_json_schema()}
    content[TEXT] = {"schema": {"type": "string"}}
    return body


@router.post(PATH, response_model=Heard, responses=refuses(413, 422, 502, 503, 504, 507), openapi_extra=_body())
async def run_model(
    request: Request,
    server: ServerDep,
    owner: OwnerDep,
    user_id: UserId = None,
) -> Heard:
    """Hear a recording of whatever format, the field `file` of a form, or take words: the field `text` of a form or of
    JSON, or a body that is plain text. What was heard is then the user's latest."""
    sent, told = await _read(request, server, owner)
    try:
        words = _parsed(told, Words if sent is not None else _Said)
        number = await number_of(server, owner, words.user_id or user_id)
        turn = await server.talk(owner, _take, server, owner, number, sent, words)
    except (RequestValidationError, NotFound, Busy):
        if sent is not None:
            await run_in_threadpool(voice.forget, server.services, sent)
        raise
    return _heard(turn)


@router.get(PATH, response_model=Heard, responses=refuses(404))
async def latest(server: ServerDep, owner: OwnerDep, user_id: UserId = None) -> Heard:
    """What was heard last of the user."""
    number = await number_of(server, owner, user_id)
    return _heard(await server.talk(owner, voice.VoiceRoles(server.services, owner, number).latest))


def _heard(turn: TurnView) -> Heard:
    return Heard(user_id=turn.user_number, input_wav=turn.input_path, atot_text=turn.heard or "")


def _take(server: Server, owner: UUID, number: int, sent: AssetInfo | None, words: Words) -> TurnView:
    roles = voice.VoiceRoles(server.services, owner, number)
    return roles.read(words.text or "") if sent is None else roles.hear(sent, language=words.language)


async def _read(request: Request, server: Server, owner: UUID) -> tuple[AssetInfo | None, object]:
    """The recording, and what stands beside it or in its place."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == FORM:
        sent, fields = await receive_some(request, server, owner)
        return sent, dict(fields)
    body = await whole_body(request, server.services.settings.max_body)
    if kind == TEXT:
        return None, {"text": body.decode(errors="replace")}
    if kind == ENCODED:
        return None, _fields(body)
    return None, body or {}


def _fields(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(errors="replace"), max_num_fields=MOST_FIELDS))
    except ValueError as error:
        raise InvalidRequest(
            Text(f"A form has at most {MOST_FIELDS} fields.", f"폼에는 항목이 {MOST_FIELDS}개까지만 있을 수 있어요.")
        ) from error


def _parsed(told: object, model: type[Words]) -> Words:
    try:
        return model.model_validate_json(told) if isinstance(told, bytes) else model.model_validate(told)
    except ValidationError as error:
        found = [{**one, "loc": ("body", *one["loc"])} for one in error.errors(include_url=False)]
        absent = next((one for one in found if (one["type"], one["loc"]) == ("missing", ("body", "text"))), None)
        if absent and isinstance(told, dict):  # a form, where a recording would do as well
            found.insert(0, {**absent, "loc": ("body", "file")})
        raise RequestValidationError(found) from error
