"""Bytes of assets to clients, whole or in part (RFC 9110 §13 and §14)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Literal
from urllib.parse import quote

from fastapi import Request
from fastapi.responses import Response, StreamingResponse
from starlette.exceptions import HTTPException

from pansori.api.fields import combined
from pansori.api.sendfile import FileSpan
from pansori.domain.units import Bytes
from pansori.media import CHUNK, AssetInfo, Assets, Representation
from pansori.media import deliver as answer

Disposition = Literal["inline", "attachment"]
SHOWN = ("audio/", "video/", "image/png", "image/jpeg", "image/webp", "application/json", "text/plain")
"""Types that may be shown in a browser instead of saved: none of them runs scripts."""
ISOLATED = {"Content-Security-Policy": "default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox"}


def content_path(asset_id: object) -> str:
    """Where the bytes of an asset are, from this server's root."""
    return f"/v1/assets/{asset_id}/content"


def content_disposition(name: str, how: Disposition) -> str:
    """RFC 6266: an ASCII name for old clients, and the true one encoded by RFC 8187 where they differ."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\\\%' else "_" for c in name)
    header = f'{how}; filename="{plain}"'
    return header if plain == name else f"{header}; filename*=UTF-8''{quote(name, safe='')}"


def deliver(
    request: Request, assets: Assets, info: AssetInfo, *, name: str | None = None, how: Disposition | None = None
) -> Response:
    """The asset, as the request's method, preconditions and range ask for it. Raises `HTTPException` where they cannot
    be met."""
    how = how or ("inline" if info.media_type.startswith(SHOWN) else "attachment")
    file = Representation(size=info.size, sha256=info.sha256, modified=info.created_at)
    part = answer(request.method, combined(request.headers), file)
    headers = {**ISOLATED, "Cache-Control": "private, no-cache", **part.headers}
    if part.status in (412, 416):
        raise HTTPException(part.status, headers=part.headers)
    headers["Content-Disposition"] = disposition = content_disposition(name or info.name, how)
    if part.status == 304:
        return Response(None, 304, headers)
    if request.method == "HEAD":
        return Response(None, part.status, headers, info.media_type)
    if (link := assets.link(info, disposition)) is not None:  # where the Range is sent again, and answered
        return Response(None, 307, {**ISOLATED, "Cache-Control": "no-store", "Location": link})
    if FileSpan.offered(request) and (path := assets.local_path(info)) is not None:
        return FileSpan(path, part.start, part.end, part.status, headers, info.media_type)
    return StreamingResponse(assets.read(info, part.start, part.end), part.status, headers, info.media_type)


def deliver_once(request: Request, file: BinaryIO, size: Bytes, media_type: str, *, name: str) -> Response:
    """A file that nobody keeps, to be saved. It is closed when it was read; parts of it are not to be had."""
    headers = {
        **ISOLATED,
        "Cache-Control": "no-store",
        "Accept-Ranges": "none",
        "Content-Length": str(size),
        "Content-Disposition": content_disposition(name, "attachment"),
    }
    if request.method == "HEAD":
        file.close()
        return Response(None, 200, headers, media_type)
    return StreamingResponse(_pieces(file), 200, headers, media_type)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece
