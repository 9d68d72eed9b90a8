"""Resumable uploads by tus 1.0 (https://tus.io/protocols/resumable-upload).

Of the protocol: the core, and the extensions creation, creation-with-upload, creation-defer-length, checksum,
termination and expiration. There is no concatenation. What was said wrong is 400 here, as the protocol has it.
"""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pansori.api.deps import OwnerDep, Server, ServerDep, parse_id
from pansori.api.language import language_of
from pansori.api.problems import Handler, failure, problem
from pansori.api.routing import Router
from pansori.api.uploads._pump import drain, pump
from pansori.api.uploads._tus_headers import (
    ALGORITHMS,
    PIECE,
    VERSION,
    Refused,
    check_version,
    checksum,
    has_piece,
    length,
    metadata,
    number,
    state,
)
from pansori.domain.errors import PansoriError, StorageError, Text
from pansori.domain.jobs import JsonDict
from pansori.media import Appending, UploadView

EXTENSIONS: Final = "creation,creation-with-upload,creation-defer-length,checksum,termination,expiration"
UNNAMED: Final = "upload"
NO_SUCH: Final = Text("There is no such upload.", "그런 업로드는 없어요.")
METHODS: Final = ("PATCH", "HEAD", "DELETE")

CHECKSUM_MISMATCH = 460
WRONG_SUM = Text("The bytes do not have the checksum that was said.", "받은 바이트가 알려 준 체크섬과 달라요.")


class TusRoute(APIRoute):
    """Says by which version it speaks, whatever it answers."""

    def get_route_handler(self) -> Handler:
        inner = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                answer = await inner(request)
            except Refused as refused:
                await drain(request)
                answer = refused.answer(request)
            except (PansoriError, RequestValidationError, HTTPException) as error:
                await drain(request)
                told = failure(error, language_of(request), where="header")
                unfit = told.status == HTTPStatus.UNPROCESSABLE_ENTITY
                answer = problem(dataclasses.replace(told, status=400) if unfit else told)
            answer.headers["Tus-Resumable"] = VERSION
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return handler


router = Router(prefix="/v1/uploads/tus", tags=["uploads"], route_class=TusRoute)
BODY: JsonDict = {"requestBody": {"content": {PIECE: {"schema": {"type": "string", "format": "binary"}}}}}


def _headers(**described: str) -> JsonDict:
    """What the document says of a request's headers, beside `Tus-Resumable`."""
    named = {"Tus-Resumable": VERSION, **{name.replace("_", "-"): told for name, told in described.items()}}
    return {
        "parameters": [
            {"name": name, "in": "header", "schema": {"type": "string"}, "description": told}
            for name, told in named.items()
        ]
    }


CREATING = _headers(
    Upload_Length="Bytes of the whole file.",
    Upload_Defer_Length="`1`: the length will be said later.",
    Upload_Metadata="`filename` and its name in base64; `filetype` is accepted, and the content decides.",
    Upload_Checksum="Of this body: algorithm and digest in base64.",
)
APPENDING = _headers(
    Upload_Offset="Where this body begins: what the last answer said.",
    Upload_Length="Where it was to be said later.",
    Upload_Checksum="Of this body: algorithm and digest in base64. One that does not fit is 460, and nothing is kept.",
)


@router.options("", status_code=204, response_class=Response)
async def discover(server: ServerDep) -> Response:
    """What of the protocol is spoken here."""
    return Response(
        status_code=204,
        headers={
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Max-Size": str(server.services.settings.max_upload),
            "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
        },
    )


