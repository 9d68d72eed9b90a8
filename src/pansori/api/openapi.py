"""The OpenAPI document: FastAPI's, with the tasks of each kind of job and the options of each engine."""

from __future__ import annotations

import json
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from pansori.api import cookies
from pansori.domain.jobs import JsonDict
from pansori.domain.tasks import Family
from pansori.workflows import Services

COMPOSED = {"SongTask", "GenerationTask", "GenerationRequest"}  #: whose `options` are a composing engine's
OURS = {
    "jobs",
    "analyses",
    "assets",
    "engines",
    "library",
    "server",
    "auth",
    "account",
    "uploads",
}  #: tags of routes that are no document's
PROBLEM: JsonDict = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "A URN that ends in the code."},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What happened, in English or Korean (`Accept-Language`)."},
        "code": {"type": "string", "description": "Stable name of the error."},
        "field": {"type": "string", "description": "Where in the request the cause is."},
        "cure": {"type": "string", "description": "What would help."},
        "request_id": {"type": "string", "description": "By which the server's log knows this request."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "type": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
LOGINS: JsonDict = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A login's token, or an API key."},
    "cookie": {"type": "apiKey", "in": "cookie", "name": cookies.NAME},
}
REFERENCE = "#/components/schemas/{model}"
PROBLEM_ANSWER: JsonDict = {
    "description": "A problem (RFC 9457).",
    "content": {"application/problem+json": {"schema": {"$ref": REFERENCE.format(model="Problem")}}},
}


def complete(app: FastAPI, services: Services) -> None:
    """Let the application's document say what it cannot know by itself."""

    def document() -> JsonDict:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, services)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI's own way of extending it


def render(app: FastAPI) -> str:
    """The document as it is kept in the repository."""
    return json.dumps(app.openapi(), ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _document(app: FastAPI, services: Services) -> JsonDict:
    document = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    schemas.update(_tasks(services))
    options = _options(services)
    schemas.update(options)
    request = schemas.get("JobRequest")
    if request is not None:
        names = {kind: workflow.Task.__name__ for kind, workflow in services.workflows.items()}
        request["properties"]["kind"]["enum"] = sorted(names)
        request["properties"]["task"] = {"anyOf": [_ref(name) for _, name in sorted(names.items())]}
    composers = [_ref(name) for name in sorted(options) if name.startswith(f"{Family.COMPOSE}.")]
    for name in COMPOSED & schemas.keys():
        schemas[name]["properties"]["options"] = {"anyOf": composers}
    _problems(document)
    document["components"]["securitySchemes"] = LOGINS
    document["security"] = [{name: []} for name in LOGINS] + [{}]
    return document


def _problems(document: JsonDict) -> None:
    """Our own routes tell of every error as a problem; contracts say themselves what theirs look like."""
    document["components"]["schemas"]["Problem"] = PROBLEM
    for methods in document["paths"].values():
        for operation in methods.values():
            if OURS & set(operation.get("tags", ())):
                operation["responses"].pop("422", None)
                operation["responses"]["default"] = PROBLEM_ANSWER


def _tasks(services: Services) -> JsonDict:
    models: list[Any] = [(workflow.Task, "validation") for workflow in services.workflows.values()]
    _, definitions = models_json_schema(models, ref_template=REFERENCE)
    found: JsonDict = definitions["$defs"]
    return found


def _options(services: Services) -> JsonDict:
    """The options of every engine that can be loaded, under `family.name`."""
    return {
        f"{engine['family']}.{engine['name']}": {**engine["options"], "title": f"Options of {engine['name']}"}
        for engine in services.registry.descriptions()
        if engine["options"] is not None
    }


def _ref(name: str) -> JsonDict:
    return {"$ref": REFERENCE.format(model=name)}
