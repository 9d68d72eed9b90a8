"""Routers whose every GET answers HEAD as well, and which methods an address takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter, Request
from starlette.routing import Match

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Router(APIRouter):
    """What RFC 9110 §9.1 asks of every server: GET and HEAD. The document speaks of GET alone."""

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().add_api_route(path, endpoint, **options)
        if set(options.get("methods") or ()) == {"GET"}:
            super().add_api_route(path, endpoint, **{**options, "methods": ["HEAD"], "include_in_schema": False})


def allowed_methods(request: Request) -> str:
    """The value of `Allow` (RFC 9110 §10.2.1) for the request's address: what any of its routes takes."""

    def takes(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(method for method in METHODS if takes(method))
