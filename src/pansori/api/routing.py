"""Routers whose every GET answers HEAD as well, and which methods an address takes."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import Match

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def operation_id(route: APIRoute) -> str:
    """What the document calls an operation."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


class Router(APIRouter):
    """What RFC 9110 §9.1 asks of every server: GET and HEAD. The document speaks of GET alone."""

    def __init__(self, **options: Any) -> None:
        super().__init__(generate_unique_id_function=operation_id, **options)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().add_api_route(path, endpoint, **options)
        if set(options.get("methods") or ()) == {"GET"}:
            head = copy(self.routes[-1])  # a route takes milliseconds to make, and there are hundreds
            assert isinstance(head, APIRoute)
            head.methods, head.include_in_schema = {"HEAD"}, False
            self.routes.append(head)

    def add_to(self, app: FastAPI) -> None:
        """Let the app answer what this router does. Its routes are taken as they are: FastAPI's `include_router` makes
        all of them anew for each app when it is first asked for anything, and looks through them more slowly."""
        app.router.routes.extend(self.routes)


def allowed_methods(request: Request) -> str:
    """The value of `Allow` (RFC 9110 §10.2.1) for the request's address: what any of its routes takes."""

    def takes(method: str) -> bool:
        scope = {**request.scope, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)

    return ", ".join(method for method in METHODS if takes(method))
