"""`/docs` and `/redoc`, with scripts from this server alone and none inside the page."""

from __future__ import annotations

import secrets
from functools import cache
from importlib.resources import files

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from pansori.api.edge import POLICY, SAFETY
from pansori.api.routing import Router

router = Router(include_in_schema=False)
PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="/docs/static/favicon.png">
{head}
</head>
<body>
{body}
</body>
</html>
"""
SWAGGER_HEAD = '<link rel="stylesheet" href="/docs/static/swagger-ui.css">'
SWAGGER_BODY = """<div id="swagger-ui"></div>
<script src="/docs/static/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>"""
START = """SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
});
"""
REDOC_BODY = """<redoc spec-url="/openapi.json" disable-search></redoc>
<script src="/docs/redoc.js" nonce="{nonce}"></script>"""
REDOC_CHANGES = {
    b"https://cdn.redoc.ly/redoc/logo-mini.svg": b"data:,",  # its maker's logo, which would come from another host
    b"n.nc=void 0": b"n.nc=document.currentScript.nonce",  # what it gives the style sheets that it makes while it runs
}


@router.get("/docs")
async def swagger() -> HTMLResponse:
    return HTMLResponse(PAGE.format(title="Pansori: API", head=SWAGGER_HEAD, body=SWAGGER_BODY))


@router.get("/docs/start.js")
async def start() -> Response:
    return Response(START, media_type="text/javascript")


@router.get("/redoc")
async def redoc() -> HTMLResponse:
    nonce = secrets.token_urlsafe(12)
    policy = SAFETY[POLICY].replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
    body = REDOC_BODY.format(nonce=nonce)
    return HTMLResponse(PAGE.format(title="Pansori: API", head="", body=body), headers={POLICY: policy})


@router.get("/docs/redoc.js")
async def redoc_script() -> Response:
    return Response(_redoc(), media_type="text/javascript")


@cache
def _redoc() -> bytes:
    bundle = files("fastapi_offline").joinpath("static", "redoc.standalone.js").read_bytes()
    for theirs, ours in REDOC_CHANGES.items():
        bundle = bundle.replace(theirs, ours)
    return bundle


def add_pages(app: FastAPI) -> None:
    router.add_to(app)
    app.mount("/docs/static", StaticFiles(packages=[("fastapi_offline", "static")]), name="docs-static")
