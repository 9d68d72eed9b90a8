"""`/assets/…`: scripts, styles and fonts; and the choice of light or dark."""

from __future__ import annotations

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import Response

from pansori.api.routing import Router
from pansori.web.assets import answer
from pansori.web.frame import THEME_COOKIE, PageDep, Theme

router = Router(include_in_schema=False)


@router.get("/assets/{name}")
def asset(name: str, request: Request) -> Response:
    return answer(request, request.app.state.site.assets.served(name))


@router.get("/favicon.ico")
def icon(request: Request) -> Response:
    return answer(request, request.app.state.site.assets.file("icon.svg"))


@router.post("/app/appearance")
def appearance(
    page: PageDep, theme: Annotated[Theme, Form()] = "auto", after: Annotated[str, Form(alias="next")] = "/"
) -> Response:
    """Light, dark, or as the reader's system is."""
    response = page.go(after)
    page.remember(response, THEME_COOKIE, theme)
    return response
