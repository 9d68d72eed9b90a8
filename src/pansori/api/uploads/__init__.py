"""Files of any size: in forms, resumable by tus, and in parts that go straight to the store."""

from typing import Final

from pansori.api.limits import LargeBody
from pansori.api.routing import Router
from pansori.api.uploads import parts, tus
from pansori.api.uploads._pump import drain
from pansori.api.uploads.form import ReceivedForm, file_body, receive, receive_file, receive_form, receive_some

ROUTERS: Final[tuple[Router, ...]] = (tus.router, parts.router)  # `tus` is no upload's id
LARGE_BODIES: Final = (
    LargeBody("POST", "/v1/uploads/tus(/[^/]+)?"),
    LargeBody("PATCH", "/v1/uploads/tus/[^/]+"),
    LargeBody("PUT", "/v1/uploads/[^/]+/parts/[^/]+"),
)
EXPOSED: Final = (
    "Content-Location",
    "Tus-Checksum-Algorithm",
    "Tus-Extension",
    "Tus-Max-Size",
    "Tus-Resumable",
    "Tus-Version",
    "Upload-Defer-Length",
    "Upload-Expires",
    "Upload-Length",
    "Upload-Metadata",
    "Upload-Offset",
)
"""Headers of answers that pages of other origins may read."""

__all__ = [
    "EXPOSED",
    "LARGE_BODIES",
    "ROUTERS",
    "ReceivedForm",
    "drain",
    "file_body",
    "receive",
    "receive_file",
    "receive_form",
    "receive_some",
]
