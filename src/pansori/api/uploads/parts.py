"""`/v1/uploads`: files in parts, which go straight to the store where it takes them, by signed addresses.

One client works with every store: it asks for the addresses, PUTs each part to its own, notes the `ETag` of each
answer, and says when it is done.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from pansori.api.deps import OwnerDep, Server, ServerDep, ServicesDep, VisitorDep, parse_id
from pansori.api.routing import Router
from pansori.api.shown import Asset, Shown, told_asset
from pansori.api.signing import PURPOSE, Signer, is_signed, public_address
from pansori.api.uploads._pump import drain, pump
from pansori.api.uploads.tus import NO_SUCH
from pansori.domain.errors import PansoriError
from pansori.domain.jobs import JsonDict
from pansori.domain.units import Bytes
from pansori.media import PartReceiving, UploadView, count_parts, size_of_part

router = Router(prefix="/v1/uploads", tags=["uploads"])


class UploadRequest(BaseModel):
    """A file that will come in parts."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=255, description="Of the file, with its extension.")
    size: Bytes = Field(ge=1, description="Bytes of the whole file, at most `PANSORI_MAX_UPLOAD`.")
    via: Literal["store", "server"] | None = Field(
        default=None,
        description="Where parts are sent: `store`, the object store itself, or `server`. Default: the store, where it "
        "takes parts.",
    )


class UploadedPart(BaseModel):
    model_config = ConfigDict(extra="forbid")

    number: int = Field(ge=1, le=10_000)
    etag: str = Field(max_length=255, description="As the answer to the part's PUT had it; quotes do not matter.")


class CompleteRequest(BaseModel):
    """All parts are there."""

    model_config = ConfigDict(extra="forbid")

    parts: list[UploadedPart] | None = Field(
        default=None, max_length=10_000, description="Each part with its `ETag`. Default: those that have come."
    )


class PartShown(Shown):
    """A part: bytes `from` up to, not including, `to`, are to be PUT to `url`."""

    model_config = ConfigDict(populate_by_name=True)

    number: int
    url: str = Field(description="Signed: good without a login until the upload expires, for this part alone.")
    first: int = Field(alias="from")
    to: int


class UploadShown(Shown):
    """An upload. `received`: bytes that are known to be stored; of parts that go to the store itself `stored` tells."""

    id: UUID
    protocol: Literal["tus", "store", "server"]
    state: Literal["open", "complete"]
    name: str
    size: Bytes | None
    received: Bytes
    part_size: Bytes | None = Field(description="Of every part but the last.")
    parts: list[PartShown] = Field(description="Those of an open upload in parts.")
    stored: list[int] = Field(description="Numbers of the parts that have come; the others are still to be sent.")
    created_at: datetime
    expires_at: datetime
    asset: Asset | None = Field(description="The file, once it is whole.")


class Uploads(Shown):
    uploads: list[UploadShown]


@router.post("", status_code=201, response_model=UploadShown)
def begin_upload(
    body: UploadRequest, request: Request, response: Response, server: ServerDep, owner: OwnerDep
) -> JsonDict:
    """Begin an upload in parts. Send each part to its `url` by PUT, in any order, several at once; a part that failed
    is sent again."""
    uploads = server.services.uploads
    takes = uploads.store_takes_parts
    protocol: Literal["store", "server"] = "server" if body.via == "server" or not takes else "store"
    made = uploads.create(owner, body.name, body.size, protocol)
    response.headers["Location"] = f"{router.prefix}/{made.id}"
    return _told(made, server, request)


@router.get("", response_model=Uploads)
def list_uploads(request: Request, server: ServerDep, owner: OwnerDep) -> JsonDict:
    """One's own uploads that are not finished, the newest first, a hundred at most. Parts are told by each alone."""
    found = server.services.uploads.unfinished(owner)
    return {"uploads": [_told(one, server, request, with_parts=False) for one in found]}