@router.post("", status_code=201, response_class=Response, openapi_extra={**CREATING, **BODY})
async def create(request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Begin an upload; `Location` says where it goes on. With a body, its first bytes come along."""
    check_version(request)
    if "upload-concat" in request.headers:
        raise Refused(400, "bad_request", Text("Files cannot be joined here.", "여기서는 파일을 이어 붙일 수 없어요."))
    said = request.headers.get("upload-metadata", "")
    name = metadata(said).get("filename") or metadata(said).get("name") or UNNAMED
    uploads = server.services.uploads
    made = await server.receive(uploads.create, owner, name, length(request), "tus", said=said)
    if made.size != 0 and has_piece(request):
        async with _appending(server, request, owner, made.id, 0) as appending:
            made = await _append(server, request, appending)
    return Response(None, 201, {"Location": f"{router.prefix}/{made.id}", **state(made)})


@router.head("/{upload_id}", response_class=Response, openapi_extra=_headers())
async def look(upload_id: str, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """How far the upload is: `Upload-Offset`."""
    found = await server.receive(server.services.uploads.get, owner, parse_id(upload_id, NO_SUCH))
    if "tus-resumable" in request.headers:
        check_version(request)
    told = {"Upload-Length": str(found.size)} if found.size is not None else {"Upload-Defer-Length": "1"}
    if found.said:
        told["Upload-Metadata"] = found.said
    return Response(None, 200, {**told, **state(found)})


@router.patch("/{upload_id}", status_code=204, response_class=Response, openapi_extra={**APPENDING, **BODY})
async def go_on(upload_id: str, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Send the bytes from `Upload-Offset` on. What has arrived counts, even where the connection breaks. With the last
    byte the upload is a file: `Content-Location` names it, and so does `GET /v1/uploads/{upload_id}`."""
    key = parse_id(upload_id, NO_SUCH)
    await server.receive(server.services.uploads.get, owner, key)
    check_version(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PIECE:
        message = Text(f"The body has to be {PIECE}.", f"본문의 Content-Type은 {PIECE}이어야 해요.")
        raise Refused(415, "unsupported_media_type", message, Accept=PIECE)
    offset = number(request, "Upload-Offset")
    length = number(request, "Upload-Length") if "upload-length" in request.headers else None
    async with _appending(server, request, owner, key, offset, length) as appending:
        done = await _append(server, request, appending)
    return Response(None, 204, state(done))


@router.delete("/{upload_id}", status_code=204, response_class=Response, openapi_extra=_headers())
async def end(upload_id: str, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """Forget the upload and what has come of it. A file that is whole already stays."""
    key = parse_id(upload_id, NO_SUCH)
    await server.receive(server.services.uploads.get, owner, key)
    check_version(request)
    await server.receive(server.services.uploads.terminate, owner, key)
    return Response(None, 204)


@router.post("/{upload_id}", status_code=204, response_class=Response, include_in_schema=False)
async def overridden(upload_id: str, request: Request, server: ServerDep, owner: OwnerDep) -> Response:
    """For clients that can send no other methods: the one that `X-HTTP-Method-Override` names."""
    await server.receive(server.services.uploads.get, owner, parse_id(upload_id, NO_SUCH))
    meant = request.headers.get("x-http-method-override", "").upper()
    doing = {"PATCH": go_on, "HEAD": look, "DELETE": end}.get(meant)
    if doing is None:
        raise HTTPException(405, headers={"Allow": ", ".join(METHODS)})
    return await doing(upload_id, request, server, owner)


# -- bytes ------------


@asynccontextmanager
async def _appending(
    server: Server, request: Request, owner: UUID, upload_id: UUID, offset: int, length: int | None = None
) -> AsyncIterator[Appending]:
    checked = "upload-checksum" in request.headers
    context = server.services.uploads.appending(owner, upload_id, offset, length=length, checked=checked)
    appending = await server.receive(context.__enter__)
    try:
        yield appending
    finally:
        await server.receive(context.__exit__, None, None, None)


async def _append(server: Server, request: Request, appending: Appending) -> UploadView:
    """Let the body's bytes count. Where it breaks off, those that came do, unless they had a checksum."""
    uploads = server.services.uploads
    said = checksum(request)
    take: Callable[[bytes], Any] = appending.write
    if said is not None:
        summed, _ = said

        def take(block: bytes) -> None:
            summed.update(block)
            appending.write(block)

    try:
        await pump(server, request, take, tick=appending.tick)
    except (ClientDisconnect, HTTPException, PansoriError) as error:
        if said is None and not isinstance(error, StorageError):
            with suppress(PansoriError):
                await server.receive(uploads.keep, appending)
        if isinstance(error, ClientDisconnect):
            raise HTTPException(400) from None  # which nobody reads
        raise
    if said is not None and not hmac.compare_digest(said[0].digest(), said[1]):
        raise Refused(CHECKSUM_MISMATCH, "checksum_mismatch", WRONG_SUM)
    return await server.receive(uploads.keep, appending)
