"""Every route that the program answers, pages included, as it is put together when it serves."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Any

from fastapi.routing import APIRoute, iter_route_contexts

from pansori import api, web
from pansori.bootstrap import assemble
from pansori.settings import Settings

PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


@dataclass(frozen=True)
class Address:
    method: str
    path: str
    query: tuple[str, ...] = ()
    """Names of the parameters in its query."""

    @property
    def parameters(self) -> tuple[str, ...]:
        return tuple(PARAMETER.findall(self.path))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@functools.cache
def _app(pages: bool = True) -> Any:
    extend = web.install if pages else None
    return api.create_app(assemble(Settings.model_construct(mode="accounts")), extend=extend)


@functools.cache
def addresses(*, pages: bool = True) -> tuple[Address, ...]:
    """Whatever is added to the program is among them. `pages`: those that only browsers ask for, too."""
    found = set()
    for context in iter_route_contexts(_app(pages).routes):
        route = context.original_route
        query = tuple(field.alias for field in route.dependant.query_params) if isinstance(route, APIRoute) else ()
        found |= {Address(method, context.path or "", query) for method in context.methods or ()}
    return tuple(sorted(found, key=str))


def example_body(address: Address, things: dict[str, list[str]]) -> Any:
    """A body that the route takes, as its description has it; lists of ids are filled with `things`. None: it takes
    none."""
    document = _app().openapi()
    operations = document["paths"].get(address.path) or document["paths"].get(f"{address.path}/") or {}
    operation = operations.get(address.method.lower(), {})
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    return None if content is None else _example(content["schema"], document, things)


def _example(schema: Any, document: Any, things: dict[str, list[str]]) -> Any:
    if "$ref" in schema:
        return _example(document["components"]["schemas"][schema["$ref"].rpartition("/")[2]], document, things)
    for kind in ("anyOf", "oneOf", "allOf"):
        if kind in schema:
            return _example(schema[kind][0], document, things)
    for given in ("default", "const"):
        if given in schema:
            return schema[given]
    for given in ("examples", "enum"):
        if given in schema:
            return schema[given][0]
    return _plain(schema, document, things)


def _plain(schema: Any, document: Any, things: dict[str, list[str]]) -> Any:
    if schema.get("type") == "object":
        needed = schema.get("required", ())
        return {
            name: things["track_id"] + things["job_id"] if name == "ids" else _example(one, document, things)
            for name, one in schema.get("properties", {}).items()
            if name in needed
        }
    plain: dict[str, Any] = {"string": "some words", "array": [], "boolean": True, "null": None}
    return plain.get(schema.get("type", "string"), schema.get("minimum", 1))