@router.get("/{upload_id}", response_model=UploadShown)
def upload(upload_id: str, request: Request, server: ServerDep, owner: OwnerDep) -> JsonDict:
    """An upload of any kind: how far it is, and the file that came of it."""
    return _told(server.services.uploads.get(owner, parse_id(upload_id, NO_SUCH)), server, request)


@router.put(
    "/{upload_id}/parts/{number}",
    status_code=200,
    response_class=Response,
    openapi_extra={
        "requestBody": {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}
    },
)
async def put_part(upload_id: str, number: int, request: Request, server: ServerDep, visitor: VisitorDep) -> Response:
    """Send a part to this server, at the signed address that it gave. `ETag` is the MD5 of its bytes."""
    key = parse_id(upload_id, NO_SUCH)
    owner = None if is_signed(request) else visitor.known("write").id
    part = await server.receive(_open_part, server, request, key, number, owner)
    try:
        await pump(server, request, part.write)
        tag = await server.receive(part.finish)
    except PansoriError:
        await drain(request)
        raise
    except ClientDisconnect:
        raise HTTPException(400) from None  # which nobody reads
    return Response(None, 200, {"ETag": f'"{tag}"'})


@router.post("/{upload_id}/complete", response_model=Asset)
def complete_upload(
    upload_id: str, services: ServicesDep, owner: OwnerDep, body: CompleteRequest | None = None
) -> JsonDict:
    """Make one file of the parts. It is read once from end to end for its SHA-256, so a large one takes some seconds;
    who lost the answer asks again. Parts of another size than was said end the upload, and nothing is kept."""
    given = None if body is None or body.parts is None else {part.number: part.etag for part in body.parts}
    done = services.uploads.complete(owner, parse_id(upload_id, NO_SUCH), given)
    assert done.asset is not None
    return told_asset(done.asset)


@router.delete("/{upload_id}", status_code=204)
def end_upload(upload_id: str, services: ServicesDep, owner: OwnerDep) -> None:
    """Forget an upload of any kind, and what has come of it. A file that is whole already stays."""
    services.uploads.terminate(owner, parse_id(upload_id, NO_SUCH))


# -- inside ------------


def _signer(server: Server) -> Signer:
    return Signer(server.accounts.key(PURPOSE))


def _thing(upload_id: UUID, number: int) -> str:
    """A part, as its address is signed."""
    return f"part {number} of {upload_id}"


def _open_part(server: Server, request: Request, upload_id: UUID, number: int, owner: UUID | None) -> PartReceiving:
    """`owner` None: the address has to be signed."""
    services = server.services
    if owner is None:
        with services.database.read() as session:
            now = services.database.now(session)
        _signer(server).check(_thing(upload_id, number), request.query_params, now)
    else:
        services.uploads.get(owner, upload_id)
    return services.uploads.receiving(upload_id, number)


def _told(found: UploadView, server: Server, request: Request, *, with_parts: bool = True) -> JsonDict:
    is_open = found.asset is None
    facts = found.model_dump(mode="json", include=set(UploadShown.model_fields) - {"part_size", "asset"})
    return {
        **facts,
        "state": "open" if is_open else "complete",
        "part_size": found.part_size or None,
        "parts": _parts(found, server, request) if is_open and with_parts and found.protocol != "tus" else [],
        "stored": server.services.uploads.stored_parts(found) if with_parts else [],
        "asset": None if found.asset is None else told_asset(found.asset),
    }


def _parts(found: UploadView, server: Server, request: Request) -> list[JsonDict]:
    uploads = server.services.uploads
    urls = uploads.part_urls(found) or [
        public_address(server.services.settings, request, _signed(found, server, number))
        for number in range(1, count_parts(found) + 1)
    ]
    told: list[JsonDict] = []
    for number, url in enumerate(urls, 1):
        start = (number - 1) * found.part_size
        told.append({"number": number, "url": url, "from": start, "to": start + size_of_part(found, number)})
    return told


def _signed(found: UploadView, server: Server, number: int) -> str:
    query = _signer(server).query(_thing(found.id, number), found.expires_at)
    return f"{router.prefix}/{found.id}/parts/{number}?{query}"
