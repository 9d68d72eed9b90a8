"""`/v1/assets`: stored files, as facts and as bytes."""

from __future__ import annotations

from fastapi import Request
from fastapi.responses import Response

from pansori.api.delivery import deliver
from pansori.api.deps import OwnerDep, ServerDep, ServicesDep, parse_id
from pansori.api.routing import Router
from pansori.api.shown import Asset, told_asset
from pansori.api.uploads import file_body, receive_file
from pansori.domain.errors import Text
from pansori.domain.jobs import JsonDict
from pansori.media import AssetInfo

router = Router(prefix="/v1/assets", tags=["assets"])
CONTENT: JsonDict = {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}


@router.post("", status_code=201, response_model=Asset, openapi_extra=file_body())
async def store_asset(request: Request, response: Response, server: ServerDep, owner: OwnerDep) -> JsonDict:
    """Store the file `file` of a form, of up to `PANSORI_MAX_UPLOAD` bytes. It is stored as it arrives; of what is
    broken off nothing is kept. For uploads that can be resumed see `/v1/uploads`."""
    asset = await receive_file(request, server, owner)
    response.headers["Location"] = f"/v1/assets/{asset.id}"
    return told_asset(asset)


@router.get("/{asset_id}", response_model=Asset)
def asset(asset_id: str, services: ServicesDep, owner: OwnerDep) -> JsonDict:
    """Facts of a stored file: name, type, size, SHA-256, duration, and the path of its bytes."""
    return told_asset(_find(asset_id, services, owner))


@router.get("/{asset_id}/content", response_class=Response, responses={200: CONTENT})
def asset_content(asset_id: str, request: Request, services: ServicesDep, owner: OwnerDep) -> Response:
    """The bytes. Ranges and preconditions are understood; the entity tag is the SHA-256."""
    return deliver(request, services.assets, _find(asset_id, services, owner))


def _find(asset_id: str, services: ServicesDep, owner: OwnerDep) -> AssetInfo:
    missing = Text("There is no such file.", "그런 파일은 없어요.")
    with services.database.read() as session:
        return services.assets.info(session, parse_id(asset_id, missing), owner=owner)
