"""Routers whose every GET answers HEAD as well, and which methods an address takes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.routing import Match, compile_path, get_name

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


def operation_id(route: APIRoute) -> str:
    """What the document calls an operation."""
    return f"{route.tags[0]}_{route.name}" if route.tags else route.name


def _late(kind: type[APIRoute]) -> type[APIRoute]:
    """Routes of that kind which are found by their address at once. The rest of one is made when it is first asked for
    or described: that takes milliseconds, and there are hundreds."""

    class Late(kind):  # type: ignore[valid-type,misc]  # a class that is given
        def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
            self.path, self.endpoint, self.name = path, endpoint, options["name"] or get_name(endpoint)
            self.methods, self.include_in_schema = set(options["methods"]), options["include_in_schema"]
            self.path_regex, self.path_format, self.param_convertors = compile_path(path)
            self._make = partial(kind, path, endpoint, **options)

        def __getattr__(self, name: str) -> Any:
            if "app" not in self.__dict__:
                self.__dict__.update(self._make().__dict__)  # at once: two threads may ask
            return object.__getattribute__(self, name)

    return Late


class Router(APIRouter):
    """What RFC 9110 §9.1 asks of every server: GET and HEAD. The document speaks of GET alone."""

    def __init__(self, route_class: type[APIRoute] = APIRoute, **options: Any) -> None:
        super().__init__(route_class=_late(route_class), generate_unique_id_function=operation_id, **options)

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().add_api_route(path, endpoint, **options)
        if set(options.get("methods") or ()) == {"GET"}:
            super().add_api_route(path, endpoint, **options | {"methods": ["HEAD"], "include_in_schema": False})

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
